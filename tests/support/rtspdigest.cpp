#include "support/rtspdigest.hpp"

#include "support/httpdigest.hpp"

namespace camera {
namespace {

bool offers(RtspDigest::Algorithms offered, bool sha256) {
    return offered == RtspDigest::Algorithms::Both ||
           sha256 == (offered == RtspDigest::Algorithms::Sha256);
}

} // namespace

std::vector<std::string> RtspDigest::challenges(const std::string& nonce,
                                                Algorithms offered) const {
    const std::string common = "Digest realm=\"" + realm_ + "\", nonce=\"" + nonce + "\"";
    std::vector<std::string> all;
    if (offers(offered, true))
        all.push_back(common + ", algorithm=SHA-256");
    if (offers(offered, false))
        all.push_back(common);
    return all;
}

bool RtspDigest::granted(const std::string& authorization, const std::string& method,
                         const std::string& uri, const std::string& nonce,
                         Algorithms offered) const {
    auto said = digestFields(authorization);
    net::DigestChallenge challenge;
    challenge.realm = realm_;
    challenge.nonce = nonce;
    challenge.algorithm = said["algorithm"];
    if (!challenge.supported() || !offers(offered, challenge.sha256()) || said["nonce"] != nonce ||
        said["username"] != credentials_.user || said["uri"] != uri)
        return false;
    const auto right = digestFields(
        net::digestAuthorization(challenge, credentials_, {method, said["uri"], {}, {}, 1}));
    const auto response = right.find("response");
    return response != right.end() && equalInConstantTime(response->second, said["response"]);
}

} // namespace camera
