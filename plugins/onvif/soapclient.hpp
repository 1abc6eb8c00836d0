#pragma once

#include "base/error.hpp"
#include "net/digest.hpp"
#include "net/httpclient.hpp"
#include "net/xml.hpp"
#include "soapmessage.hpp"

#include <chrono>
#include <functional>
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

/// The answer to an operation; `response` is the element that the operation is answered with.
struct SoapReply {
    net::XmlDocument document;
    net::XmlNode response;
};

/// How a device let us in.
enum class Authentication { None, Digest, UsernameToken };

/// SOAP over an exchange function (real HTTP, or a recording in tests), with the ladder of
/// authentication: every first call goes bare, which costs no login attempt; a 401 with a Digest
/// challenge is answered with HTTP Digest, any other refusal with WS-UsernameToken, never both
/// (ONVIF Core, "Authentication over HTTP and HTTPS"). After one rejection nothing is sent any
/// more, because devices lock accounts after a handful.
class SoapClient {
public:
    using Exchange = std::function<net::HttpResponse(const net::HttpRequest&)>;
    /// Sees every message, redacted: for a log at its most talkative level.
    using Trace = std::function<void(const std::string& what, const std::string& redactedText)>;

    SoapClient(Exchange exchange, net::Credentials credentials, Trace trace = {});

    /// With `mayLogIn` false a refusal is not answered with credentials. Throws base::Error,
    /// SoapFault, net::Cancelled. A redirect of a service address is remembered in `url`.
    SoapReply call(std::string& url, const Operation& operation, bool mayLogIn = true);

    /// The device's clock, for the UsernameToken: its time now, kept against the monotonic clock.
    void setDeviceTime(std::chrono::system_clock::time_point now);

    Authentication authentication() const { return scheme_; }
    /// "none", "digest MD5", "digest SHA-256", "username token".
    std::string authenticationName() const;
    bool hasCredentials() const { return !credentials_.user.empty(); }
    /// The Date header of the last answer, if it had one.
    const std::optional<std::chrono::system_clock::time_point>& serverDate() const { return date_; }

private:
    struct Answer;
    Answer post(std::string& url, const Operation& operation);
    Answer send(std::string& url, const Operation& operation);
    Answer logIn(std::string& url, const Operation& operation, const Answer& refusal);
    void chooseScheme(const Answer& refusal);
    std::string authorization(const std::string& target, const std::string& body);
    std::string securityHeader() const;
    [[noreturn]] void refuse(const std::string& host);

    Exchange exchange_;
    net::Credentials credentials_;
    Trace trace_;
    Authentication scheme_ = Authentication::None;
    std::optional<net::DigestChallenge> challenge_;
    unsigned nonceCount_ = 0;
    bool proven_ = false;    ///< the device has taken our credentials once
    bool sendAction_ = true; ///< some need action="…" in the content type, few refuse it
    std::optional<base::Error> refused_;
    std::optional<std::chrono::system_clock::time_point> deviceTime_, date_;
    std::chrono::steady_clock::time_point deviceTimeAt_;
};

} // namespace onvif
