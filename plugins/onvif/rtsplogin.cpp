#include "rtsplogin.hpp"

#include <algorithm>

namespace onvif {

RtspLogin::Verdict RtspLogin::judge(const std::vector<std::string>& headers) {
    const auto challenges = net::digestChallenges(headers);
    const auto usable = [](const net::DigestChallenge& c) { return c.supported(); };
    const bool sha256 =
        std::any_of(challenges.begin(), challenges.end(),
                    [&](const net::DigestChallenge& c) { return usable(c) && c.sha256(); });
    if (!sha256 || credentials_.user.empty())
        return login_.active() ? Verdict::Refused : Verdict::NotOurs;
    // A nonce that has grown too old, or was another connection's, says nothing against the
    // password.
    const bool stale = std::any_of(challenges.begin(), challenges.end(),
                                   [](const net::DigestChallenge& c) { return c.stale; });
    if (shown_ && !proven_ && !stale)
        return Verdict::Refused;
    login_.take(challenges);
    shown_ = proven_ = false;
    return Verdict::Again;
}

std::string RtspLogin::authorization(const std::string& method, const std::string& uri) {
    if (!login_.active())
        return {};
    shown_ = true;
    return login_.authorization(credentials_, method, uri);
}

} // namespace onvif
