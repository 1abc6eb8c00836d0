#include "soapclient.hpp"

#include "net/random.hpp"
#include "net/url.hpp"
#include "redact.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace onvif {

namespace {

using std::chrono::system_clock;

std::string utcText(system_clock::time_point time) {
    const std::time_t seconds = system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/// "Tue, 15 Nov 1994 08:12:31 GMT" (RFC 9110 section 5.6.7). Not strptime: that follows the locale.
std::optional<system_clock::time_point> httpDate(const std::string& text) {
    std::tm parts{};
    char month[4] = "";
    if (std::sscanf(text.c_str(), "%*3c, %2d %3c %4d %2d:%2d:%2d GMT", &parts.tm_mday, month,
                    &parts.tm_year, &parts.tm_hour, &parts.tm_min, &parts.tm_sec) != 6)
        return std::nullopt;
    const auto at = std::string("JanFebMarAprMayJunJulAugSepOctNovDec").find(month);
    if (at == std::string::npos || at % 3 != 0 || parts.tm_year < 1970)
        return std::nullopt;
    parts.tm_mon = static_cast<int>(at / 3);
    parts.tm_year -= 1900;
    return system_clock::from_time_t(timegm(&parts));
}

std::string authorityOf(const std::string& url) {
    const auto parsed = net::Url::parse(url);
    return parsed ? parsed->authority() : "the device";
}

} // namespace

struct SoapClient::Answer {
    int status = 0;
    bool empty = false;
    std::vector<net::DigestChallenge> challenges;
    std::optional<net::XmlDocument> document;
    std::optional<Fault> fault;
    std::string notXml; ///< why not, when there was a body

    /// Refusals come as 401, as 403, as a fault of any status, and as 200 with nothing in it.
    bool unauthorised() const {
        return status == 401 || status == 403 || (fault && fault->notAuthorized()) ||
               (status == 200 && empty);
    }
    bool stale() const {
        return std::any_of(challenges.begin(), challenges.end(),
                           [](const net::DigestChallenge& c) { return c.stale; });
    }
};

SoapClient::SoapClient(Exchange exchange, net::Credentials credentials, Trace trace)
    : exchange_(std::move(exchange)), credentials_(std::move(credentials)),
      trace_(std::move(trace)) {}

void SoapClient::setDeviceTime(system_clock::time_point now) {
    deviceTime_ = now;
    deviceTimeAt_ = std::chrono::steady_clock::now();
}

std::string SoapClient::authenticationName() const {
    switch (scheme_) {
    case Authentication::Digest:
        return challenge_ && challenge_->sha256() ? "digest SHA-256" : "digest MD5";
    case Authentication::UsernameToken:
        return "username token";
    case Authentication::None:
        break;
    }
    return "none";
}

std::string SoapClient::authorization(const std::string& target, const std::string& body) {
    return net::digestAuthorization(*challenge_, credentials_,
                                    {"POST", target, body, net::randomHex(16), ++nonceCount_});
}

std::string SoapClient::securityHeader() const {
    const auto elapsed = std::chrono::duration_cast<system_clock::duration>(
        std::chrono::steady_clock::now() - deviceTimeAt_);
    const auto now = deviceTime_ ? *deviceTime_ + elapsed : system_clock::now();
    return usernameToken(credentials_, net::randomBytes(16), utcText(now));
}

SoapClient::Answer SoapClient::send(std::string& url, const Operation& operation) {
    const auto address = net::Url::parse(url);
    if (!address)
        throw base::Error(base::ErrorKind::BadData,
                          "The device gave an address for " + operation.name + " that is none.");
    net::HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.contentType = "application/soap+xml; charset=utf-8";
    if (sendAction_)
        request.contentType += "; action=\"" + operation.action() + "\"";
    request.body =
        envelope(operation, scheme_ == Authentication::UsernameToken ? securityHeader() : "");
    if (scheme_ == Authentication::Digest)
        request.headers.emplace_back("Authorization",
                                     authorization(address->target(), request.body));
    if (trace_)
        trace_("POST " + operation.name + " to " + address->authority(), redacted(request.body));
    net::HttpResponse response = exchange_(request);
    if (trace_)
        trace_(operation.name + " answered with " + std::to_string(response.status),
               redacted(response.body));
    if (!response.url.empty())
        url = response.url;

    Answer answer;
    answer.status = response.status;
    answer.challenges = net::digestChallenges(response.all("WWW-Authenticate"));
    answer.empty = response.body.empty();
    if (const auto date = httpDate(response.header("Date")))
        date_ = date;
    try {
        if (!answer.empty)
            answer.document = net::XmlDocument::parse(response.body);
    } catch (const base::Error& error) {
        answer.notXml = error.what();
    }
    if (answer.document)
        answer.fault = faultOf(answer.document->root());
    return answer;
}

SoapClient::Answer SoapClient::post(std::string& url, const Operation& operation) {
    Answer answer = send(url, operation);
    const bool actionTrouble =
        answer.status == 415 || (answer.fault && answer.fault->actionRefused());
    if (!sendAction_ || !actionTrouble)
        return answer;
    sendAction_ = false;
    Answer second = send(url, operation);
    // When it was not the action after all, the others may still want it.
    sendAction_ = second.fault.has_value() || second.status == 415;
    return second;
}

void SoapClient::chooseScheme(const Answer& refusal) {
    challenge_ = net::chooseChallenge(refusal.challenges);
    nonceCount_ = 0;
    scheme_ = challenge_ ? Authentication::Digest : Authentication::UsernameToken;
}

void SoapClient::refuse(const std::string& host) {
    std::string details = "refused by " + authenticationName();
    if (scheme_ == Authentication::UsernameToken && deviceTime_)
        details += ", with the device's clock";
    refused_.emplace(
        base::ErrorKind::NotAuthorized,
        "The camera at " + host +
            " refused the user name or password: check user-id and user-pw (ONVIF users are "
            "often kept apart from web users). It is not tried again, so that the account "
            "is not locked.",
        details);
    throw *refused_;
}

SoapClient::Answer SoapClient::logIn(std::string& url, const Operation& operation,
                                     const Answer& refusal) {
    const std::string host = authorityOf(url);
    if (!hasCredentials())
        throw base::Error(base::ErrorKind::NotAuthorized,
                          "The camera at " + host +
                              " asks for a password: set user-id and user-pw.");
    // Let in before, and this is no aged nonce: the user may simply not do this.
    if (proven_ && refusal.challenges.empty())
        throw SoapFault(base::ErrorKind::NotAuthorized,
                        "The camera at " + host + " does not let this user do " + operation.name +
                            "; use an account with more rights.",
                        refusal.fault.value_or(Fault{}));
    chooseScheme(refusal);
    Answer answer = post(url, operation);
    if (scheme_ == Authentication::Digest && answer.unauthorised() && answer.stale()) {
        chooseScheme(answer);
        answer = post(url, operation);
    }
    if (answer.unauthorised())
        refuse(host);
    proven_ = true;
    return answer;
}

SoapReply SoapClient::call(std::string& url, const Operation& operation, bool mayLogIn) {
    if (refused_)
        throw *refused_;
    const std::string host = authorityOf(url);
    Answer answer = post(url, operation);
    if (answer.unauthorised()) {
        if (!mayLogIn)
            throw base::Error(base::ErrorKind::NotAuthorized, "The camera at " + host +
                                                                  " wants a password for " +
                                                                  operation.name + ".");
        answer = logIn(url, operation, answer);
    } else if (scheme_ != Authentication::None && answer.document) {
        proven_ = true;
    }
    const std::string status = "HTTP status " + std::to_string(answer.status);
    if (answer.fault)
        throw SoapFault(answer.fault->notSupported() ? base::ErrorKind::Unsupported
                                                     : base::ErrorKind::Failed,
                        "The camera at " + host + " refused " + operation.name + ": " +
                            answer.fault->text() + ".",
                        *answer.fault);
    if (answer.document) {
        if (const auto response = answer.document->root().find(operation.name + "Response"))
            return {*answer.document, *response};
    }
    throw base::Error(base::ErrorKind::BadData,
                      host + " does not answer " + operation.name +
                          " as an ONVIF camera does: check the address and port, and that ONVIF is "
                          "switched on in the camera.",
                      answer.notXml.empty() ? status : status + ", " + answer.notXml);
}

} // namespace onvif
