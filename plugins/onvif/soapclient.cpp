#include "soapclient.hpp"

#include "net/random.hpp"
#include "net/url.hpp"
#include "redact.hpp"

#include <algorithm>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

constexpr int maxMoves = 3; ///< from port to port
constexpr std::chrono::seconds deniedFor{30};

std::string authorityOf(const std::string& url) {
    const auto parsed = net::Url::parse(url);
    return parsed ? parsed->authority() : "the device";
}

std::string originOf(const std::string& url) {
    const auto parsed = net::Url::parse(url);
    return parsed ? parsed->origin() : std::string();
}

} // namespace

struct SoapClient::Answer {
    int status = 0;
    bool empty = false;
    bool credentialsSent = false;
    std::vector<net::DigestChallenge> challenges;
    std::optional<net::XmlDocument> document;
    std::optional<Fault> fault;
    std::string notXml; ///< why not, when there was a body

    explicit Answer(const net::HttpResponse& response)
        : status(response.status), empty(response.body.empty()),
          challenges(net::digestChallenges(response.all("WWW-Authenticate"))) {
        try {
            if (!empty)
                document = net::XmlDocument::parse(response.body);
        } catch (const Error& error) {
            notXml = error.what();
        }
        if (document)
            fault = faultOf(document->root());
    }

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

SoapClient::SoapClient(Exchange exchange, net::Credentials credentials, Trace trace,
                       Refusals& refusals, net::Cancel cancel)
    : exchange_(std::move(exchange)), credentials_(std::move(credentials)),
      trace_(std::move(trace)), refusals_(refusals), cancel_(std::move(cancel)) {}

SoapClient::Login& SoapClient::loginAt(const std::string& url) { return logins_[originOf(url)]; }

std::string SoapClient::securityHeader() const {
    const auto now = hostClock_ ? std::chrono::system_clock::now() : clock_.now();
    return usernameToken(credentials_, net::randomBytes(16), utcText(now));
}

net::HttpRequest SoapClient::requestFor(const std::string& url, const Operation& operation) {
    const auto address = net::Url::parse(url);
    if (!address)
        throw Error(ErrorKind::BadData, "The device gave an address for " + operation.name +
                                            " that is none; report it to its maker.");
    Login& login = loginAt(url);
    net::HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.contentType = "application/soap+xml; charset=utf-8";
    if (sendAction_)
        request.contentType += "; action=\"" + operation.action() + "\"";
    request.body = envelope(
        operation, addressingHeader(operation, url, "urn:uuid:" + net::randomUuid()) +
                       (login.scheme == Authentication::UsernameToken ? securityHeader() : ""));
    if (login.scheme == Authentication::Digest)
        request.headers.emplace_back(
            "Authorization",
            login.digest.authorization(credentials_, "POST", address->target(), request.body));
    request.sealed = login.scheme != Authentication::None;
    request.timeout = operation.timeout;
    return request;
}

net::HttpResponse SoapClient::exchange(std::string& url, const Operation& operation,
                                       bool& credentialsSent) {
    for (int moves = 0; moves <= maxMoves; moves++) {
        const net::HttpRequest request = requestFor(url, operation);
        credentialsSent = request.sealed;
        if (trace_)
            trace_("POST " + operation.name + " to " + authorityOf(url), redacted(request.body));
        net::HttpResponse response = exchange_(request);
        if (trace_)
            trace_(operation.name + " answered with " + std::to_string(response.status),
                   redacted(response.body));
        if (response.movedTo.empty()) {
            if (!response.url.empty())
                url = response.url;
            return response;
        }
        url = response.movedTo;
    }
    throw Error(ErrorKind::BadData, "The camera at " + authorityOf(url) +
                                        " redirects in circles; give its https address.");
}

SoapClient::Answer SoapClient::send(std::string& url, const Operation& operation) {
    bool credentialsSent = false;
    const net::HttpResponse response = exchange(url, operation, credentialsSent);
    if (const auto date = httpDate(response.header("Date")))
        date_ = date;
    Answer answer(response);
    answer.credentialsSent = credentialsSent;
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

void SoapClient::remember(const Login& login) {
    last_ = login.scheme;
    lastName_ = last_ == Authentication::Digest          ? login.digest.name()
                : last_ == Authentication::UsernameToken ? "username token"
                                                         : "none";
}

void SoapClient::refuse(const std::string& url) {
    std::string details = "refused by " + lastName_;
    if (last_ == Authentication::UsernameToken && clock_.known())
        details +=
            hostClock_ ? ", with the device's clock and with ours" : ", with the device's clock";
    refusedAt_ = originOf(url);
    refusals_.refused(refusedAt_, credentials_);
    logins_.erase(refusedAt_); // the next try, if any, starts over bare
    hostClock_ = false;
    refused_.emplace(ErrorKind::NotAuthorized,
                     "The camera at " + authorityOf(url) +
                         " refused the user name or password: check user-id and user-pw (ONVIF "
                         "users are often kept apart from web users). It is not tried again for a "
                         "while, so that the account is not locked.",
                     details);
    throw *refused_;
}

/// The user is known and may simply not do this. It is not asked again at once where the same may
/// also say that the password is another one since: every question would be one more wrong login.
void SoapClient::deny(const std::string& url, const Operation& operation, const Answer& refusal) {
    Login& login = loginAt(url);
    if (login.scheme != Authentication::Digest || refusal.status == 401)
        login.denied[operation.name] = Refusals::Clock::now() + deniedFor;
    throw SoapFault(ErrorKind::NotAuthorized,
                    "The camera at " + authorityOf(url) + " does not let this user do " +
                        operation.name + "; use an account with more rights.",
                    refusal.fault.value_or(Fault{}));
}

void SoapClient::checkMayDo(const std::string& url, const Operation& operation) {
    if (refused_ && refusals_.wait(refusedAt_, credentials_))
        throw *refused_;
    refused_.reset();
    auto& denied = loginAt(url).denied;
    const auto known = denied.find(operation.name);
    if (known == denied.end())
        return;
    if (known->second > Refusals::Clock::now())
        throw SoapFault(ErrorKind::NotAuthorized,
                        "The camera at " + authorityOf(url) + " did not let this user do " +
                            operation.name + " a moment ago; use an account with more rights.",
                        Fault{});
    denied.erase(known);
}

void SoapClient::checkMayTry(const std::string& url) const {
    if (const auto wait = refusals_.wait(originOf(url), credentials_))
        throw Error(ErrorKind::NotAuthorized,
                    "The camera at " + authorityOf(url) +
                        " refused this user name and password a moment ago: check user-id and "
                        "user-pw. The same are tried again in " +
                        std::to_string(wait->count()) +
                        " s at the earliest, so that the account is not locked.");
}

/// Credentials in the one way that the refusal asks for.
SoapClient::Answer SoapClient::tryOnce(std::string& url, const Operation& operation,
                                       const Answer& refusal) {
    Login& login = loginAt(url);
    login.scheme = login.digest.take(refusal.challenges) ? Authentication::Digest
                                                         : Authentication::UsernameToken;
    remember(login);
    return post(url, operation);
}

SoapClient::Answer SoapClient::logIn(std::string& url, const Operation& operation,
                                     const Answer& refusal) {
    if (!hasCredentials())
        throw Error(ErrorKind::NotAuthorized, "The camera at " + authorityOf(url) +
                                                  " asks for a password: set user-id and user-pw.");
    const bool agedNonce =
        !refusal.challenges.empty() && loginAt(url).scheme == Authentication::Digest;
    const bool changed = refusal.fault && refusal.fault->has("FailedAuthentication");
    if (loginAt(url).proven && changed)
        refuse(url);
    if (loginAt(url).proven && !agedNonce)
        deny(url, operation, refusal);
    const Refusals::Turn turn = refusals_.turn(originOf(url), credentials_, cancel_);
    checkMayTry(url);
    Answer answer = tryOnce(url, operation, refusal);
    const auto refused = [&] { return answer.credentialsSent && answer.unauthorised(); };
    if (refused() && last_ == Authentication::Digest && answer.stale())
        answer = tryOnce(url, operation, answer);
    // Its clock said local time for UTC, or it checks tokens against another one.
    if (refused() && last_ == Authentication::UsernameToken && !hostClock_ && clock_.doubtful()) {
        hostClock_ = true;
        answer = post(url, operation);
    }
    if (!answer.credentialsSent)
        return answer; // moved to another port, where nothing was tried yet
    if (refused() && loginAt(url).proven && answer.status != 401)
        deny(url, operation, answer);
    if (refused())
        refuse(url);
    loginAt(url).proven = true;
    refusals_.accepted(originOf(url), credentials_);
    return answer;
}

SoapReply SoapClient::call(std::string& url, const Operation& operation, bool mayLogIn) {
    checkMayDo(url, operation);
    Answer answer = post(url, operation);
    for (int moves = 0; answer.unauthorised(); moves++) {
        if (!mayLogIn || moves > maxMoves)
            throw Error(ErrorKind::NotAuthorized, "The camera at " + authorityOf(url) +
                                                      " wants a password for " + operation.name +
                                                      ": set user-id and user-pw.");
        answer = logIn(url, operation, answer);
    }
    const std::string host = authorityOf(url);
    if (answer.fault)
        throw SoapFault(answer.fault->notSupported() ? ErrorKind::Unsupported : ErrorKind::Failed,
                        "The camera at " + host + " refused " + operation.name + ": " +
                            answer.fault->text() + ".",
                        *answer.fault);
    if (answer.document) {
        if (const auto response = answer.document->root().find(operation.name + "Response"))
            return {*answer.document, *response};
    }
    const std::string status = "HTTP status " + std::to_string(answer.status);
    throw Error(ErrorKind::BadData,
                host + " does not answer " + operation.name +
                    " as an ONVIF camera does: check the address and port, and that ONVIF is "
                    "switched on in the camera.",
                answer.notXml.empty() ? status : status + ", " + answer.notXml);
}

} // namespace onvif
