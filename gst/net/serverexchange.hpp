#pragma once

#include "net/httpserver.hpp"
#include "net/socketwatch.hpp"
#include "net/turnstile.hpp"

#include <libsoup/soup.h>

#include <chrono>
#include <functional>
#include <memory>

namespace net {

/// Follows one SoupServerMessage from its first byte to its end. Inside of HttpServer only.
class Exchange : public HttpExchange, public std::enable_shared_from_this<Exchange> {
public:
    using Abandon = std::function<void(const std::shared_ptr<Exchange>&)>;
    /// What it comes in by.
    struct Line {
        GSocketConnection* connection; ///< borrowed
        std::shared_ptr<Turnstile::Pass> pass;
        bool secure; ///< by TLS
    };
    /// `abandon` closes the socket and forgets the exchange.
    Exchange(SoupServerMessage* message, Line line, EventLoop& loop, std::chrono::milliseconds time,
             Abandon abandon);
    ~Exchange() override;

    const ServerRequest& request() const override { return request_; }
    void reply(HttpReply reply) override;
    std::unique_ptr<HttpStream> stream(HttpReply head, HttpStreamEvents events) override;
    void drop() override;

    SoupServerMessage* message() const { return message_; }
    GSocket* socket() const { return g_socket_connection_get_socket(connection_); }
    bool isAnswered() const { return answered_; }

    /// Takes the request from the message.
    void read(const char* path);
    /// So many more bytes of body have come: returns all.
    std::size_t received(std::size_t bytes) { return received_ += bytes; }
    /// From now on the client has so long for what comes next.
    void limitTime();
    void limitNothing() { deadline_.cancel(); }
    /// The request is complete.
    void settle() { pass_->settle(); }
    void pauseUnlessAnswered();
    /// Cuts the connection without an answer.
    void cut();
    void hangUp() { g_socket_shutdown(socket(), TRUE, TRUE, nullptr); }
    /// libsoup is done with it.
    void finish();

private:
    class Stream;

    void setHead(const HttpReply& reply);
    void resume();
    void write(const std::shared_ptr<const std::string>& part);
    void endStream();
    void watchForLeaving();
    static void onWritten(SoupServerMessage*, guint size, gpointer self);
    static gboolean onReadable(GSocket* socket, GIOCondition, gpointer self);

    SoupServerMessage* message_;
    GSocketConnection* connection_;
    std::shared_ptr<Turnstile::Pass> pass_; ///< until it is gone
    EventLoop& loop_;                       ///< until `gone_`
    std::chrono::milliseconds time_;
    Abandon abandon_;
    ServerRequest request_;
    Timer deadline_;
    std::unique_ptr<SocketWatch> watch_;
    HttpStreamEvents events_;
    std::size_t received_ = 0;
    std::size_t waiting_ = 0; ///< bytes of the stream that the socket has not taken
    bool answered_ = false;
    bool streaming_ = false;
    bool paused_ = false;
    bool gone_ = false;
};

} // namespace net
