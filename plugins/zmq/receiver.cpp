#include "zmq/receiver.hpp"

#include "base/error.hpp"

#include <utility>

namespace imagezmq {

namespace {

constexpr std::chrono::milliseconds idle{1000};
constexpr std::size_t longestName = 256; // bytes that are remembered

SocketSettings socketSettings(const ReceiverSettings& s) {
    SocketSettings socket;
    socket.role = s.mode == ReceiveMode::Subscribe ? Role::Subscribe : Role::Reply;
    socket.endpoint = s.endpoint;
    socket.link = s.link;
    socket.largest = s.largest;
    return socket;
}

} // namespace

Receiver::Receiver(const ReceiverSettings& settings, Complain complain)
    : settings_(settings), complain_(std::move(complain)), socket_(socketSettings(settings)),
      endpoint_(socket_.endpoint()) {
    thread_ = std::thread([this] { run(); });
}

Receiver::~Receiver() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        leaving_ = true;
    }
    wakeup_.call();
    thread_.join();
}

std::optional<Arrival> Receiver::take() {
    std::optional<Arrival> arrival;
    {
        std::unique_lock<std::mutex> lock(mutex_);
        came_.wait(lock, [this] { return newest_ || interrupted_ || broken_; });
        if (broken_)
            std::rethrow_exception(broken_);
        if (interrupted_)
            return {};
        arrival = std::exchange(newest_, std::nullopt);
    }
    if (settings_.mode == ReceiveMode::Reply)
        wakeup_.call();
    return arrival;
}

std::string Receiver::peerHost() const { return imagezmq::peerHost(socketSettings(settings_)); }

void Receiver::interrupt(bool on) {
    const std::lock_guard<std::mutex> lock(mutex_);
    interrupted_ = on;
    came_.notify_all();
}

Receiver::Counters Receiver::counters() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counters_;
}

void Receiver::run() {
    try {
        for (;;) {
            {
                const std::lock_guard<std::mutex> lock(mutex_);
                if (leaving_)
                    return;
            }
            step();
        }
    } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        broken_ = std::current_exception();
        came_.notify_all();
    }
}

void Receiver::step() {
    socket_.wait(false, wakeup_.descriptor(), idle);
    wakeup_.clear();
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        counters_.peers = socket_.peers();
        if (leaving_)
            return;
    }
    if (socket_.overflows())
        return forget();
    answer();
    while (answer_.empty()) {
        auto message = socket_.receive();
        if (!message)
            return;
        read(*std::move(message));
        answer();
    }
}

/// Whoever sends a message without end. The others come back by themselves.
void Receiver::forget() {
    answer_.clear();
    socket_.reopen();
    refuse("A message without end was thrown away, and all senders with it; let only those in that "
           "you know.");
}

/// Once the picture was taken; a sender must not wait for what nobody will take.
void Receiver::answer() {
    if (answer_.empty())
        return;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (newest_)
            return;
    }
    socket_.reply(std::exchange(answer_, {}));
}

void Receiver::read(Message message) {
    const bool replies = settings_.mode == ReceiveMode::Reply;
    if (replies)
        answer_ = "OK";
    try {
        if (message.parts != 2)
            throw base::Error(base::ErrorKind::BadData, "A message is no picture: it has " +
                                                            std::to_string(message.parts) +
                                                            " parts rather than two.");
        Limits limits;
        limits.picture = settings_.largest;
        Head head = readHead(message.head, message.data, limits, settings_.colours);
        offer({std::move(head), std::move(message)});
    } catch (const base::Error& error) {
        if (replies)
            answer_ = error.what();
        refuse(error.what());
    }
}

void Receiver::offer(Arrival arrival) {
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.received++;
    if (!settings_.msg.empty() && arrival.head.msg != settings_.msg) {
        counters_.ignored++;
        return;
    }
    counters_.bytes += arrival.message.data.size();
    counters_.drops += newest_.has_value();
    counters_.msg = arrival.head.msg.substr(0, longestName);
    newest_ = std::move(arrival);
    came_.notify_all();
}

void Receiver::refuse(const std::string& why) {
    bool first = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        counters_.received++;
        first = counters_.damaged++ == 0;
    }
    if (first && complain_)
        complain_(why);
}

} // namespace imagezmq
