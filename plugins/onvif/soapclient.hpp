#pragma once

#include "base/error.hpp"
#include "deviceclock.hpp"
#include "net/digest.hpp"
#include "net/httpclient.hpp"
#include "net/xml.hpp"
#include "refusals.hpp"
#include "soapmessage.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace onvif {

/// A SOAP fault as an exception: the operation was heard and refused.
class SoapFault : public base::Error {
public:
    SoapFault(base::ErrorKind kind, const std::string& message, Fault fault)
        : Error(kind, message, fault.text()), fault_(std::move(fault)) {}
    const Fault& fault() const { return fault_; }

private:
    Fault fault_;
};

/// Whether a device that knows the question otherwise might know it in another way. What it does
/// not know it answers with a fault, a page, nothing, or by hanging up (quirk H2); a refused
/// password is the same for every question.
inline bool notUnderstood(const base::Error& error) {
    return error.kind() != base::ErrorKind::NotAuthorized;
}

/// The answer to an operation; `response` is the element that the operation is answered with.
struct SoapReply {
    net::XmlDocument document;
    net::XmlNode response;
};

/// How a device let us in.
enum class Authentication { None, Digest, UsernameToken };

/// Real HTTP, or a recording in tests.
using Exchange = std::function<net::HttpResponse(const net::HttpRequest&)>;
/// Sees every message, redacted: for a log at its most talkative level.
using Trace = std::function<void(const std::string& what, const std::string& redactedText)>;

/// SOAP with the ladder of authentication: every first call to a server goes bare, which costs no
/// login attempt; a 401 with a Digest challenge is answered with HTTP Digest, any other refusal
/// with WS-UsernameToken, never both (ONVIF Core, "Authentication over HTTP and HTTPS"). After one
/// rejection nothing is sent for a while, here and by others of this process (`Refusals`), because
/// devices lock accounts after a handful. One more try is made with our clock, where the device's
/// cannot be right. Who was let in and is denied one operation may still do the others.
///
/// A login holds for one server (scheme, host, port): at another port of the host, and after a
/// redirect to one, it starts over bare. Everything here belongs to one thread.
class SoapClient {
public:
    SoapClient(Exchange exchange, net::Credentials credentials, Trace trace = {},
               Refusals& refusals = Refusals::ofProcess(), net::Cancel cancel = {});

    /// With `mayLogIn` false a refusal is not answered with credentials. Throws base::Error,
    /// SoapFault, net::Cancelled. A redirect of a service address is remembered in `url`.
    SoapReply call(std::string& url, const Operation& operation, bool mayLogIn = true);

    /// The device's clock, for the UsernameToken.
    DeviceClock& clock() { return clock_; }

    Authentication authentication() const { return last_; }
    /// "none", "digest MD5", "digest SHA-256", "username token".
    const std::string& authenticationName() const { return lastName_; }
    bool hasCredentials() const { return !credentials_.user.empty(); }
    /// The Date header of the last answer, if it had one.
    const std::optional<DeviceClock::TimePoint>& serverDate() const { return date_; }

private:
    struct Answer;
    /// How far we are with one server.
    struct Login {
        Authentication scheme = Authentication::None;
        net::DigestLogin digest;
        bool proven = false; ///< it has taken our credentials once
        /// What this user may not do, and until when it is not asked again.
        std::map<std::string, Refusals::Clock::time_point> denied;
    };

    net::HttpRequest requestFor(const std::string& url, const Operation& operation);
    net::HttpResponse exchange(std::string& url, const Operation& operation, bool& credentialsSent);
    Answer send(std::string& url, const Operation& operation);
    Answer post(std::string& url, const Operation& operation);
    Answer logIn(std::string& url, const Operation& operation, const Answer& refusal);
    Answer tryOnce(std::string& url, const Operation& operation, const Answer& refusal);
    Login& loginAt(const std::string& url);
    std::string securityHeader() const;
    void remember(const Login& login);
    void checkMayTry(const std::string& url) const;
    void checkMayDo(const std::string& url, const Operation& operation);
    [[noreturn]] void deny(const std::string& url, const Operation& operation,
                           const Answer& refusal);
    [[noreturn]] void refuse(const std::string& url);

    Exchange exchange_;
    net::Credentials credentials_;
    Trace trace_;
    Refusals& refusals_;
    const net::Cancel cancel_; ///< ends waiting for another's login
    DeviceClock clock_;
    bool hostClock_ = false; ///< the device's clock was refused
    bool sendAction_ = true; ///< some need action="…" in the content type, few refuse it
    std::map<std::string, Login> logins_; ///< by origin
    std::optional<base::Error> refused_;
    std::string refusedAt_; ///< the origin
    std::optional<DeviceClock::TimePoint> date_;
    Authentication last_ = Authentication::None;
    std::string lastName_ = "none";
};

} // namespace onvif
