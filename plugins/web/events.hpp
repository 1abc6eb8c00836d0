#pragma once

#include "net/httpserver.hpp"
#include "web/origin.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// Server-Sent Events (WHATWG HTML section 9.2): what happens in a stream, for programs and pages
/// that need no picture. Each event is one line of JSON in the unnamed type, so that an EventSource
/// hears of it by "message". A client that comes gets the newest at once; one that does not keep up
/// gets the newest when it can, and what was between is dropped and counted. A comment every 15 s
/// keeps proxies and dead connections from being mistaken for quiet ones.
///
/// In the thread of the server's loop, all of it.
class Events {
public:
    using Text = std::shared_ptr<const std::string>;

    Events(net::EventLoop& loop, OriginPolicy policy, std::size_t maxClients = 64);
    ~Events();
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    void handle(const std::shared_ptr<net::HttpExchange>& exchange);
    /// `json` has no line break.
    void publish(const std::string& json);

    std::size_t clients() const { return clients_.size(); }
    std::uint64_t drops() const { return drops_; }

private:
    struct Client {
        std::unique_ptr<net::HttpStream> stream;
        Text waiting; ///< the newest that its socket could not take yet
    };

    net::HttpReply head(const net::ServerRequest& request) const;
    void send(Client& client, const Text& text);
    void sayHello(Client& client);
    void keepAlive();
    void forgetLater();

    net::EventLoop& loop_;
    OriginPolicy policy_;
    std::size_t maxClients_;
    std::vector<std::shared_ptr<Client>> clients_;
    Text newest_;
    std::uint64_t drops_ = 0;
    net::Timer alive_, forgetting_;
};

} // namespace web
