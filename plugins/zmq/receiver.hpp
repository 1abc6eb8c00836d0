#pragma once

#include "zmq/message.hpp"
#include "zmq/socket.hpp"
#include "zmq/wakeup.hpp"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace imagezmq {

enum class ReceiveMode {
    Subscribe, ///< SUB: the newest picture
    Reply,     ///< REP: every picture; the sender hears "OK" once it was taken, and sends the next
};

struct ReceiverSettings {
    ReceiveMode mode = ReceiveMode::Subscribe;
    std::string endpoint = SocketSettings{}.endpoint;
    Link link = Link::Auto;
    std::string msg;              ///< take only pictures of this name; empty: all
    Pixels colours = Pixels::Bgr; ///< of three channels that do not tell
    std::uint64_t largest = Limits{}.picture;
};

struct Arrival {
    Head head;
    Message message; ///< its data is the picture
};

/// Receives in a thread of its own, and keeps the newest picture that makes sense.
class Receiver {
public:
    struct Counters {
        std::uint64_t received = 0; ///< messages
        std::uint64_t damaged = 0;  ///< which were no pictures
        std::uint64_t ignored = 0;  ///< with another name
        std::uint64_t drops = 0;    ///< overtaken by a newer one before they were taken
        std::uint64_t bytes = 0;
        unsigned peers = 0; ///< connections
        std::string msg;    ///< of the newest picture
    };

    /// Is told what is wrong with the first message that is no picture, in the receiver's thread.
    using Complain = std::function<void(const std::string& why)>;

    /// Throws base::Error when the endpoint cannot be used.
    explicit Receiver(const ReceiverSettings& settings, Complain complain = {});
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    const std::string& endpoint() const { return endpoint_; }
    std::string peerHost() const; ///< empty where it is known without being asked for
    /// Waits for a picture; nothing once interrupted. Throws base::Error when none can come any
    /// more.
    std::optional<Arrival> take();
    void interrupt(bool on);
    Counters counters() const;

private:
    void run();
    void step();
    void read(Message message);
    void offer(Arrival arrival);
    void forget();
    void answer();
    void refuse(const std::string& why);

    const ReceiverSettings settings_;
    const Complain complain_;
    Wakeup wakeup_;
    Socket socket_; ///< the thread's, once it runs
    std::string endpoint_;
    std::string answer_; ///< owed to the sender, where it is not empty

    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::optional<Arrival> newest_;
    Counters counters_;
    bool interrupted_ = false, leaving_ = false;
    std::exception_ptr broken_;
    std::thread thread_;
};

} // namespace imagezmq
