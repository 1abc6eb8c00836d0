#include "net/listener.hpp"

#include "base/error.hpp"
#include "net/socketwatch.hpp"

#include <gio/gio.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <list>

namespace net {
namespace {

template <class T>
using Object = std::unique_ptr<T, decltype(&g_object_unref)>;

template <class T>
Object<T> own(T* object) {
    return Object<T>(object, g_object_unref);
}

Object<GSocketAddress> socketAddress(const std::string& address, unsigned port) {
    const std::string ip = address == "localhost" ? "127.0.0.1" : address;
    GSocketAddress* made = g_inet_socket_address_new_from_string(ip.c_str(), port);
    if (!made)
        throw base::Error(base::ErrorKind::Settings,
                          "\"" + address +
                              "\" is not an IP address: use 127.0.0.1 for this machine "
                              "alone or 0.0.0.0 for the whole network.");
    return own(made);
}

[[noreturn]] void cannotListen(const GError* error, const Listener::Settings& settings) {
    const std::string place = settings.address + " port " + std::to_string(settings.port);
    const std::string why = error->message;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        throw base::Error(base::ErrorKind::Busy,
                          "Another program already listens on " + place +
                              ": stop it, or choose another port (0 takes any free one).",
                          why);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
        throw base::Error(base::ErrorKind::NotAuthorized,
                          "Listening on " + place +
                              " is not allowed for this user: choose a port from 1024 up.",
                          why);
    throw base::Error(base::ErrorKind::Settings,
                      "Cannot listen on " + place + ": is the address one of this machine's?", why);
}

GSocket* listeningSocket(const Listener::Settings& settings, GError** error) {
    const auto where = socketAddress(settings.address, settings.port);
    GSocket* made = g_socket_new(g_socket_address_get_family(where.get()), G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, error);
    if (!made)
        return nullptr;
    auto socket = own(made);
    g_socket_set_blocking(made, FALSE);
    // GLib lets ten connections wait, and a browser that is the eleventh tries again only after a
    // second.
    g_socket_set_listen_backlog(made, static_cast<int>(settings.backlog));
    if (!g_socket_bind(made, where.get(), TRUE, error) || !g_socket_listen(made, error))
        return nullptr;
    return socket.release();
}

std::string remoteAddress(GSocket* socket) {
    GSocketAddress* address = g_socket_get_remote_address(socket, nullptr);
    if (!address)
        return {}; // gone already
    const auto owned = own(address);
    const std::unique_ptr<char, decltype(&g_free)> text(
        g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address))),
        g_free);
    return text.get();
}

unsigned localPort(GSocket* socket) {
    GSocketAddress* address = g_socket_get_local_address(socket, nullptr);
    if (!address)
        return 0;
    const auto owned = own(address);
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
}

} // namespace

class Listener::Impl {
public:
    Impl(EventLoop& loop, const Settings& settings, Admit admit, Handler handler)
        : loop_(loop), patience_(settings.patience), admit_(std::move(admit)),
          handler_(std::move(handler)), socket_(nullptr, g_object_unref) {
        GError* error = nullptr;
        socket_.reset(listeningSocket(settings, &error));
        if (!socket_) {
            const std::unique_ptr<GError, decltype(&g_error_free)> owned(error, g_error_free);
            cannotListen(error, settings);
        }
        port_ = localPort(socket_.get());
        watch_ = std::make_unique<SocketWatch>(socket_.get(), onCaller, this);
    }

    unsigned port_ = 0;

private:
    /// Somebody who has connected and said nothing.
    struct Silent {
        Silent(Impl& impl, GSocket* accepted, std::shared_ptr<Turnstile::Pass> place)
            : owner(impl), socket(own(accepted)), watch(accepted, onWord, this),
              pass(std::move(place)) {}
        Impl& owner;
        Object<GSocket> socket;
        SocketWatch watch;
        std::shared_ptr<Turnstile::Pass> pass;
        Timer deadline;
        std::list<Silent>::iterator self;
    };

    static gboolean onCaller(GSocket* socket, GIOCondition, gpointer data) {
        auto* self = static_cast<Impl*>(data);
        // Bounded, so that a storm of callers does not keep the loop from its other work.
        for (int i = 0; i < 16; i++) {
            GError* error = nullptr;
            GSocket* accepted = g_socket_accept(socket, nullptr, &error);
            if (!accepted)
                return self->afterRefusal(error);
            if (auto pass = self->admit_(remoteAddress(accepted)))
                self->waitForWord(accepted, std::move(pass));
            else
                g_object_unref(accepted); // which closes it
        }
        return G_SOURCE_CONTINUE;
    }

    /// Nobody is there, or the process has no descriptor left for who is: they stay in the queue,
    /// and asking again at once would only burn the processor.
    gboolean afterRefusal(GError* error) {
        const std::unique_ptr<GError, decltype(&g_error_free)> owned(error, g_error_free);
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return G_SOURCE_CONTINUE;
        watch_.reset();
        resume_ = loop_.after(std::chrono::milliseconds(100), [this] {
            watch_ = std::make_unique<SocketWatch>(socket_.get(), onCaller, this);
        });
        return G_SOURCE_REMOVE;
    }

    void waitForWord(GSocket* accepted, std::shared_ptr<Turnstile::Pass> pass) {
        g_socket_set_blocking(accepted, FALSE);
        g_socket_set_option(accepted, IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
        auto& silent = silent_.emplace_back(*this, accepted, std::move(pass));
        silent.self = std::prev(silent_.end());
        silent.pass->onEviction([this, &silent] { silent_.erase(silent.self); });
        silent.deadline = loop_.after(patience_, [this, &silent] { silent_.erase(silent.self); });
    }

    static gboolean onWord(GSocket* socket, GIOCondition, gpointer data) {
        auto* silent = static_cast<Silent*>(data);
        char first = 0;
        GInputVector into{&first, 1};
        int flags = G_SOCKET_MSG_PEEK;
        GError* error = nullptr;
        const gssize n = g_socket_receive_message(socket, nullptr, &into, 1, nullptr, nullptr,
                                                  &flags, nullptr, &error);
        const bool nothingYet = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
        g_clear_error(&error);
        if (nothingYet)
            return G_SOURCE_CONTINUE;
        Impl& self = silent->owner;
        const auto connection = own(g_socket_connection_factory_create_connection(socket));
        auto pass = std::move(silent->pass);
        pass->onEviction({});
        self.silent_.erase(silent->self); // `silent` is gone
        if (n > 0)
            self.handler_({connection.get(), first, std::move(pass)});
        return G_SOURCE_REMOVE;
    }

    EventLoop& loop_;
    std::chrono::milliseconds patience_;
    Admit admit_;
    Handler handler_;
    Object<GSocket> socket_;
    std::unique_ptr<SocketWatch> watch_;
    Timer resume_;
    std::list<Silent> silent_;
};

Listener::Listener(EventLoop& loop, const Settings& settings, Admit admit, Handler handler)
    : impl_(std::make_unique<Impl>(loop, settings, std::move(admit), std::move(handler))) {}

Listener::~Listener() = default;

unsigned Listener::port() const { return impl_->port_; }

} // namespace net
