#include "support/soapserver.hpp"

#include "base/error.hpp"
#include "support/answerills.hpp"
#include "support/mediaprofiles.hpp"

#include <algorithm>
#include <cctype>
#include <exception>
#include <optional>

namespace camera {
namespace {

constexpr const char* soapType = "application/soap+xml; charset=utf-8";
constexpr std::size_t maxWaiting = 8;

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

Proof proofOf(const net::ServerRequest& request, const std::optional<SoapRequest>& soap) {
    return {request.method,
            request.query.empty() ? request.path : request.path + "?" + request.query,
            request.header("Authorization"), soap ? soap->usernameToken() : std::nullopt};
}

std::string nameOf(const Proof& proof) {
    if (proof.token)
        return proof.authorization.empty() ? "wsse" : "both";
    return proof.authorization.empty() ? "none" : "digest";
}

net::HttpReply faultReply(const SoapFault& fault) {
    return {fault.status(), soapType, fault.envelope(), {}};
}

/// The header of an answer to who uses WS-Addressing (core specification, "Addressing").
std::string addressing(const SoapRequest& request) {
    const auto header = request.header();
    const std::string id = header ? header->textAt("MessageID") : "";
    if (id.empty())
        return {};
    const std::string action = header->textAt("Action");
    std::string all = xmlLeaf("wsa:RelatesTo", id);
    if (const std::string ending = "Request";
        action.size() > ending.size() &&
        action.compare(action.size() - ending.size(), ending.size(), ending) == 0)
        all += xmlLeaf("wsa:Action", action.substr(0, action.size() - ending.size()) + "Response");
    else if (!action.empty())
        all += xmlLeaf("wsa:Action", action + "Response");
    return all;
}

} // namespace

/// One call, from its arrival to its answer.
struct SoapServer::Call {
    Exchange exchange;
    std::optional<SoapRequest> soap; ///< nothing when it could not be read

    const net::ServerRequest& request() const { return exchange->request(); }
    Proof proof() const { return proofOf(request(), soap); }
};

namespace {

/// The caller is not who may call.
struct Refused {
    AuthVerdict verdict;
};

} // namespace

SoapServer::SoapServer(const std::string& address, unsigned port, Authenticator authenticator,
                       const Ills& ills, RequestRecord& record, TakeSnapshot takeSnapshot)
    : address_(address), authenticator_(std::move(authenticator)), ills_(ills), record_(record),
      takeSnapshot_(std::move(takeSnapshot)), port_(port) {
    loop_.call([&] { power(true); });
}

SoapServer::~SoapServer() {
    photographer_.stop();
    loop_.call([this] { power(false); });
    loop_.stop();
}

void SoapServer::power(bool on) {
    server_.reset();
    waiting_.clear();
    delayed_.clear();
    if (!on)
        return;
    server_ = std::make_unique<net::HttpServer>(
        loop_, address_, port_, [this](const Exchange& exchange) { handle(exchange); }, limits());
    port_ = server_->port();
}

void SoapServer::add(Service service) {
    loop_.call([&] { services_[service.path] = std::move(service); });
}

Caller SoapServer::callerOf(const Call& call) const {
    const std::string header = call.request().header("Host");
    std::string host = header.empty() ? "" : hostPart(header);
    if (host.empty())
        host = address_.find(':') == std::string::npos ? address_ : "[" + address_ + "]";
    if (ills_.has("wrong-xaddr"))
        host = ills_.value("wrong-xaddr");
    return {host, port_, call.request().query, call.soap ? call.soap->header() : std::nullopt};
}

void SoapServer::handle(const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    const std::string snapshots = snapshotPath;
    if (request.path.compare(0, snapshots.size(), snapshots) == 0) {
        snapshot(request.path.substr(snapshots.size()), exchange);
        return;
    }
    const auto service = services_.find(request.path);
    if (service == services_.end() || absent(service->second)) {
        note({exchange, {}}, false);
        reply(exchange, {404, "text/plain", "There is no service here.\n", {}});
    } else if (request.method != "POST") {
        note({exchange, {}}, false);
        reply(exchange,
              {405, "text/plain", "Services are called with POST.\n", {{"Allow", "POST"}}});
    } else {
        handleCall(service->second, exchange);
    }
}

bool SoapServer::absent(const Service& service) const {
    return service.absentUnder && ills_.has(service.absentUnder);
}

void SoapServer::handleCall(const Service& service, const Exchange& exchange) {
    const auto call = std::make_shared<Call>(Call{exchange, {}});
    if (ills_.has("redirect")) {
        note(*call, false);
        reply(exchange, {307, {}, {}, {{"Location", ills_.value("redirect")}}});
        return;
    }
    try {
        perform(service, call);
    } catch (const HangUp&) {
        exchange->drop();
    } catch (const Refused& refused) {
        finish(*call, refusal(refused.verdict));
    } catch (const SoapFault& fault) {
        finish(*call, faultReply(fault));
    } catch (const std::exception&) {
        finish(*call, faultReply({SoapFault::Side::Receiver, "ter:Action", "The camera failed."}));
    }
}

void SoapServer::note(const Call& call, bool granted) {
    const net::ServerRequest& request = call.request();
    record_.add({call.soap ? call.soap->operation() : "", request.method, request.path,
                 request.query, request.headers, request.body, nameOf(call.proof()), granted});
}

void SoapServer::authorize(const Call& call) {
    AuthVerdict verdict = authenticator_.checkCall(call.proof());
    note(call, verdict.granted);
    if (!verdict.granted)
        throw Refused{std::move(verdict)};
}

const Service::Operation* SoapServer::operationOf(const Service& service,
                                                  const SoapRequest& soap) const {
    const auto operation = service.operations.find(soap.operation());
    return operation == service.operations.end() ? nullptr : &operation->second;
}

void SoapServer::perform(const Service& service, const std::shared_ptr<Call>& call) {
    try {
        call->soap = SoapRequest::parse(call->request().body);
    } catch (const SoapFault&) {
        // Clients that expect a challenge send an empty body first, and strangers need not know
        // what is wrong with theirs: what cannot be read is refused before it is complained about.
        authorize(*call);
        throw;
    }
    const SoapRequest& soap = *call->soap;
    const Service::Operation* operation = operationOf(service, soap);
    const bool open =
        operation && operation->access == Access::Everybody &&
        !(soap.operation() == "GetSystemDateAndTime" && ills_.has("clock-needs-login"));
    if (open)
        note(*call, true);
    else
        authorize(*call);
    checkAction(call->request().header("Content-Type"), ills_);
    if (!operation && ills_.has("hang-up-unknown"))
        throw HangUp{};
    if (!operation)
        throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                        "This service has no such operation.");
    if (operation->late)
        operation->late(soap.arguments(), callerOf(*call),
                        [this, call](const std::string& body) { succeed(*call, body); });
    else
        succeed(*call, operation->handler(soap.arguments(), callerOf(*call)));
}

void SoapServer::succeed(const Call& call, const std::string& body) {
    finish(call, {200, soapType, soapEnvelope(body, addressing(*call.soap)), {}});
}

void SoapServer::finish(const Call& call, net::HttpReply answer) {
    reply(call.exchange, ailing(std::move(answer), ills_, call.soap));
}

void SoapServer::reply(const Exchange& exchange, net::HttpReply answer) {
    const long wait = ills_.number("slow");
    if (wait <= 0) {
        exchange->reply(std::move(answer));
        return;
    }
    const unsigned id = nextId_++;
    delayed_[id] = loop_.after(std::chrono::milliseconds(wait), [this, id, exchange, answer] {
        exchange->reply(answer);
        delayed_.erase(id);
    });
}

void SoapServer::snapshot(const std::string& token, const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    const AuthVerdict verdict = authenticator_.checkHttp(proofOf(request, {}));
    note({exchange, {}}, verdict.granted);
    if (!verdict.granted) {
        finish({exchange, {}}, refusal(verdict));
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

void SoapServer::finishSnapshot(unsigned id, net::HttpReply answer) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end())
        return;
    this->reply(found->second, std::move(answer));
    waiting_.erase(found);
}

} // namespace camera
