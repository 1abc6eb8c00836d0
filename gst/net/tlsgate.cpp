#include "net/tlsgate.hpp"

#include <gio/gio.h>
#include <gnutls/gnutls.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace net {
namespace {

/// One record of TLS.
constexpr std::size_t recordBytes = 16 * 1024;
/// What may be moved before others have their turn.
constexpr int mostSteps = 64;
/// What the kernel may hold for a client: see Exchange's streams.
constexpr int sendBuffer = 256 * 1024;
/// TLS 1.2 for its clients that are older than ten years, with forward secrecy only.
constexpr const char* priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:"
                                   "+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:"
                                   "+CHACHA20-POLY1305";

bool isLater(ssize_t code) { return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED; }

bool isLater() { return errno == EAGAIN || errno == EINTR; }

} // namespace

/// A source for both descriptors.
struct TlsGate::Watch {
    GSource source; ///< first: GLib's part
    TlsGate* gate;
    gpointer client, server;

    static gboolean dispatch(GSource* source, GSourceFunc, gpointer) {
        g_source_set_ready_time(source, -1);
        reinterpret_cast<Watch*>(source)->gate->turn(); // may drop the gate
        return G_SOURCE_CONTINUE;
    }
};

TlsGate::TlsGate(EventLoop& loop, std::shared_ptr<const TlsIdentity> identity,
                 GSocketConnection* outside, std::chrono::milliseconds patience, Events events)
    : loop_(loop), identity_(std::move(identity)),
      outside_(G_SOCKET_CONNECTION(g_object_ref(outside))), patience_(patience),
      events_(std::move(events)),
      client_(g_socket_get_fd(g_socket_connection_get_socket(outside))) {}

TlsGate::~TlsGate() {
    if (watch_) {
        g_source_destroy(&watch_->source);
        g_source_unref(&watch_->source);
    }
    if (session_)
        gnutls_deinit(session_);
    if (server_ >= 0)
        close(server_);
    g_clear_object(&offered_);
    g_object_unref(outside_);
}

void TlsGate::begin() {
    static GSourceFuncs functions = {nullptr, nullptr, Watch::dispatch, nullptr, nullptr, nullptr};
    limitTime();
    if (!prepare()) { // no descriptors or memory left: let the client go
        deadline_ = loop_.after(std::chrono::milliseconds(0), [this] { finish(); });
        return;
    }
    watch_ = reinterpret_cast<Watch*>(g_source_new(&functions, sizeof(Watch)));
    watch_->gate = this;
    watch_->client = g_source_add_unix_fd(&watch_->source, client_, G_IO_IN);
    watch_->server = g_source_add_unix_fd(&watch_->source, server_, G_IO_IN);
    g_source_attach(&watch_->source, g_main_context_get_thread_default());
}

bool TlsGate::prepare() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    server_ = ends[0];
    GSocket* other = g_socket_new_from_fd(ends[1], nullptr);
    if (!other) {
        close(ends[1]);
        return false;
    }
    offered_ = g_socket_connection_factory_create_connection(other);
    g_object_unref(other);
    setsockopt(client_, SOL_SOCKET, SO_SNDBUF, &sendBuffer, sizeof sendBuffer);
    if (gnutls_init(&session_, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return false;
    const std::string& ticket = identity_->ticketKey();
    const gnutls_datum_t key = {reinterpret_cast<unsigned char*>(const_cast<char*>(ticket.data())),
                                static_cast<unsigned>(ticket.size())};
    static std::array<unsigned char, 9> name = {'h', 't', 't', 'p', '/', '1', '.', '1', 0};
    const gnutls_datum_t protocol = {name.data(), 8};
    gnutls_transport_set_int(session_, client_);
    gnutls_handshake_set_timeout(session_, 0); // ours is `deadline_`
    return gnutls_priority_set_direct(session_, priorities, nullptr) == 0 &&
           gnutls_credentials_set(session_, GNUTLS_CRD_CERTIFICATE, identity_->credentials()) ==
               0 &&
           gnutls_session_ticket_enable_server(session_, &key) == 0 &&
           gnutls_alpn_set_protocols(session_, &protocol, 1, 0) == 0;
}

void TlsGate::limitTime() {
    deadline_ = loop_.after(patience_, [this] { finish(); });
}

void TlsGate::turn() {
    if (pump())
        watch();
    else
        finish();
}

void TlsGate::finish() {
    const auto ended = std::move(events_.ended);
    ended(); // this is gone
}

/// False when it is over.
bool TlsGate::pump() {
    if (!shaken_ && !shakeHands())
        return false;
    bool moved = shaken_;
    for (int i = 0; i < mostSteps && moved; i++) {
        const std::size_t waited = out_.size();
        const std::size_t before = in_.size() + waited;
        const bool done = clientDone_ || serverDone_;
        if (!inwards() || !outwards())
            return false;
        moved = in_.size() + out_.size() != before || (clientDone_ || serverDone_) != done ||
                (in_.empty() && out_.empty() && gnutls_record_check_pending(session_) > 0);
        if (spoken_ && out_.empty())
            deadline_.cancel();
        else if (spoken_ && (waited == 0 || out_.size() < waited))
            limitTime();
    }
    if (moved)
        g_source_set_ready_time(&watch_->source, 0); // others first, then on
    return true;
}

bool TlsGate::shakeHands() {
    int code = gnutls_handshake(session_);
    for (int i = 0; i < 8 && code < 0 && !isLater(code) && !gnutls_error_is_fatal(code); i++)
        code = gnutls_handshake(session_);
    shaken_ = code == GNUTLS_E_SUCCESS;
    return shaken_ || isLater(code);
}

/// From the client to the server.
bool TlsGate::inwards() {
    if (in_.empty() && !clientDone_) {
        std::array<char, recordBytes> record;
        const ssize_t n = gnutls_record_recv(session_, record.data(), record.size());
        if (n > 0)
            in_.assign(record.data(), static_cast<std::size_t>(n));
        else if (!isLater(n))
            clientDone_ = true; // said good-bye, hung up, or broke the rules
    }
    if (!in_.empty()) {
        const ssize_t n = send(server_, in_.data(), in_.size(), MSG_NOSIGNAL);
        if (n < 0 && !isLater())
            clientDone_ = true, in_.clear(); // the server wants no more, but may still answer
        else if (n > 0)
            in_.erase(0, static_cast<std::size_t>(n));
        if (!spoken_ && n > 0)
            speak();
    }
    return !clientDone_ || !in_.empty() || serverDone_ || !out_.empty();
}

void TlsGate::speak() {
    spoken_ = true;
    GSocketConnection* offered = std::exchange(offered_, nullptr);
    events_.spoken(offered);
    g_object_unref(offered);
}

/// From the server to the client.
bool TlsGate::outwards() {
    if (!spoken_)
        return true;
    if (out_.empty() && !serverDone_) {
        std::array<char, recordBytes> some;
        const ssize_t n = recv(server_, some.data(), some.size(), 0);
        if (n > 0)
            out_.assign(some.data(), static_cast<std::size_t>(n));
        else if (n == 0 || !isLater())
            serverDone_ = true;
    }
    if (!out_.empty()) {
        // Asked again with the same bytes when it was not possible at once.
        const ssize_t n = gnutls_record_send(session_, out_.data(), out_.size());
        if (n < 0 && !isLater(n))
            return false;
        if (n > 0)
            out_.erase(0, static_cast<std::size_t>(n));
    }
    if (serverDone_ && out_.empty()) {
        gnutls_bye(session_, GNUTLS_SHUT_WR);
        shutdown(client_, SHUT_WR);
        return false;
    }
    return true;
}

void TlsGate::watch() {
    int client = 0, server = 0;
    if (!shaken_) {
        client = gnutls_record_get_direction(session_) ? G_IO_OUT : G_IO_IN;
    } else {
        client = (in_.empty() && !clientDone_ ? G_IO_IN : 0) | (out_.empty() ? 0 : G_IO_OUT);
        server =
            (in_.empty() ? 0 : G_IO_OUT) | (spoken_ && out_.empty() && !serverDone_ ? G_IO_IN : 0);
    }
    g_source_modify_unix_fd(&watch_->source, watch_->client, GIOCondition(client));
    g_source_modify_unix_fd(&watch_->source, watch_->server, GIOCondition(server));
}

} // namespace net
