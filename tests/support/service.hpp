#pragma once

#include "support/soap.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace camera {

/// How a client reached the camera, so that every address in an answer is one it can reach too
/// (ONVIF core specification, "Capability exchange").
struct Caller {
    std::string host; ///< of the camera as seen from there, IPv6 in brackets
    unsigned port = 0;
    std::string query = {};                  ///< of the request's target
    std::optional<net::XmlNode> header = {}; ///< of the envelope

    std::string origin() const { return "http://" + host + ":" + std::to_string(port); }
};

/// Thrown by an operation that gives no answer: the connection is closed.
struct HangUp {};

/// Who may call: the camera's address and clock are told to everybody, because nobody can log in
/// without them (class PRE_AUTH of the core specification's default access policy).
enum class Access { Everybody, Users };

/// One ONVIF service: a path, a name space, and its operations by local name.
struct Service {
    /// Returns the content of the SOAP body; throws SoapFault.
    using Handler = std::function<std::string(const net::XmlNode& arguments, const Caller&)>;
    /// For an answer that takes its time: `answer` is called in the server's thread, once.
    using Answer = std::function<void(const std::string& body)>;
    using LateHandler =
        std::function<void(const net::XmlNode& arguments, const Caller&, const Answer& answer)>;
    struct Operation {
        Access access = Access::Users;
        Handler handler;
        LateHandler late = {}; ///< instead of `handler`
    };

    std::string path;
    std::string nameSpace; ///< empty: GetServices does not list it
    int versionMajor = 0;
    int versionMinor = 0;
    std::string capabilities;          ///< the Capabilities element of GetServiceCapabilities
    const char* absentUnder = nullptr; ///< the ill that takes the service away

    // How the older GetCapabilities tells of it.
    std::string category;   ///< "Media"; empty: not at all
    bool extension = false; ///< below Extension, as later services are
    std::string legacy;     ///< what stands behind its address

    std::map<std::string, Operation> operations;

    /// Adds GetServiceCapabilities; `prefix` is the one of the service's elements.
    void tellCapabilities(const std::string& prefix);
};

} // namespace camera
