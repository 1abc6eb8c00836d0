#include "support/soapserver.hpp"

#include "base/error.hpp"
#include "support/mediaservice.hpp"

#include <algorithm>
#include <cctype>
#include <exception>

namespace camera {
namespace {

constexpr const char* soapType = "application/soap+xml; charset=utf-8";
constexpr std::size_t maxWaiting = 8;

/// The caller is not who may call.
struct Refused {
    AuthVerdict verdict;
};

net::HttpLimits limits() {
    net::HttpLimits all;
    all.bodyBytes = 256 * 1024;
    return all;
}

net::HttpReply refusal(const AuthVerdict& verdict) {
    const SoapFault fault(SoapFault::Side::Sender, "ter:NotAuthorized",
                          "The user name or password is missing or wrong.");
    net::HttpReply reply{verdict.status, soapType, fault.envelope(), {}};
    for (const std::string& challenge : verdict.challenges)
        reply.headers.emplace_back("WWW-Authenticate", challenge);
    return reply;
}

/// The host part of a Host header, or empty when it has no business there.
std::string hostPart(const std::string& header) {
    const auto end = header.front() == '[' ? header.find(']') + 1 : header.find(':');
    const std::string host = header.substr(0, end);
    const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '-' || c == '[' || c == ']' || c == ':';
    });
    return plain && host.size() <= 255 ? host : "";
}

Proof proofOf(const net::ServerRequest& request) {
    return {request.method,
            request.query.empty() ? request.path : request.path + "?" + request.query,
            request.header("Authorization"),
            {}};
}

} // namespace

SoapServer::SoapServer(const std::string& address, unsigned port, Authenticator authenticator,
                       TakeSnapshot takeSnapshot)
    : address_(address), authenticator_(std::move(authenticator)),
      takeSnapshot_(std::move(takeSnapshot)) {
    loop_.call([&] {
        server_ = std::make_unique<net::HttpServer>(
            loop_, address, port, [this](const Exchange& exchange) { handle(exchange); }, limits());
        port_ = server_->port();
    });
}

SoapServer::~SoapServer() {
    photographer_.stop();
    loop_.call([this] {
        server_.reset();
        waiting_.clear();
    });
    loop_.stop();
}

void SoapServer::add(Service service) {
    loop_.call([&] { services_[service.path] = std::move(service); });
}

Caller SoapServer::callerOf(const net::ServerRequest& request) const {
    const std::string header = request.header("Host");
    const std::string host = header.empty() ? "" : hostPart(header);
    return {host.empty() ? address_ : host, port_};
}

void SoapServer::handle(const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    const std::string snapshots = snapshotPath;
    if (request.path.compare(0, snapshots.size(), snapshots) == 0) {
        snapshot(request.path.substr(snapshots.size()), exchange);
        return;
    }
    const auto service = services_.find(request.path);
    if (service == services_.end()) {
        exchange->reply({404, "text/plain", "There is no service here.\n", {}});
        return;
    }
    if (request.method != "POST") {
        exchange->reply(
            {405, "text/plain", "Services are called with POST.\n", {{"Allow", "POST"}}});
        return;
    }
    try {
        call(service->second, exchange);
    } catch (const Refused& refused) {
        exchange->reply(refusal(refused.verdict));
    } catch (const SoapFault& fault) {
        exchange->reply({fault.status(), soapType, fault.envelope(), {}});
    } catch (const std::exception&) {
        const SoapFault fault(SoapFault::Side::Receiver, "ter:Action", "The camera failed.");
        exchange->reply({fault.status(), soapType, fault.envelope(), {}});
    }
}

void SoapServer::authorize(const Proof& proof) {
    AuthVerdict verdict = authenticator_.checkCall(proof);
    if (!verdict.granted)
        throw Refused{std::move(verdict)};
}

/// Clients that expect a challenge send an empty body first, and strangers need not know what is
/// wrong with theirs: what cannot be read is refused before it is complained about.
SoapRequest SoapServer::readOrChallenge(const net::ServerRequest& request) {
    try {
        return SoapRequest::parse(request.body);
    } catch (const SoapFault&) {
        authorize(proofOf(request));
        throw;
    }
}

void SoapServer::call(const Service& service, const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    const SoapRequest soap = readOrChallenge(request);
    const auto operation = service.operations.find(soap.operation());
    const bool known = operation != service.operations.end();
    if (!known || operation->second.access != Access::Everybody) {
        Proof proof = proofOf(request);
        proof.token = soap.usernameToken();
        authorize(proof);
    }
    if (!known)
        throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                        "This service has no such operation.");
    const std::string body = operation->second.handler(soap.arguments(), callerOf(request));
    exchange->reply({200, soapType, soapEnvelope(body), {}});
}

void SoapServer::snapshot(const std::string& token, const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    const AuthVerdict verdict = authenticator_.checkHttp(proofOf(request));
    if (!verdict.granted) {
        exchange->reply(refusal(verdict));
        return;
    }
    if (request.method != "GET") {
        exchange->reply(
            {405, "text/plain", "Snapshots are fetched with GET.\n", {{"Allow", "GET"}}});
        return;
    }
    if (waiting_.size() >= maxWaiting) {
        exchange->reply(
            {503, "text/plain", "Too many snapshots at once.\n", {{"Retry-After", "1"}}});
        return;
    }
    const unsigned id = nextId_++;
    waiting_[id] = exchange;
    photographer_.post([this, id, token] {
        net::HttpReply reply{404, "text/plain", "There is no such profile.\n", {}};
        try {
            const std::string jpeg = takeSnapshot_(token);
            if (!jpeg.empty())
                reply = {200, "image/jpeg", jpeg, {{"Cache-Control", "no-store"}}};
        } catch (const base::Error& error) {
            reply = {500, "text/plain", std::string(error.what()) + "\n", {}};
        }
        loop_.post([this, id, reply] { finishSnapshot(id, reply); });
    });
}

void SoapServer::finishSnapshot(unsigned id, net::HttpReply reply) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end())
        return;
    found->second->reply(std::move(reply));
    waiting_.erase(found);
}

} // namespace camera
