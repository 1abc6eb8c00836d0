#pragma once

#include "net/eventloop.hpp"
#include "net/turnstile.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

typedef struct _GSocketConnection GSocketConnection;

namespace net {

/// Takes TCP connections on one address, in the thread of an EventLoop, and hands on those that
/// have said something. Who connects and leaves, or connects and waits, never gets further: libsoup
/// 3.2 forgets a connection that ends before its first byte with its descriptor still open.
class Listener {
public:
    /// Somebody who has said something.
    struct Caller {
        GSocketConnection* connection; ///< borrowed; whoever wants to keep it takes a reference
        char first;                    ///< the first byte, which is still to be read
        std::shared_ptr<Turnstile::Pass> pass;
    };
    using Handler = std::function<void(Caller)>;
    /// A place for one from that address, or null.
    using Admit = std::function<std::shared_ptr<Turnstile::Pass>(const std::string& address)>;

    struct Settings {
        std::string address; ///< an IP address or "localhost"
        unsigned port = 0;   ///< 0 takes any free one
        unsigned backlog = 256;
        std::chrono::milliseconds patience{10000}; ///< from connection to first byte
    };

    /// Listens. Throws base::Error: Busy when something else listens there, Settings when the
    /// address is not one of ours, NotAuthorized when this user may not.
    Listener(EventLoop& loop, const Settings& settings, Admit admit, Handler handler);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// The port that is really listened on.
    unsigned port() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace net
