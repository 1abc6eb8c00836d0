#include "web/events.hpp"

#include "web/cors.hpp"
#include "web/problem.hpp"

#include <algorithm>

namespace web {

using namespace std::chrono_literals;

namespace {

/// Often enough for proxies, which give up on a silent answer after 30 to 60 s.
constexpr auto keepAliveTime = 15s;

} // namespace

Events::Events(net::EventLoop& loop, OriginPolicy policy, std::size_t maxClients)
    : loop_(loop), policy_(std::move(policy)), maxClients_(maxClients),
      alive_(loop.every(keepAliveTime, [this] { keepAlive(); })) {}

Events::~Events() = default;

net::HttpReply Events::head(const net::ServerRequest& request) const {
    net::HttpReply head{200, "text/event-stream", "", {{"Cache-Control", "no-store"}}};
    head.headers.emplace_back("X-Content-Type-Options", "nosniff");
    // What nginx heeds; without it events wait for a full buffer.
    head.headers.emplace_back("X-Accel-Buffering", "no");
    shareAcrossOrigins(head, request, policy_.allowOrigin);
    return head;
}

void Events::handle(const std::shared_ptr<net::HttpExchange>& exchange) {
    if (auto refusal = policy_.refusal(exchange->request()))
        return exchange->reply(std::move(*refusal));
    const std::string& method = exchange->request().method;
    if (method == "HEAD")
        return exchange->reply(head(exchange->request()));
    if (method != "GET")
        return exchange->reply(problem(405, "GET the events."));
    if (clients_.size() >= maxClients_) {
        auto full = problem(503, "Too many programs listen to these events already.");
        full.headers.emplace_back("Retry-After", "5");
        return exchange->reply(std::move(full));
    }
    auto client = std::make_shared<Client>();
    const std::weak_ptr<Client> weak = client;
    net::HttpStreamEvents events;
    events.room = [this, weak] {
        const auto alive = weak.lock();
        if (alive && alive->waiting)
            send(*alive, std::exchange(alive->waiting, nullptr));
    };
    events.gone = [this] { forgetLater(); };
    client->stream = exchange->stream(head(exchange->request()), std::move(events));
    clients_.push_back(client);
    sayHello(*client);
}

void Events::sayHello(Client& client) {
    // Browsers then come back two seconds after a lost connection.
    static const Text hello = std::make_shared<const std::string>("retry: 2000\n\n");
    client.stream->write(hello);
    if (newest_)
        client.stream->write(newest_);
}

void Events::publish(const std::string& json) {
    newest_ = std::make_shared<const std::string>("data: " + json + "\n\n");
    for (const auto& client : clients_)
        send(*client, newest_);
}

void Events::send(Client& client, const Text& text) {
    if (client.stream->waiting() == 0)
        return client.stream->write(text);
    drops_ += client.waiting != nullptr;
    client.waiting = text;
}

void Events::keepAlive() {
    static const Text comment = std::make_shared<const std::string>(": here\n\n");
    for (const auto& client : clients_)
        if (client->stream->waiting() == 0)
            client->stream->write(comment);
}

/// The stream that says that its client is gone cannot be dropped while it says so.
void Events::forgetLater() {
    forgetting_ = loop_.after(0ms, [this] {
        forgetting_ = {};
        clients_.erase(std::remove_if(clients_.begin(), clients_.end(),
                                      [](const auto& c) { return !c->stream->isOpen(); }),
                       clients_.end());
    });
}

} // namespace web
