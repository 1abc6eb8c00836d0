#include "web/endpoint.hpp"

#include "base/error.hpp"
#include "net/ratelimit.hpp"
#include "web/cors.hpp"
#include "web/pagefile.hpp"
#include "web/problem.hpp"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <optional>

namespace web {
namespace {

using net::HttpExchange;
using net::HttpHeaders;
using net::HttpReply;
using net::ServerRequest;

constexpr const char* sdpType = "application/sdp";
constexpr const char* fragmentType = "application/trickle-ice-sdpfrag";
/// A session has one ICE generation for its whole life, hence one tag.
constexpr const char* entityTag = "\"1\"";

bool isType(const ServerRequest& request, const char* type) {
    std::string given = request.header("Content-Type");
    given = given.substr(0, given.find(';'));
    given.erase(std::remove(given.begin(), given.end(), ' '), given.end());
    return equalsIgnoringCase(given, type);
}

constexpr std::size_t usualPerAddress = 16;

constexpr const char* jsonType = "application/json";
constexpr const char* layerWord = "/layer";
constexpr const char* statsWord = "/stats";
constexpr const char* layerRelation = "urn:ietf:params:whep:ext:core:layer";

/// What {"encodingId":"…"} names; a stranger's text.
std::optional<std::string> encodingId(const std::string& body) {
    if (body.size() > 1024 ||
        !g_utf8_validate(body.data(), static_cast<gssize>(body.size()), nullptr))
        return std::nullopt;
    const std::unique_ptr<JsonNode, decltype(&json_node_unref)> root(
        json_from_string(body.c_str(), nullptr), json_node_unref);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root.get()))
        return std::nullopt;
    JsonNode* id = json_object_get_member(json_node_get_object(root.get()), "encodingId");
    if (!id || !JSON_NODE_HOLDS_VALUE(id) || json_node_get_value_type(id) != G_TYPE_STRING)
        return std::nullopt;
    return json_node_get_string(id);
}

bool isRead(const ServerRequest& request) {
    return request.method == "GET" || request.method == "HEAD";
}

} // namespace

Endpoint::Endpoint(Audience& audience, EndpointSettings settings)
    : audience_(audience),
      settings_(std::move(settings)), policy_{settings_.allowOrigin, settings_.loopback},
      base_(settings_.name.empty() ? "" : "/" + settings_.name),
      word_(settings_.purpose == Purpose::Watch ? "/whep" : "/whip") {}

void Endpoint::handle(std::shared_ptr<HttpExchange> exchange) {
    const ServerRequest& request = exchange->request();
    if (auto refusal = policy_.refusal(request))
        return answer(exchange, std::move(*refusal));
    const std::string& path = request.path;
    if (path.compare(0, base_.size(), base_) == 0 &&
        (path.size() == base_.size() || path[base_.size()] == '/'))
        return route(exchange, path.substr(base_.size()));
    if (path == "/" && isRead(request))
        return answer(exchange, {307, "", "", {{"Location", base_ + "/"}}});
    refuse(exchange, 404, "There is nothing at this address. The stream is at " + base_ + "/.");
}

void Endpoint::route(const Exchange& exchange, const std::string& path) {
    if (path.empty())
        return answer(exchange, {307, "", "", {{"Location", base_ + "/"}}});
    if (path == word_)
        return endpoint(exchange);
    if (path.rfind(word_ + "/", 0) == 0)
        return session(exchange, path.substr(word_.size() + 1));
    if (!isRead(exchange->request()))
        return refuse(exchange, 405, "Only GET and HEAD are possible here.",
                      {{"Allow", "GET, HEAD"}});
    if (path == "/status")
        return answer(
            exchange,
            {200, "application/json", audience_.statusJson(), {{"Cache-Control", "no-store"}}});
    const char* index = settings_.purpose == Purpose::Watch ? "index.html" : "share.html";
    if (auto file = pageReply(path == "/" ? index : path.substr(1)))
        return answer(exchange, std::move(*file));
    refuse(exchange, 404, "There is no such file.");
}

void Endpoint::endpoint(const Exchange& exchange) {
    const std::string& method = exchange->request().method;
    if (method == "POST")
        return join(exchange);
    if (method == "OPTIONS")
        return options(exchange);
    if (isRead(exchange->request())) // a HEAD tells a player that this is a WHEP endpoint
        return answer(exchange, {200, sdpType, "", {{"Accept-Post", sdpType}}});
    refuse(exchange, 405, "POST an offer here.", {{"Allow", "OPTIONS, GET, HEAD, POST"}});
}

/// To a preflight the servers are not named: it carries no login.
void Endpoint::options(const Exchange& exchange) {
    HttpReply reply{204, "", "", {{"Accept-Post", sdpType}}};
    if (exchange->request().header("Access-Control-Request-Method").empty())
        for (const std::string& link : settings_.links())
            reply.headers.emplace_back("Link", link);
    answer(exchange, std::move(reply));
}

/// It has ended, or nothing came of its offer.
bool Endpoint::isGone(const Guest& guest) const {
    return guest->empty() ? guest.use_count() == 1 : !audience_.isMember(*guest);
}

/// Whether that address has all the sessions that it may have, those that begin among them.
bool Endpoint::isCrowd(const std::string& remote) {
    for (auto i = guests_.begin(); i != guests_.end();) {
        auto& guests = i->second;
        guests.erase(std::remove_if(guests.begin(), guests.end(),
                                    [this](const Guest& guest) { return isGone(guest); }),
                     guests.end());
        i = guests.empty() ? guests_.erase(i) : std::next(i);
    }
    const int limit = settings_.viewersPerAddress;
    if (limit == 0 || (limit < 0 && net::isLoopback(remote)))
        return false;
    const auto found = guests_.find(net::neighbourhood(remote));
    return found != guests_.end() &&
           found->second.size() >= (limit < 0 ? usualPerAddress : static_cast<std::size_t>(limit));
}

void Endpoint::join(const Exchange& exchange) {
    if (!isType(exchange->request(), sdpType))
        return refuse(exchange, 415, "The offer must have Content-Type application/sdp.",
                      {{"Accept-Post", sdpType}});
    Offer offer;
    try {
        offer = readOffer(exchange->request().body, settings_.purpose);
    } catch (const base::Error& error) {
        return refuse(exchange, 400, error.what());
    }
    if (isCrowd(exchange->request().remote))
        return refuse(exchange, 429, "This address has all the sessions that it may have.",
                      {{"Retry-After", "10"}});
    const auto guest = std::make_shared<std::string>();
    guests_[net::neighbourhood(exchange->request().remote)].push_back(guest);
    audience_.join(std::move(offer), [this, exchange, guest](const JoinResult& result) {
        if (result.status != 201) {
            HttpHeaders headers;
            if (result.status == 409 || result.status == 503)
                headers.emplace_back("Retry-After", result.status == 409 ? "1" : "5");
            return refuse(exchange, result.status, result.detail, std::move(headers));
        }
        *guest = result.id;
        HttpReply created{201,
                          sdpType,
                          result.answer,
                          {{"Location", base_ + word_ + "/" + result.id},
                           {"ETag", entityTag},
                           {"Accept-Patch", fragmentType},
                           {"Cache-Control", "no-store"}}};
        for (const std::string& link : settings_.links())
            created.headers.emplace_back("Link", link);
        if (result.layers)
            created.headers.emplace_back("Link", "<" + base_ + word_ + "/" + result.id + layerWord +
                                                     ">; rel=\"" + layerRelation + "\"");
        answer(exchange, std::move(created));
    });
}

void Endpoint::session(const Exchange& exchange, const std::string& path) {
    const std::string id = path.substr(0, path.find('/'));
    if (id.size() < path.size() && path.substr(id.size()) == layerWord)
        return layer(exchange, id);
    if (id.size() < path.size() && path.substr(id.size()) == statsWord)
        return stats(exchange, id);
    const ServerRequest& request = exchange->request();
    if (request.method == "OPTIONS")
        return answer(exchange, {204, "", "", {{"Accept-Patch", fragmentType}}});
    if (path != id || !audience_.isMember(id))
        return refuse(exchange, 404, "There is no such session, or it has ended.");
    if (request.method == "DELETE") {
        audience_.leave(id);
        return answer(exchange, {200, "", "", {}});
    }
    if (request.method == "PATCH")
        return trickle(exchange, id);
    if (isRead(request))
        return answer(exchange,
                      {200, "", "", {{"ETag", entityTag}, {"Cache-Control", "no-store"}}});
    refuse(exchange, 405, "PATCH candidates here, or DELETE the session.",
           {{"Allow", "OPTIONS, GET, HEAD, PATCH, DELETE"}});
}

/// The sizes of the picture, as early WHEP drafts have it for layers.
void Endpoint::layer(const Exchange& exchange, const std::string& id) {
    const ServerRequest& request = exchange->request();
    if (request.method == "OPTIONS")
        return answer(exchange, {204, "", "", {{"Accept-Post", jsonType}}});
    const std::string layers = audience_.layers(id);
    if (layers.empty())
        return refuse(exchange, 404, "There is no such session, or no choice in it.");
    if (isRead(request))
        return answer(exchange, {200, jsonType, layers, {{"Cache-Control", "no-store"}}});
    if (request.method != "POST")
        return refuse(exchange, 405, "POST the encodingId of a layer here.",
                      {{"Allow", "OPTIONS, GET, HEAD, POST"}});
    if (!isType(request, jsonType))
        return refuse(exchange, 415, "The choice must have Content-Type application/json.",
                      {{"Accept-Post", jsonType}});
    const auto wanted = encodingId(request.body);
    if (!wanted)
        return refuse(exchange, 400, "Send {\"encodingId\":\"…\"}.");
    if (!audience_.chooseLayer(id, *wanted))
        return refuse(exchange, 409, "There is no layer of that encodingId; GET tells which are.");
    answer(exchange, {200, jsonType, audience_.layers(id), {{"Cache-Control", "no-store"}}});
}

/// What the server knows of one viewer: whoever has the address of the session is that viewer.
void Endpoint::stats(const Exchange& exchange, const std::string& id) {
    if (!isRead(exchange->request()))
        return refuse(exchange, 405, "Only GET and HEAD are possible here.",
                      {{"Allow", "GET, HEAD"}});
    std::string health = audience_.health(id);
    if (health.empty())
        return refuse(exchange, 404, "There is no such session, or it has ended.");
    answer(exchange, {200, jsonType, std::move(health), {{"Cache-Control", "no-store"}}});
}

void Endpoint::trickle(const Exchange& exchange, const std::string& id) {
    const ServerRequest& request = exchange->request();
    if (!isType(request, fragmentType))
        return refuse(exchange, 415, "Candidates come as application/trickle-ice-sdpfrag.",
                      {{"Accept-Patch", fragmentType}});
    const std::string tag = request.header("If-Match");
    if (tag.empty())
        return refuse(exchange, 428, "Send If-Match with the ETag of the session.");
    if (tag != entityTag && tag != "*")
        return refuse(exchange, 412, "The ETag is not this session's.");
    try {
        if (!audience_.trickle(id, readTrickle(request.body)))
            return refuse(
                exchange, 422,
                "ICE restarts are not possible: DELETE the session and POST a new offer.");
    } catch (const base::Error& error) {
        return refuse(exchange, 400, error.what());
    }
    answer(exchange, {204, "", "", {}});
}

void Endpoint::answer(const Exchange& exchange, HttpReply reply) const {
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    shareAcrossOrigins(reply, exchange->request(), settings_.allowOrigin);
    exchange->reply(std::move(reply));
}

void Endpoint::refuse(const Exchange& exchange, int status, const std::string& detail,
                      HttpHeaders headers) const {
    HttpReply reply = problem(status, detail);
    for (auto& header : headers)
        reply.headers.push_back(std::move(header));
    answer(exchange, forReader(std::move(reply), exchange->request()));
}

} // namespace web
