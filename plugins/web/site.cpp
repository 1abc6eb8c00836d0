#include "web/site.hpp"

#include "base/error.hpp"
#include "net/handover.hpp"
#include "web/cors.hpp"
#include "web/origin.hpp"
#include "web/pagefile.hpp"
#include "web/problem.hpp"

#include <glib.h>

#include <algorithm>
#include <mutex>
#include <set>

namespace web {
namespace {

using base::Error;
using base::ErrorKind;

std::string pathOf(const std::string& stream, const std::string& word) {
    return (stream.empty() ? "" : "/" + stream) + "/" + word;
}

std::shared_ptr<const net::TlsIdentity> identity(const std::string& tlsCertificate) {
    if (tlsCertificate.empty())
        return nullptr;
    if (tlsCertificate != "self-signed")
        return net::TlsIdentity::load(tlsCertificate);
    return net::TlsIdentity::keptAt(
        std::string(g_get_user_data_dir()) + "/video-stream/certificate.pem", net::ownNames());
}

/// Sites by address and port; whoever closes one and whoever opens the next wait for each other.
struct Registry {
    std::mutex mutex;
    std::map<std::pair<std::string, unsigned>, std::weak_ptr<Site>> sites;
};

Registry& registry() {
    static Registry* const all = new Registry; // outlives what is static elsewhere
    return *all;
}

} // namespace

std::string Site::nameOf(const std::string& path) {
    const auto from = path.find_first_not_of('/');
    return from == std::string::npos ? ""
                                     : path.substr(from, path.find_last_not_of('/') - from + 1);
}

bool Site::isName(const std::string& name) {
    static const std::set<std::string> ours = {
        "whep",   "whip", "mjpeg",        "status", "events", "streams", "metrics",
        "health", "page", "snapshot.jpg", "hls",    "dash",   "flv"};
    return !name.empty() && name.size() <= 64 && name[0] != '.' && !ours.count(name) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '.' || c == '_' || c == '-';
           });
}

std::shared_ptr<Site> Site::at(const std::string& address, unsigned port,
                               const std::string& tlsCertificate) {
    if (port == 0)
        return std::shared_ptr<Site>(new Site(address, 0, tlsCertificate));
    auto& known = registry().sites[{address, port}];
    if (auto site = known.lock())
        return site;
    std::shared_ptr<Site> site(new Site(address, port, tlsCertificate));
    known = site;
    return site;
}

std::unique_ptr<Site::Lease> Site::rent(const std::string& address, unsigned port, Tenant tenant) {
    if (!tenant.stream.empty() && !isName(tenant.stream))
        throw Error(ErrorKind::Settings, "The path \"" + tenant.stream +
                                             "\" cannot be used: give one word of letters, digits, "
                                             "dots and dashes.");
    const std::lock_guard lock(registry().mutex); // also while one closes that nobody else wants
    auto site = at(address, port, tenant.access.tlsCertificate);
    std::string stream = tenant.stream;
    const unsigned id = site->loop_->call([&] { return site->add(std::move(tenant)); });
    return std::make_unique<Lease>(std::move(site), id, std::move(stream));
}

Site::Lease::~Lease() {
    // Under the registry's lock to the end: who rents at this address next finds the port free.
    const std::lock_guard lock(registry().mutex);
    site_->loop_->call([this] { site_->remove(id_); });
    site_.reset();
}

Site::Site(const std::string& address, unsigned port, const std::string& tlsCertificate)
    : address_(address), tlsCertificate_(tlsCertificate), tls_(identity(tlsCertificate)),
      loop_(std::make_shared<net::EventLoop>("site")) {
    try {
        loop_->call([&] {
            server_ = std::make_unique<net::HttpServer>(
                *loop_, address, port, [this](Exchange exchange) { handle(std::move(exchange)); },
                net::HttpLimits{}, tls_);
        });
    } catch (...) {
        loop_->stop();
        throw;
    }
    port_ = server_->port();
}

Site::~Site() {
    loop_->call([this] { server_.reset(); });
    loop_->stop();
}

std::string Site::origin() const { return net::httpOrigin(address_, port_, isSecure()); }

void Site::check(const Tenant& tenant) const {
    for (const auto* places : {&tenant.places, &tenant.streaming})
        for (const auto& [word, handler] : *places)
            if (const std::string path = pathOf(tenant.stream, word); places_.count(path))
                throw Error(ErrorKind::Settings, "Another sink already serves " + path + " at " +
                                                     origin() +
                                                     ": give one of them another path or port.");
    if (!tenant.access.auth.empty() && !auth_.empty() && tenant.access.auth != auth_)
        throw Error(ErrorKind::Settings, "Another sink at " + origin() +
                                             " has other logins: give all of them the same auth, "
                                             "or set it on one of them alone, or take another "
                                             "port.");
    if (const std::string& wanted = tenant.access.tlsCertificate;
        !wanted.empty() && wanted != tlsCertificate_)
        throw Error(ErrorKind::Settings,
                    "Another sink serves " + origin() +
                        (isSecure() ? " with another certificate" : " without HTTPS") +
                        ": give all of them the same tls-certificate, or "
                        "take another port.");
}

unsigned Site::add(Tenant tenant) {
    check(tenant);
    if (const std::string& auth = tenant.access.auth; !auth.empty() && auth_.empty()) {
        door_.emplace(Logins(auth), "video-stream-" + std::to_string(port_), isSecure());
        auth_ = auth;
        protected_ = true;
    }
    const auto joins = std::make_shared<JoinLimit>(tenant.access.joinRate);
    for (const auto& [word, handler] : tenant.streaming)
        places_[pathOf(tenant.stream, word)] = {handler, nullptr, word, tenant.access.allowOrigin,
                                                joins};
    for (const auto& [word, handler] : tenant.places)
        places_[pathOf(tenant.stream, word)] = {handler, tenant.loop, word,
                                                tenant.access.allowOrigin, joins};
    tenants_[++lastId_] = std::move(tenant);
    return lastId_;
}

void Site::remove(unsigned id) {
    const Tenant& tenant = tenants_.at(id);
    for (const auto* places : {&tenant.places, &tenant.streaming})
        for (const auto& [word, handler] : *places)
            places_.erase(pathOf(tenant.stream, word));
    tenants_.erase(id);
}

/// /yard/whep/1234 is at home at /yard/whep, then /yard/, and /style.css at /.
const Site::Place* Site::placeFor(const std::string& path) const {
    for (std::string rest = path;; rest.resize(rest.rfind('/'))) {
        const auto exact = places_.find(rest);
        if (exact != places_.end())
            return &exact->second;
        const auto page = places_.find(rest + "/");
        if (page != places_.end())
            return &page->second;
        if (rest.find('/') == std::string::npos)
            return nullptr;
    }
}

void Site::handle(Exchange exchange) {
    const net::ServerRequest& request = exchange->request();
    // A stream at the root has all paths but those.
    const bool ours =
        request.path == "/health" || request.path == "/metrics" || request.path == "/streams";
    const Place* place = ours ? nullptr : placeFor(request.path);
    if (auto refusal = this->refusal(request, place)) {
        refusal->headers.emplace_back("X-Content-Type-Options", "nosniff");
        return exchange->reply(forReader(std::move(*refusal), request));
    }
    route(std::move(exchange), place);
}

/// What is said at the door.
std::optional<net::HttpReply> Site::refusal(const net::ServerRequest& request, const Place* place) {
    const std::string allowOrigin = place ? place->allowOrigin : "";
    std::optional<net::HttpReply> reply;
    if (door_ && request.path != "/health") {
        // Names and origins first: who asks from a foreign page learns nothing else.
        if (auto foreign = OriginPolicy{allowOrigin, net::isLoopback(address_)}.refusal(request))
            return foreign;
        // A preflight carries no login (Fetch standard 4.8) and gets nothing but permission.
        if (request.method == "OPTIONS" &&
            !request.header("Access-Control-Request-Method").empty()) {
            reply = net::HttpReply{204, "", "", {}};
            if (place && (place->word == "whep" || place->word == "whip"))
                reply->headers.emplace_back("Accept-Post", "application/sdp");
        } else {
            reply = door_->refusal(request);
        }
    }
    if (!reply && place)
        reply = place->joins->refusal(request);
    if (reply)
        shareAcrossOrigins(*reply, request, allowOrigin);
    return reply;
}

void Site::route(Exchange exchange, const Place* place) {
    if (!place)
        return front(exchange);
    if (!place->loop)
        return place->handler(std::move(exchange));
    auto there = net::handOver(std::move(exchange), loop_);
    place->loop->post([handler = place->handler, there = std::move(there)] {
        try {
            handler(there);
        } catch (const std::exception&) {
            there->reply(problem(500, "The request could not be handled."));
        }
    });
}

/// What belongs to no single stream.
void Site::front(const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    if (const auto refusal = OriginPolicy{"", net::isLoopback(address_)}.refusal(request))
        return exchange->reply(*refusal);
    if (request.method != "GET" && request.method != "HEAD")
        return exchange->reply(problem(405, "Only GET and HEAD are possible here."));
    const net::HttpHeaders fresh = {{"Cache-Control", "no-store"},
                                    {"X-Content-Type-Options", "nosniff"}};
    if (request.path == "/health")
        return exchange->reply({200, "text/plain", "ok\n", fresh});
    if (request.path == "/metrics")
        return exchange->reply({200, "text/plain; version=0.0.4", metricsText(), fresh});
    if (request.path == "/streams")
        return exchange->reply({200, "application/json", streamsJson(), fresh});
    const std::set<std::string> doors = this->doors();
    if (request.path == "/" && doors.size() == 1)
        return exchange->reply({307, "", "", {{"Location", *doors.begin()}}});
    const bool wall = std::any_of(tenants_.begin(), tenants_.end(),
                                  [](const auto& each) { return each.second.kind == "whep"; });
    if (auto file = wall ? pageReply(request.path.substr(1)) : std::nullopt) {
        file->headers.insert(file->headers.end(), fresh.begin() + 1, fresh.end());
        return exchange->reply(std::move(*file));
    }
    std::string names;
    for (const std::string& door : doors)
        names += (names.empty() ? "" : ", ") + door;
    exchange->reply(forReader(
        problem(404, "There is nothing at this address. There is " + names + "."), request));
}

/// Where to go: each stream's page, or all its places where it has none.
std::set<std::string> Site::doors() const {
    std::set<std::string> doors;
    for (const auto& [id, tenant] : tenants_)
        for (const auto& [word, handler] : tenant.places)
            doors.insert(
                pathOf(tenant.stream, places_.count(pathOf(tenant.stream, "")) ? "" : word));
    return doors;
}

std::string Site::streamsJson() const {
    std::string rows;
    for (const auto& [id, tenant] : tenants_)
        rows += (rows.empty() ? "" : ",") + ("{\"path\":" + jsonString(pathOf(tenant.stream, ""))) +
                ",\"name\":" + jsonString(tenant.stream) + ",\"kind\":" + jsonString(tenant.kind) +
                ",\"status\":" + (tenant.status ? tenant.status() : "{}") + "}";
    return "{\"streams\":[" + rows + "]}\n";
}

std::string Site::metricsText() const {
    std::string text;
    for (const auto& [id, tenant] : tenants_)
        if (tenant.metrics)
            text += tenant.metrics();
    return text;
}

} // namespace web
