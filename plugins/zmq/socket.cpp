#include "zmq/socket.hpp"

#include "base/error.hpp"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

namespace imagezmq {

namespace {

/// A frame of libzmq's, closed in the end.
class Frame {
public:
    Frame() { zmq_msg_init(&msg_); }
    explicit Frame(const std::string& bytes) {
        if (zmq_msg_init_size(&msg_, bytes.size()) != 0)
            throw std::bad_alloc();
        std::memcpy(zmq_msg_data(&msg_), bytes.data(), bytes.size());
    }
    explicit Frame(Bytes bytes) {
        auto owner = std::make_unique<std::shared_ptr<const void>>(std::move(bytes.owner));
        if (zmq_msg_init_data(&msg_, const_cast<void*>(bytes.data), bytes.size, release,
                              owner.get()) != 0)
            throw std::bad_alloc();
        (void)owner.release(); // to `release`
    }
    ~Frame() { zmq_msg_close(&msg_); }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    bool send(void* socket, int flags) {
        return zmq_msg_send(&msg_, socket, flags | ZMQ_DONTWAIT) >= 0;
    }
    bool receive(void* socket) { return zmq_msg_recv(&msg_, socket, ZMQ_DONTWAIT) >= 0; }
    bool more() const { return zmq_msg_more(&msg_) != 0; }
    /// The descriptor that it came by; negative where libzmq does not tell.
    int connection() const { return zmq_msg_get(&msg_, ZMQ_SRCFD); }
    std::string_view bytes() {
        return {static_cast<const char*>(zmq_msg_data(&msg_)), zmq_msg_size(&msg_)};
    }

private:
    /// In libzmq's thread, once the last peer has it.
    static void release(void*, void* owner) {
        delete static_cast<std::shared_ptr<const void>*>(owner);
    }
    zmq_msg_t msg_;
};

int typeOf(Role role) {
    switch (role) {
    case Role::Publish:
        return ZMQ_XPUB; // a PUB on the wire that tells when a queue is full
    case Role::Subscribe:
        return ZMQ_SUB;
    case Role::Request:
        return ZMQ_REQ;
    case Role::Reply:
        break;
    }
    return ZMQ_REP;
}

[[noreturn]] void failed(bool binding, const std::string& endpoint) {
    const int error = zmq_errno();
    const std::string details = zmq_strerror(error);
    if (error == EADDRINUSE)
        throw base::Error(base::ErrorKind::Busy,
                          "Another program already listens at " + endpoint +
                              "; end it or set another endpoint.",
                          details);
    if (error == EADDRNOTAVAIL || error == ENODEV)
        throw base::Error(base::ErrorKind::Settings,
                          "This computer has no address " + endpoint +
                              " to listen at; set endpoint to one of its own.",
                          details);
    if (error == EACCES)
        throw base::Error(base::ErrorKind::NotAuthorized,
                          "Listening at " + endpoint +
                              " is not allowed; set endpoint to a port above 1023.",
                          details);
    throw base::Error(base::ErrorKind::Settings,
                      std::string(binding ? "Listening at " : "Connecting to ") + endpoint +
                          " failed (" + details + "); set endpoint to tcp://ADDRESS:PORT.",
                      details);
}

/// Whose own address has dots is told in that way, and not as ::ffff:127.0.0.1.
bool mayBeIpv6(const SocketSettings& settings) {
    return !binds(settings) || settings.endpoint.find_first_of("[*") == 6;
}

constexpr int heartbeatMs = 2000, deadAfterMs = 6000;
constexpr int reconnectMs = 100, reconnectMaxMs = 3000;
/// What a peer may send to one that only publishes or requests: subscriptions, replies.
constexpr std::int64_t longestAnswer = 4096;
constexpr int smallQueue = 1000; ///< of those: libzmq drops answers that find no room
/// What may lie in the system, besides the messages that wait here and one that is coming.
constexpr std::uint64_t slack = 64 * 1024 * 1024;
constexpr std::chrono::milliseconds lookEvery{100}; ///< at what peers send
/// Pictures that lie in the kernel for a slow peer are as late as those in our queue.
constexpr int sendBuffer = 512 * 1024;

bool sends(const SocketSettings& settings) {
    return settings.role == Role::Publish || settings.role == Role::Request;
}

std::int64_t largestPart(const SocketSettings& settings) {
    return sends(settings) ? longestAnswer : static_cast<std::int64_t>(settings.largest);
}

/// Messages that wait for the one who receives.
int waiting(const SocketSettings& settings) {
    return sends(settings) ? smallQueue : settings.queue;
}

} // namespace

bool binds(const SocketSettings& settings) {
    if (settings.link != Link::Auto)
        return settings.link == Link::Bind;
    return settings.role == Role::Publish || settings.role == Role::Reply;
}

void checkEndpoint(const std::string& endpoint) {
    if (endpoint.find('@') != std::string::npos)
        throw base::Error(base::ErrorKind::Settings,
                          "An endpoint has no user and password; set it to tcp://ADDRESS:PORT.");
    const bool known = endpoint.rfind("tcp://", 0) == 0 || endpoint.rfind("ipc://", 0) == 0;
    if (!known || endpoint.size() < 8)
        throw base::Error(base::ErrorKind::Settings,
                          "\"" + endpoint +
                              "\" is no endpoint; write tcp://ADDRESS:PORT or ipc://PATH.");
}

std::string peerHost(const SocketSettings& settings) {
    constexpr std::string_view scheme = "tcp://";
    const std::string& endpoint = settings.endpoint;
    if (binds(settings) || endpoint.rfind(scheme, 0) != 0)
        return {};
    // An address of this computer may stand before that of the peer.
    const auto semicolon = endpoint.rfind(';');
    const auto begin = semicolon == std::string::npos ? scheme.size() : semicolon + 1;
    const auto end = endpoint.rfind(':');
    if (end <= begin || endpoint[begin] == '[')
        return {};
    return endpoint.substr(begin, end - begin);
}

Socket::Socket(const SocketSettings& settings)
    : settings_(settings), endpoint_(settings.endpoint),
      intake_(static_cast<std::uint64_t>(largestPart(settings)) *
                  static_cast<std::uint64_t>(waiting(settings) + 2) +
              slack) {
    checkEndpoint(endpoint_);
    context_.reset(zmq_ctx_new(), [](void* context) {
        if (context)
            zmq_ctx_term(context);
    });
    if (!context_)
        throw base::Error(base::ErrorKind::Failed, "ZeroMQ did not start.",
                          zmq_strerror(zmq_errno()));
    open();
}

Socket::~Socket() { close(settings_.linger); }

void Socket::set(int option, int value) { zmq_setsockopt(socket_, option, &value, sizeof value); }

void Socket::open() {
    socket_ = zmq_socket(context_.get(), typeOf(settings_.role));
    if (!socket_)
        throw base::Error(base::ErrorKind::Failed,
                          "No socket is left; raise the limit of open files (ulimit -n).",
                          zmq_strerror(zmq_errno()));
    set(ZMQ_LINGER, 0);
    set(ZMQ_IPV6, mayBeIpv6(settings_));
    set(ZMQ_SNDHWM, sends(settings_) ? settings_.queue : smallQueue);
    set(ZMQ_RCVHWM, waiting(settings_));
    set(ZMQ_HEARTBEAT_IVL, heartbeatMs);
    set(ZMQ_HEARTBEAT_TIMEOUT, deadAfterMs);
    set(ZMQ_HEARTBEAT_TTL, deadAfterMs);
    set(ZMQ_RECONNECT_IVL, reconnectMs);
    set(ZMQ_RECONNECT_IVL_MAX, reconnectMaxMs);
    set(ZMQ_SNDBUF, sendBuffer);
    const std::int64_t largest = largestPart(settings_);
    zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &largest, sizeof largest);
    if (settings_.role == Role::Request)
        set(ZMQ_IMMEDIATE, 1); // a picture waits for a peer here, where a newer one takes its place
    if (settings_.role == Role::Subscribe)
        zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
    try {
        watch();
        attach();
    } catch (...) {
        close(std::chrono::milliseconds{0});
        throw;
    }
}

void Socket::attach() {
    const bool binding = binds(settings_);
    const int result =
        binding ? zmq_bind(socket_, endpoint_.c_str()) : zmq_connect(socket_, endpoint_.c_str());
    if (result != 0)
        failed(binding, endpoint_);
    std::array<char, 1024> text{};
    std::size_t size = text.size();
    if (binding && zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, text.data(), &size) == 0)
        endpoint_ = text.data();
}

void Socket::watch() {
    const char* where = "inproc://events";
    const int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED;
    if (zmq_socket_monitor(socket_, where, events) == 0)
        monitor_ = zmq_socket(context_.get(), ZMQ_PAIR);
    if (!monitor_)
        throw base::Error(base::ErrorKind::Failed,
                          "No socket is left; raise the limit of open files (ulimit -n).",
                          zmq_strerror(zmq_errno()));
    const int none = 0;
    zmq_setsockopt(monitor_, ZMQ_LINGER, &none, sizeof none);
    zmq_connect(monitor_, where);
}

void Socket::close(std::chrono::milliseconds linger) {
    intake_.clear();
    if (socket_) {
        set(ZMQ_LINGER, static_cast<int>(linger.count()));
        zmq_socket_monitor(socket_, nullptr, 0);
        zmq_close(socket_);
    }
    if (monitor_)
        zmq_close(monitor_);
    socket_ = monitor_ = nullptr;
}

void Socket::reopen() {
    close(std::chrono::milliseconds{0});
    // What held the name of the monitor or the port goes in libzmq's time.
    context_.reset();
    context_.reset(zmq_ctx_new(), [](void* context) {
        if (context)
            zmq_ctx_term(context);
    });
    open();
}

void Socket::wait(bool forSending, int descriptor, std::chrono::milliseconds most) {
    const short events = static_cast<short>(ZMQ_POLLIN | (forSending ? ZMQ_POLLOUT : 0));
    std::array<zmq_pollitem_t, 3> items{zmq_pollitem_t{socket_, 0, events, 0},
                                        zmq_pollitem_t{nullptr, descriptor, ZMQ_POLLIN, 0},
                                        zmq_pollitem_t{monitor_, 0, ZMQ_POLLIN, 0}};
    const auto time = intake_.empty() ? most : std::min(most, lookEvery);
    zmq_poll(items.data(), items.size(), static_cast<long>(time.count()));
    readEvents();
}

/// An event is two frames: its number in 16 bits and a descriptor in 32, both as this machine has
/// them, and the address (zmq_socket_monitor(3)).
void Socket::readEvents() {
    for (;;) {
        Frame event, address;
        if (!event.receive(monitor_))
            return;
        if (event.more())
            address.receive(monitor_);
        const std::string_view bytes = event.bytes();
        if (bytes.size() < 6)
            continue;
        std::uint16_t kind = 0;
        std::int32_t fd = 0;
        std::memcpy(&kind, bytes.data(), sizeof kind);
        std::memcpy(&fd, bytes.data() + sizeof kind, sizeof fd);
        if (kind != ZMQ_EVENT_DISCONNECTED)
            intake_.connected(fd);
        else
            intake_.disconnected(fd);
    }
}

/// With `whole`, not at all when a peer's queue is full.
bool Socket::sendHead(const std::string& head, bool whole) {
    if (settings_.role == Role::Publish)
        set(ZMQ_XPUB_NODROP, whole);
    return Frame(head).send(socket_, ZMQ_SNDMORE);
}

Sent Socket::send(const std::string& head, Bytes data) {
    Sent sent = Sent::ToAll;
    if (!sendHead(head, true)) {
        if (settings_.role != Role::Publish || !sendHead(head, false))
            return Sent::Not;
        sent = Sent::ToSome;
    }
    Frame frame(std::move(data));
    if (frame.send(socket_, 0))
        return sent;
    if (settings_.role == Role::Request)
        reopen(); // the peer went between the parts
    return Sent::Not;
}

void Socket::reply(const std::string& text) { Frame(text).send(socket_, 0); }

std::optional<Message> Socket::receive() {
    struct Parts {
        Frame head, data;
    };
    auto parts = std::make_shared<Parts>();
    if (!parts->head.receive(socket_))
        return {};
    intake_.whole(parts->head.connection());
    Message message;
    message.parts = 1;
    bool more = parts->head.more();
    if (more && parts->data.receive(socket_)) {
        message.parts = 2;
        more = parts->data.more();
    }
    while (more) {
        Frame rest;
        if (!rest.receive(socket_))
            break;
        message.parts++;
        more = rest.more();
    }
    message.head = parts->head.bytes();
    message.data = parts->data.bytes();
    message.owner = std::move(parts);
    return message;
}

void Socket::drain() {
    while (receive()) {
    }
}

} // namespace imagezmq
