#include "support/authenticator.hpp"

namespace camera {

Authenticator::Authenticator(Auth mode, const std::string& user, const std::string& password)
    : mode_(mode), digest_(user, password, "Virtual camera"), token_(user, password) {}

AuthVerdict Authenticator::refusedByDigest(bool stale) const {
    return {false, 401, digest_.challenges(HttpDigest::Clock::now(), stale)};
}

AuthVerdict Authenticator::checkHttp(const Proof& proof) {
    if (mode_ == Auth::None)
        return {true, 200, {}};
    const auto verdict =
        digest_.check(proof.authorization, proof.method, proof.target, HttpDigest::Clock::now());
    if (verdict == DigestVerdict::Granted)
        return {true, 200, {}};
    return refusedByDigest(verdict == DigestVerdict::Stale);
}

AuthVerdict Authenticator::checkCall(const Proof& proof) {
    const bool knowsToken = mode_ == Auth::Wsse || mode_ == Auth::Both;
    const bool knowsDigest = mode_ == Auth::Digest || mode_ == Auth::Both;
    const auto tokenVerdict = [&]() -> AuthVerdict {
        if (proof.token && token_.check(*proof.token, UsernameToken::Clock::now()))
            return {true, 200, {}};
        return {false, 400, {}};
    };
    if (mode_ == Auth::None)
        return {true, 200, {}};
    if (!knowsDigest)
        return tokenVerdict();
    if (knowsToken && proof.token && proof.authorization.empty())
        return tokenVerdict();
    const AuthVerdict byDigest = checkHttp(proof);
    // Both at once: digest is validated first, and then the token too.
    if (byDigest.granted && knowsToken && proof.token)
        return tokenVerdict();
    return byDigest;
}

} // namespace camera
