#include "webclient.hpp"

#include "net/url.hpp"
#include "redact.hpp"

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

constexpr int maxMoves = 3; ///< from port to port

net::Url parsed(const std::string& url, const std::string& what) {
    const auto address = net::Url::parse(url);
    if (!address)
        throw Error(ErrorKind::BadData, "The camera gave an address for " + what +
                                            " that is none; report it to its "
                                            "maker.");
    return *address;
}

/// Apart from the same account at the ONVIF service.
std::string placeOf(const net::Url& url) { return "web " + url.origin(); }

bool stale(const net::HttpResponse& response) {
    for (const auto& challenge : net::digestChallenges(response.all("WWW-Authenticate")))
        if (challenge.stale)
            return true;
    return false;
}

} // namespace

WebClient::WebClient(Exchange exchange, net::Credentials credentials, Trace trace,
                     Refusals& refusals, net::Cancel cancel)
    : exchange_(std::move(exchange)), credentials_(std::move(credentials)),
      trace_(std::move(trace)), refusals_(refusals), cancel_(std::move(cancel)) {}

net::HttpResponse WebClient::ask(std::string& url, const std::string& what, bool& credentialsSent) {
    for (int moves = 0; moves <= maxMoves; moves++) {
        const net::Url address = parsed(url, what);
        net::DigestLogin& login = logins_[address.origin()];
        net::HttpRequest request;
        request.url = address.text();
        request.maxBody = maxBody;
        request.sealed = credentialsSent = login.active();
        if (credentialsSent) {
            checkMayTry(address, what);
            request.headers.emplace_back(
                "Authorization", login.authorization(credentials_, "GET", address.target()));
        }
        net::HttpResponse response = exchange_(request);
        if (trace_)
            trace_("GET " + redacted(request.url) + " answered with " +
                       std::to_string(response.status),
                   std::to_string(response.body.size()) + " bytes");
        if (response.movedTo.empty()) {
            if (!response.url.empty())
                url = response.url;
            return response;
        }
        url = response.movedTo;
    }
    throw Error(ErrorKind::BadData, "The camera at " + parsed(url, what).authority() +
                                        " redirects in circles for " + what + ".");
}

void WebClient::refuse(const std::string& url, const std::string& what) {
    const net::Url address = parsed(url, what);
    refusals_.refused(placeOf(address), credentials_);
    logins_.erase(address.origin()); // or it would go along with the next question
    throw Error(ErrorKind::NotAuthorized,
                "The camera at " + address.authority() + " refused the user name or password for " +
                    what +
                    ": give its web user the right to see it, or the same password. It is not "
                    "tried again for a while, so that the account is not locked.");
}

/// Others of this process may have been refused since we were let in.
void WebClient::checkMayTry(const net::Url& address, const std::string& what) const {
    if (const auto wait = refusals_.wait(placeOf(address), credentials_))
        throw Error(ErrorKind::NotAuthorized,
                    "The camera at " + address.authority() +
                        " refused this user name and password for " + what +
                        " a moment ago. The same are tried again in " +
                        std::to_string(wait->count()) +
                        " s at the earliest, so that the account is not locked.");
}

/// `turn` is held until it is known what comes of the login.
net::HttpResponse WebClient::logIn(std::string& url, const std::string& what,
                                   const net::HttpResponse& refusal, bool& credentialsSent,
                                   Refusals::Turn& turn) {
    const net::Url address = parsed(url, what);
    if (credentials_.user.empty())
        throw Error(ErrorKind::NotAuthorized, "The camera at " + address.authority() +
                                                  " asks for a password for " + what +
                                                  ": set user-id and user-pw.");
    turn = {};
    turn = refusals_.turn(placeOf(address), credentials_, cancel_);
    checkMayTry(address, what);
    if (!logins_[address.origin()].take(net::digestChallenges(refusal.all("WWW-Authenticate"))))
        throw Error(ErrorKind::Unsupported,
                    "The camera at " + address.authority() + " wants a login for " + what +
                        " that is not HTTP Digest with MD5 or SHA-256: switch that on in its web "
                        "page.");
    return ask(url, what, credentialsSent);
}

net::HttpResponse WebClient::get(std::string url, const std::string& what) {
    bool sent = false;
    net::HttpResponse response = ask(url, what, sent);
    bool tried = false;
    Refusals::Turn turn;
    for (int moves = 0; response.status == 401 && moves <= maxMoves; moves++) {
        if (tried && sent && !stale(response))
            refuse(url, what);
        response = logIn(url, what, response, sent, turn);
        tried = sent;
    }
    const net::Url address = parsed(url, what);
    if (response.status == 401)
        refuse(url, what);
    if (sent)
        refusals_.accepted(placeOf(address), credentials_);
    if (response.status < 200 || response.status > 299)
        throw Error(response.status == 403   ? ErrorKind::NotAuthorized
                    : response.status == 404 ? ErrorKind::NotFound
                                             : ErrorKind::Failed,
                    "The camera at " + address.authority() + " does not give " + what +
                        ": it answers with HTTP status " + std::to_string(response.status) + ".");
    return response;
}

} // namespace onvif
