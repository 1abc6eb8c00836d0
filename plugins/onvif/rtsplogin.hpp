#pragma once

#include "net/digest.hpp"

#include <string>
#include <utility>
#include <vector>

namespace onvif {

/// Logs in to the stream of a camera that wants SHA-256 (RFC 7616), which rtspsrc cannot. What
/// rtspsrc can answer, MD5 and Basic alone, is left to it. A refused login is not repeated: cameras
/// lock accounts.
class RtspLogin {
public:
    explicit RtspLogin(net::Credentials credentials) : credentials_(std::move(credentials)) {}

    enum class Verdict {
        NotOurs, ///< rtspsrc knows what to do
        Again,   ///< the same request once more, with `authorization`
        Refused, ///< the camera did not take what it was shown
    };
    /// What a 401 answer says: its WWW-Authenticate headers.
    Verdict judge(const std::vector<std::string>& challenges);

    /// The camera has answered otherwise than with 401.
    void accepted() { proven_ = login_.active(); }

    /// The Authorization header of the next request; empty where it needs none from us.
    std::string authorization(const std::string& method, const std::string& uri);

private:
    net::Credentials credentials_;
    net::DigestLogin login_;
    bool shown_ = false;  ///< the challenge that we have was answered
    bool proven_ = false; ///< and the camera took the answer
};

} // namespace onvif
