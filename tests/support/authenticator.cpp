#include "support/authenticator.hpp"

namespace camera {
namespace {

std::vector<std::string> algorithmsOf(Auth mode) {
    if (mode == Auth::DigestSha256)
        return {"SHA-256"};
    if (mode == Auth::DigestBoth)
        return {"SHA-256", "MD5"};
    // MD5 first, against RFC 7616 section 3.7: many clients read only the first Digest challenge
    // and give up on SHA-256.
    return {"MD5", "SHA-256"};
}

} // namespace

Authenticator::Authenticator(Auth mode, const std::string& user, const std::string& password,
                             const Ills& ills, Lockout& lockout)
    : mode_(mode), ills_(ills), lockout_(lockout),
      digest_(user, password, "Virtual camera", algorithmsOf(mode)), token_(user, password) {}

AuthVerdict Authenticator::refusedByDigest(bool stale) const {
    return {false, 401, digest_.challenges(HttpDigest::Clock::now(), stale), stale};
}

AuthVerdict Authenticator::judgeHttp(const Proof& proof) {
    const auto verdict =
        digest_.check(proof.authorization, proof.method, proof.target, HttpDigest::Clock::now());
    if (verdict == DigestVerdict::Granted)
        return {true, 200, {}};
    return refusedByDigest(verdict == DigestVerdict::Stale);
}

AuthVerdict Authenticator::judgeCall(const Proof& proof) {
    const bool knowsToken = mode_ == Auth::Wsse || mode_ == Auth::Both;
    const bool knowsDigest = mode_ != Auth::Wsse;
    const auto tokenVerdict = [&]() -> AuthVerdict {
        const auto now =
            UsernameToken::Clock::now() + std::chrono::seconds(ills_.number("clock-skew"));
        if (proof.token && token_.check(*proof.token, now))
            return {true, 200, {}};
        return {false, 400, {}};
    };
    if (!knowsDigest)
        return tokenVerdict();
    if (knowsToken && proof.token && proof.authorization.empty())
        return tokenVerdict();
    const AuthVerdict byDigest = judgeHttp(proof);
    // Both at once: digest is validated first, and then the token too.
    if (byDigest.granted && knowsToken && proof.token)
        return tokenVerdict();
    return byDigest;
}

/// Who brings nothing, or an old nonce, has not guessed a password.
AuthVerdict Authenticator::counted(AuthVerdict verdict, const Proof& proof) {
    const auto now = Lockout::Clock::now();
    if (verdict.granted)
        lockout_.right();
    else if (proof.any() && !verdict.stale)
        lockout_.wrong(now);
    return verdict;
}

AuthVerdict Authenticator::checkHttp(const Proof& proof) {
    if (mode_ == Auth::None)
        return {true, 200, {}};
    if (lockout_.locked(Lockout::Clock::now()))
        return refusedByDigest(false);
    return counted(judgeHttp(proof), proof);
}

AuthVerdict Authenticator::checkCall(const Proof& proof) {
    if (mode_ == Auth::None)
        return {true, 200, {}};
    if (lockout_.locked(Lockout::Clock::now()))
        return mode_ == Auth::Wsse ? AuthVerdict{false, 400, {}} : refusedByDigest(false);
    return counted(judgeCall(proof), proof);
}

} // namespace camera
