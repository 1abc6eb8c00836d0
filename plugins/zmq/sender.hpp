#pragma once

#include "zmq/message.hpp"
#include "zmq/socket.hpp"
#include "zmq/wakeup.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace imagezmq {

enum class SendMode {
    Publish, ///< PUB: to any number of subscribers, who miss what they are too slow for
    Request, ///< REQ: to one hub, which gets the next picture when it has answered for the last
};

struct SenderSettings {
    SendMode mode = SendMode::Publish;
    std::string endpoint = SocketSettings{}.endpoint;
    Link link = Link::Auto;
    std::string msg = "camera"; ///< the picture's name
    ObjectsIn objects = ObjectsIn::Nowhere;
    int queue = SocketSettings{}.queue;      ///< pictures that wait for each subscriber
    std::chrono::milliseconds timeout{5000}; ///< for the hub's answer
    std::chrono::milliseconds linger = SocketSettings{}.linger;
};

/// A picture that `owner` keeps. Of a JPEG, `rowBytes` is its size, in one row.
struct Picture {
    Head head; ///< its msg is the settings'
    const std::uint8_t* data = nullptr;
    std::size_t rowBytes = 0;
    std::ptrdiff_t stride = 0; ///< bytes from row to row
    int rows = 1;
    std::shared_ptr<const void> owner{};
};

/// Sends pictures from a thread of its own: whoever shows them never waits. Of pictures that come
/// faster than they go, the newest goes.
///
/// A picture without gaps between its rows is lent to libzmq rather than copied, but no more than
/// two at a time: what is behind a subscriber that has stopped reading would else keep the buffers
/// of whoever makes pictures, and thereby stop it.
class Sender {
public:
    struct Counters {
        std::uint64_t frames = 0; ///< shown
        std::uint64_t sent = 0;   ///< to a peer at least
        /// Missed by a peer at least: overtaken before they were sent, or its queue was full.
        std::uint64_t drops = 0;
        std::uint64_t bytes = 0;
        std::uint64_t replies = 0;
        std::uint64_t timeouts = 0; ///< requests that nobody answered
        unsigned peers = 0;         ///< connections
    };

    /// Throws base::Error when the endpoint cannot be used.
    explicit Sender(const SenderSettings& settings);
    /// Sends what waits, within `linger`.
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    const std::string& endpoint() const { return endpoint_; }
    std::string peerHost() const; ///< empty where it is known without being asked for
    void setMsg(const std::string& msg);
    /// Throws base::Error once sending is not possible any more.
    void show(Picture picture);
    /// Until the picture that was shown last is sent, or `linger` is over.
    void flush();
    Counters counters() const;

private:
    using Clock = std::chrono::steady_clock;

    void run();
    bool goesOn();
    void step();
    void sendNext();
    void readReply();
    std::optional<Picture> next(std::string& msg);
    void putBack(Picture picture);
    Bytes bytesOf(const Picture& picture);
    Bytes counted(Bytes bytes);
    std::chrono::milliseconds patience() const;
    void count(Sent sent, std::size_t bytes);

    const SenderSettings settings_;
    Wakeup wakeup_;
    Socket socket_; ///< the thread's, once it runs
    std::string endpoint_;
    bool stalled_ = false;                      ///< a subscriber's queue was full
    std::optional<Clock::time_point> answerBy_; ///< a request is out
    std::shared_ptr<std::atomic<int>> held_ = std::make_shared<std::atomic<int>>(0);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Picture> next_;
    std::string msg_;
    Counters counters_;
    bool leaving_ = false;
    Clock::time_point leaveBy_;
    std::exception_ptr broken_;
    std::thread thread_;
};

} // namespace imagezmq
