#pragma once

#include "net/eventloop.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace net {

class TlsIdentity;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A request as it came: every field is hostile. (HttpRequest is the one that HttpClient sends.)
struct ServerRequest {
    std::string method;
    std::string path;   ///< percent-decoded, begins with a slash
    std::string query;  ///< without the question mark, still encoded
    std::string remote; ///< address of the peer, without its port
    HttpHeaders headers;
    std::string body;
    bool secure = false; ///< it came by TLS

    /// The first header of that name, whatever its case; empty when there is none.
    std::string header(const std::string& name) const;
};

struct HttpReply {
    int status = 200;
    std::string type; ///< Content-Type; empty for none
    std::string body;
    HttpHeaders headers;
};

/// An answer that goes on, such as pictures or events, written part by part in the loop's thread.
/// Dropping it ends the answer. A client that takes nothing for `HttpLimits::requestTime` while
/// something waits is cut off.
class HttpStream {
public:
    virtual ~HttpStream() = default;
    /// Nothing after the client has gone.
    virtual void write(std::shared_ptr<const std::string> part) = 0;
    /// Bytes written here that the socket has not taken. Who writes only while it is 0 drops what a
    /// slow client cannot take, and keeps it close to the present.
    virtual std::size_t waiting() const = 0;
    virtual bool isOpen() const = 0;
};

struct HttpStreamEvents {
    std::function<void()> room; ///< all that was written is taken
    std::function<void()> gone; ///< the client has left; not after the stream was dropped
};

/// One request and the right to answer it once, now or later. Use it in the loop's thread. A reply
/// to a client that has left goes nowhere; an exchange dropped without a reply answers 500, and so
/// does a handler that throws.
class HttpExchange {
public:
    virtual ~HttpExchange() = default;
    virtual const ServerRequest& request() const = 0;
    virtual void reply(HttpReply reply) = 0;
    /// Answers with `head` and what will be written to the stream after its body.
    virtual std::unique_ptr<HttpStream> stream(HttpReply head, HttpStreamEvents events) = 0;
    /// Closes the connection without a word instead.
    virtual void drop() = 0;
};

/// What a stranger may cost us.
struct HttpLimits {
    std::size_t bodyBytes = 64 * 1024;
    std::size_t headerBytes = 16 * 1024; ///< all names and values together
    std::size_t targetBytes = 4 * 1024;  ///< path and query
    unsigned connections = 256;          ///< at the same time
    /// Of one address, but not of this machine's own: a proxy there speaks for many.
    unsigned connectionsEach = 64;
    /// From connection to last byte of the request, and again from reply() to last byte of it.
    std::chrono::milliseconds requestTime{10000};
};

/// An HTTP/1.1 server on one address, living in the thread of an EventLoop: make it, use it and
/// drop it in there. Each answer closes its connection: libsoup 3.2 never closes a socket whose
/// client hung up between two requests (fixed in 3.4), and a leaked descriptor per visitor ends any
/// server.
///
/// Who has not said all of its request gives way when the server is full, see Turnstile.
class HttpServer {
public:
    using Handler = std::function<void(std::shared_ptr<HttpExchange>)>;

    /// `address` is an IP address or "localhost"; port 0 takes any free one. Throws base::Error:
    /// Busy when something else listens there, Settings when the address is not one of ours. With
    /// `tls` it speaks HTTPS, and who comes without is sent there.
    HttpServer(EventLoop& loop, const std::string& address, unsigned port, Handler handler,
               HttpLimits limits = {}, std::shared_ptr<const TlsIdentity> tls = nullptr);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// The port that is really listened on.
    unsigned port() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// True for 127.0.0.0/8, ::1 and the name localhost.
bool isLoopback(const std::string& address);

/// "http://host:port" that a browser can open for a server on `address`: a wildcard becomes this
/// machine's first address that is not loopback, IPv6 goes in brackets.
std::string httpOrigin(const std::string& address, unsigned port, bool secure = false);

} // namespace net
