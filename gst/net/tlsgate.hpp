#pragma once

#include "net/eventloop.hpp"
#include "net/tlsidentity.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

typedef struct _GSocketConnection GSocketConnection;
typedef struct gnutls_session_int* gnutls_session_t;

namespace net {

/// TLS for a server that knows none: shakes hands with a client and passes on what it says through
/// a pair of local sockets, so that the server behind sees the same kind of connection as without.
/// All in the loop's thread, never waiting; 32 KiB at most on their way. TLS 1.2 and 1.3.
class TlsGate {
public:
    struct Events {
        /// The client has said its first byte inside. Borrows the server's end.
        std::function<void(GSocketConnection*)> spoken;
        /// Over; drops the gate.
        std::function<void()> ended;
    };

    /// `patience` is for the handshake and the first byte, and later for a client that takes
    /// nothing while something waits for it.
    TlsGate(EventLoop& loop, std::shared_ptr<const TlsIdentity> identity,
            GSocketConnection* outside, std::chrono::milliseconds patience, Events events);
    ~TlsGate();
    TlsGate(const TlsGate&) = delete;
    TlsGate& operator=(const TlsGate&) = delete;

    /// To be called once after it was made.
    void begin();

private:
    struct Watch;

    bool prepare();
    bool pump();
    bool shakeHands();
    bool inwards();
    bool outwards();
    void speak();
    void watch();
    void turn();
    void limitTime();
    void finish();

    EventLoop& loop_;
    std::shared_ptr<const TlsIdentity> identity_;
    GSocketConnection* outside_;
    GSocketConnection* offered_ = nullptr; ///< the server's end, until it has been handed over
    std::chrono::milliseconds patience_;
    Events events_;
    gnutls_session_t session_ = nullptr;
    int client_; ///< descriptors
    int server_ = -1;
    Watch* watch_ = nullptr;
    Timer deadline_;
    std::string in_, out_; ///< decrypted, on their way
    bool shaken_ = false;
    bool spoken_ = false;
    bool clientDone_ = false, serverDone_ = false;
};

} // namespace net
