#pragma once

#include "zmq/intake.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// libzmq, met once. A socket belongs to the thread that uses it; connections, handshakes,
/// heartbeats and reconnecting with back-off go on in libzmq's own thread.
namespace imagezmq {

enum class Role { Publish, Subscribe, Request, Reply };

enum class Link {
    Auto, ///< as imagezmq's programs do: who publishes or replies binds, who subscribes or requests
          ///< connects
    Bind,
    Connect,
};

struct SocketSettings {
    Role role = Role::Publish;
    std::string endpoint = "tcp://127.0.0.1:5555"; ///< tcp or ipc
    Link link = Link::Auto;
    int queue = 2;                         ///< messages that wait for a peer, 1 to 1000
    std::size_t largest = 100'000'000;     ///< bytes of a part that is received
    std::chrono::milliseconds linger{500}; ///< for what is unsent at the end
};

/// Bytes to be sent without a copy: `owner` keeps them until they are out.
struct Bytes {
    const void* data = nullptr;
    std::size_t size = 0;
    std::shared_ptr<const void> owner;
};

/// What has come: views of memory that `owner` keeps.
struct Message {
    std::string_view head, data;
    int parts = 0; ///< more than two were there, which are gone
    std::shared_ptr<const void> owner;
};

enum class Sent {
    ToAll,  ///< whoever is there has it in the queue
    ToSome, ///< publishing: the queue of a peer at least is full, which misses it
    Not,    ///< requesting: nobody is there
};

class Socket {
public:
    /// Throws base::Error when the endpoint cannot be used, with what to do.
    explicit Socket(const SocketSettings& settings);
    ~Socket(); ///< takes up to `linger`
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    /// Where it is bound or connects to, with the port that was free for a `*`.
    const std::string& endpoint() const { return endpoint_; }
    /// How many connections are up, as of the last wait().
    unsigned peers() const { return static_cast<unsigned>(intake_.size()); }
    /// Whether a peer sends a message without end, as of the last wait(). Then reopen() is all that
    /// makes libzmq forget it.
    bool overflows() const { return intake_.overflows(); }

    /// Until something can be received (`forSending`: or sent), `descriptor` is readable, or the
    /// time is over, or part of it: where there are peers, what they send is looked at.
    void wait(bool forSending, int descriptor, std::chrono::milliseconds most);

    /// Never waits.
    Sent send(const std::string& head, Bytes data);
    void reply(const std::string& text);
    std::optional<Message> receive();
    /// Takes and forgets what has come.
    void drain();

    /// Forgets the state of a request that nobody answers, and what came in part: a new socket at
    /// the same endpoint.
    void reopen();

private:
    void open();
    void close(std::chrono::milliseconds linger);
    void attach();
    void set(int option, int value);
    void watch();
    void readEvents();
    bool sendHead(const std::string& head, bool whole);

    SocketSettings settings_;
    std::shared_ptr<void> context_;
    void* socket_ = nullptr;
    void* monitor_ = nullptr;
    std::string endpoint_;
    Intake intake_;
};

/// Throws base::Error (Settings) for an endpoint that no peer of another computer or process can
/// have.
void checkEndpoint(const std::string& endpoint);

bool binds(const SocketSettings& settings);

/// The host that a socket with these settings connects to; empty where it listens, for ipc and for
/// a numeric IPv6 address.
std::string peerHost(const SocketSettings& settings);

} // namespace imagezmq
