#include "net/httpserver.hpp"

#include "net/address.hpp"
#include "net/listener.hpp"
#include "net/serverexchange.hpp"
#include "net/tlsgate.hpp"
#include "net/turnstile.hpp"

#include <libsoup/soup.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <optional>

namespace net {
namespace {

template <class T>
using Object = std::unique_ptr<T, decltype(&g_object_unref)>;

template <class T>
Object<T> own(T* object) {
    return Object<T>(object, g_object_unref);
}

/// A problem detail (RFC 9457), in words that need no escape in JSON.
HttpReply refusal(int status, const char* detail) {
    return {status,
            "application/problem+json",
            R"({"title":")" + std::string(soup_status_get_phrase(static_cast<guint>(status))) +
                R"(","status":)" + std::to_string(status) + R"(,"detail":")" + detail + "\"}\n",
            {}};
}

/// Hands an exchange to a handler: when the last hand lets go without an answer, the client still
/// gets one.
class Ticket : public HttpExchange {
public:
    explicit Ticket(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~Ticket() override { exchange_->reply(refusal(500, "No answer was made.")); }
    const ServerRequest& request() const override { return exchange_->request(); }
    void reply(HttpReply reply) override { exchange_->reply(std::move(reply)); }
    std::unique_ptr<HttpStream> stream(HttpReply head, HttpStreamEvents events) override {
        return exchange_->stream(std::move(head), std::move(events));
    }
    void drop() override { exchange_->drop(); }

private:
    std::shared_ptr<Exchange> exchange_;
};

/// For who speaks plain HTTP to a port of HTTPS.
HttpReply towardsTls(const ServerRequest& request) {
    const std::string host = request.header("Host");
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (!reads || host.empty() || !std::all_of(host.begin(), host.end(), [](char c) {
            return g_ascii_isalnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
        }))
        return refusal(400, "This port speaks HTTPS: use https:// in the address.");
    const std::unique_ptr<char, decltype(&g_free)> path(
        g_uri_escape_string(request.path.c_str(), "/", FALSE), g_free);
    return {307,
            "",
            "",
            {{"Location", "https://" + host + path.get() +
                              (request.query.empty() ? "" : "?" + request.query)}}};
}

/// This machine's first address that others can reach, in numbers; empty when there is none.
std::string firstOuterAddress(int family) {
    for (const NetworkInterface& interface : networkInterfaces())
        for (const SocketAddress& address : interface.addresses)
            if (!interface.loopback && address.family() == family &&
                !(family == AF_INET6 && address.linkLocal()))
                return address.host();
    return {};
}

} // namespace

std::string ServerRequest::header(const std::string& name) const {
    for (const auto& [key, value] : headers)
        if (g_ascii_strcasecmp(key.c_str(), name.c_str()) == 0)
            return value;
    return {};
}

class HttpServer::Impl {
public:
    Impl(EventLoop& loop, const std::string& address, unsigned port, Handler handler,
         HttpLimits limits, std::shared_ptr<const TlsIdentity> tls)
        : loop_(loop), handler_(std::move(handler)), limits_(limits), tls_(std::move(tls)),
          turnstile_(limits.connections, limits.connectionsEach),
          server_(own(soup_server_new("server-header", "video-stream", nullptr))),
          listener_(
              loop, {address, port, limits.connections, limits.requestTime},
              [this](const std::string& from) { return turnstile_.enter(from, isLoopback(from)); },
              [this](Listener::Caller caller) { receive(std::move(caller)); }) {
        soup_server_add_handler(server_.get(), nullptr, onRequest, this, nullptr);
        g_signal_connect(server_.get(), "request-started", G_CALLBACK(onStarted), this);
    }

    ~Impl() {
        soup_server_disconnect(server_.get());
        const auto open = std::move(open_);
        for (const auto& exchange : open) {
            g_signal_handlers_disconnect_by_data(exchange->message(), this);
            exchange->hangUp();
            exchange->finish();
        }
    }

    unsigned port() const { return listener_.port(); }

private:
    /// Behind TLS, and what stands between it and its client.
    struct Secured {
        std::unique_ptr<TlsGate> gate;
        std::shared_ptr<Turnstile::Pass> pass; ///< the exchange's too
    };

    void receive(Listener::Caller caller) {
        constexpr char handshake = 22; // of RFC 8446 section 5.1; no method begins so
        if (tls_ && caller.first == handshake)
            secure(caller);
        else
            begin({caller.connection, std::move(caller.pass), false}, caller.connection);
    }

    void secure(const Listener::Caller& caller) {
        const auto place = secured_.insert(secured_.end(), {nullptr, caller.pass});
        // The gate holds the connection for as long as these are called.
        TlsGate::Events events;
        events.spoken = [this, place, outside = caller.connection](GSocketConnection* inside) {
            begin({inside, place->pass, true}, outside);
        };
        events.ended = [this, place] { secured_.erase(place); };
        caller.pass->onEviction(events.ended);
        place->gate = std::make_unique<TlsGate>(loop_, tls_, caller.connection, limits_.requestTime,
                                                std::move(events));
        place->gate->begin();
    }

    /// `outside` is the client's end of the line.
    void begin(Exchange::Line line, GSocketConnection* outside) {
        GSocketAddress* here = g_socket_connection_get_local_address(outside, nullptr);
        GSocketAddress* there = g_socket_connection_get_remote_address(outside, nullptr);
        if (here && there) { // or they are gone already
            beginning_ = std::move(line);
            soup_server_accept_iostream(server_.get(), G_IO_STREAM(beginning_->connection), here,
                                        there, nullptr);
            beginning_.reset();
        }
        g_clear_object(&here);
        g_clear_object(&there);
    }

    std::shared_ptr<Exchange> find(SoupServerMessage* message) const {
        for (const auto& exchange : open_)
            if (exchange->message() == message)
                return exchange;
        return nullptr;
    }

    static void onStarted(SoupServer*, SoupServerMessage* message, gpointer data) {
        auto* self = static_cast<Impl*>(data);
        if (!self->beginning_)
            return; // a second message: each answer closes its connection, so it gets none
        auto exchange = std::make_shared<Exchange>(message, *self->beginning_, self->loop_,
                                                   self->limits_.requestTime,
                                                   [self](const std::shared_ptr<Exchange>& lost) {
                                                       g_socket_close(lost->socket(), nullptr);
                                                       self->forget(lost);
                                                   });
        self->open_.push_back(exchange);
        g_signal_connect(message, "got-headers", G_CALLBACK(onHeaders), self);
        g_signal_connect(message, "got-chunk", G_CALLBACK(onChunk), self);
        g_signal_connect(message, "got-body", G_CALLBACK(onBody), self);
        g_signal_connect(message, "finished", G_CALLBACK(onFinished), self);
        exchange->limitTime();
    }

    static void onHeaders(SoupServerMessage* message, gpointer data) {
        auto* self = static_cast<Impl*>(data);
        const auto exchange = self->find(message);
        if (exchange)
            if (auto refusal = self->tooLarge(message))
                exchange->reply(std::move(*refusal));
    }

    std::optional<HttpReply> tooLarge(SoupServerMessage* message) const {
        SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
        GUri* uri = soup_server_message_get_uri(message);
        const char* query = g_uri_get_query(uri);
        if (std::strlen(g_uri_get_path(uri)) + (query ? std::strlen(query) : 0) >
            limits_.targetBytes)
            return refusal(414, "The address is too long.");
        std::size_t size = 0;
        SoupMessageHeadersIter iter;
        soup_message_headers_iter_init(&iter, headers);
        for (const char *name, *value; soup_message_headers_iter_next(&iter, &name, &value);)
            size += std::strlen(name) + std::strlen(value) + 4;
        if (size > limits_.headerBytes)
            return refusal(431, "The request's headers are too large.");
        if (soup_message_headers_get_content_length(headers) >
            static_cast<goffset>(limits_.bodyBytes))
            return refusal(413, "The request body is too large.");
        return std::nullopt;
    }

    static void onChunk(SoupServerMessage* message, GBytes* chunk, gpointer data) {
        auto* self = static_cast<Impl*>(data);
        const auto exchange = self->find(message);
        if (!exchange)
            return;
        if (exchange->received(g_bytes_get_size(chunk)) > self->limits_.bodyBytes)
            exchange->cut();
    }

    static void onBody(SoupServerMessage* message, gpointer data) {
        const auto exchange = static_cast<Impl*>(data)->find(message);
        if (!exchange)
            return;
        exchange->settle();
        if (!exchange->isAnswered()) // or else it is the reply's time
            exchange->limitNothing();
    }

    static void onFinished(SoupServerMessage* message, gpointer data) {
        auto* self = static_cast<Impl*>(data);
        if (const auto exchange = self->find(message))
            self->forget(exchange);
    }

    void forget(const std::shared_ptr<Exchange>& exchange) {
        g_signal_handlers_disconnect_by_data(exchange->message(), this);
        open_.remove(exchange);
        exchange->finish();
    }

    static void onRequest(SoupServer*, SoupServerMessage* message, const char* path, GHashTable*,
                          gpointer data) {
        auto* self = static_cast<Impl*>(data);
        const auto exchange = self->find(message);
        if (!exchange || exchange->isAnswered())
            return;
        exchange->read(path);
        if (self->tls_ && !exchange->request().secure)
            return exchange->reply(towardsTls(exchange->request()));
        // libsoup is C: an exception that gets there ends the process.
        try {
            self->handler_(std::make_shared<Ticket>(exchange));
        } catch (const std::exception& error) {
            g_info("A request could not be handled: %s", error.what());
        }
        exchange->pauseUnlessAnswered();
    }

    EventLoop& loop_;
    Handler handler_;
    HttpLimits limits_;
    std::shared_ptr<const TlsIdentity> tls_; ///< null for plain HTTP
    Turnstile turnstile_;
    Object<SoupServer> server_;
    std::list<std::shared_ptr<Exchange>> open_;
    std::optional<Exchange::Line> beginning_; ///< whose first message libsoup is making
    std::list<Secured> secured_;
    Listener listener_;
};

HttpServer::HttpServer(EventLoop& loop, const std::string& address, unsigned port, Handler handler,
                       HttpLimits limits, std::shared_ptr<const TlsIdentity> tls)
    : impl_(std::make_unique<Impl>(loop, address, port, std::move(handler), limits,
                                   std::move(tls))) {}

HttpServer::~HttpServer() = default;

unsigned HttpServer::port() const { return impl_->port(); }

bool isLoopback(const std::string& address) {
    if (address == "localhost")
        return true;
    // Strictly: SocketAddress also takes "127.1", and this decides who may ask.
    const std::unique_ptr<GInetAddress, decltype(&g_object_unref)> parsed(
        g_inet_address_new_from_string(address.c_str()), g_object_unref);
    return parsed && g_inet_address_get_is_loopback(parsed.get());
}

std::string httpOrigin(const std::string& address, unsigned port, bool secure) {
    std::string host = address == "localhost" ? "127.0.0.1" : address;
    if (host == "0.0.0.0" || host == "::")
        host = firstOuterAddress(host == "::" ? AF_INET6 : AF_INET);
    if (host.empty())
        host = address == "::" ? "::1" : "127.0.0.1";
    if (host.find(':') != std::string::npos)
        host = "[" + host + "]";
    return (secure ? "https://" : "http://") + host + ":" + std::to_string(port);
}

} // namespace net
