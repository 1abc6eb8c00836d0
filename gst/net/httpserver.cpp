#include "net/httpserver.hpp"

#include "net/address.hpp"
#include "net/listener.hpp"
#include "net/serverexchange.hpp"

#include <libsoup/soup.h>

#include <algorithm>
#include <list>

namespace net {
namespace {

template <class T>
using Object = std::unique_ptr<T, decltype(&g_object_unref)>;

template <class T>
Object<T> own(T* object) {
    return Object<T>(object, g_object_unref);
}

/// Hands an exchange to a handler: when the last hand lets go without an answer, the client still
/// gets one.
class Ticket : public HttpExchange {
public:
    explicit Ticket(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~Ticket() override { exchange_->reply({500, "text/plain", "No answer was made.\n", {}}); }
    const ServerRequest& request() const override { return exchange_->request(); }
    void reply(HttpReply reply) override { exchange_->reply(std::move(reply)); }
    std::unique_ptr<HttpStream> stream(HttpReply head, HttpStreamEvents events) override {
        return exchange_->stream(std::move(head), std::move(events));
    }
    void drop() override { exchange_->drop(); }

private:
    std::shared_ptr<Exchange> exchange_;
};

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
         HttpLimits limits)
        : loop_(loop), handler_(std::move(handler)), limits_(limits),
          server_(own(soup_server_new("server-header", "video-stream", nullptr))),
          listener_(
              loop, {address, port, limits.connections, limits.requestTime},
              [this](std::size_t silent) { return silent + open_.size() < limits_.connections; },
              [this](GSocketConnection* connection) { begin(connection); }) {
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
    void begin(GSocketConnection* connection) {
        GSocketAddress* here = g_socket_connection_get_local_address(connection, nullptr);
        GSocketAddress* there = g_socket_connection_get_remote_address(connection, nullptr);
        if (here && there) { // or they are gone already
            beginning_ = connection;
            soup_server_accept_iostream(server_.get(), G_IO_STREAM(connection), here, there,
                                        nullptr);
            beginning_ = nullptr;
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
        auto exchange = std::make_shared<Exchange>(message, self->beginning_, self->loop_,
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
        SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
        const goffset length = soup_message_headers_get_content_length(headers);
        if (exchange && length > static_cast<goffset>(self->limits_.bodyBytes))
            exchange->reply({413, "text/plain", "The request body is too large.\n", {}});
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
        if (exchange && !exchange->isAnswered()) // or else it is the reply's time
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
    Object<SoupServer> server_;
    std::list<std::shared_ptr<Exchange>> open_;
    GSocketConnection* beginning_ = nullptr; ///< whose first message libsoup is making
    Listener listener_;
};

HttpServer::HttpServer(EventLoop& loop, const std::string& address, unsigned port, Handler handler,
                       HttpLimits limits)
    : impl_(std::make_unique<Impl>(loop, address, port, std::move(handler), limits)) {}

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

std::string httpOrigin(const std::string& address, unsigned port) {
    std::string host = address == "localhost" ? "127.0.0.1" : address;
    if (host == "0.0.0.0" || host == "::")
        host = firstOuterAddress(host == "::" ? AF_INET6 : AF_INET);
    if (host.empty())
        host = address == "::" ? "::1" : "127.0.0.1";
    if (host.find(':') != std::string::npos)
        host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(port);
}

} // namespace net
