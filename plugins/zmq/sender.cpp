#include "zmq/sender.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace imagezmq {

namespace {

/// How many pictures are lent to libzmq rather than copied.
constexpr int mostLent = 2;
constexpr std::chrono::milliseconds idle{1000};

SocketSettings socketSettings(const SenderSettings& s) {
    SocketSettings socket;
    socket.role = s.mode == SendMode::Publish ? Role::Publish : Role::Request;
    socket.endpoint = s.endpoint;
    socket.link = s.link;
    socket.queue = s.queue;
    socket.linger = s.linger;
    return socket;
}

/// The rows without what is between them.
Bytes packed(const Picture& picture) {
    const std::size_t size = picture.rowBytes * static_cast<std::size_t>(picture.rows);
    // Not filled with zeros first.
    const std::shared_ptr<std::uint8_t[]> copy(new std::uint8_t[size]);
    for (int row = 0; row < picture.rows; row++)
        std::memcpy(copy.get() + static_cast<std::size_t>(row) * picture.rowBytes,
                    picture.data + row * picture.stride, picture.rowBytes);
    return {copy.get(), size, copy};
}

bool isGapless(const Picture& picture) {
    return picture.rows == 1 || picture.stride == static_cast<std::ptrdiff_t>(picture.rowBytes);
}

} // namespace

Sender::Sender(const SenderSettings& settings)
    : settings_(settings), socket_(socketSettings(settings)), endpoint_(socket_.endpoint()),
      msg_(settings.msg) {
    thread_ = std::thread([this] { run(); });
}

Sender::~Sender() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        leaving_ = true;
        leaveBy_ = Clock::now() + settings_.linger;
    }
    wakeup_.call();
    thread_.join();
}

std::string Sender::peerHost() const { return imagezmq::peerHost(socketSettings(settings_)); }

void Sender::setMsg(const std::string& msg) {
    const std::lock_guard<std::mutex> lock(mutex_);
    msg_ = msg;
}

void Sender::show(Picture picture) {
    std::optional<Picture> overtaken;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (broken_)
            std::rethrow_exception(broken_);
        counters_.frames++;
        counters_.drops += next_.has_value();
        overtaken = std::exchange(next_, std::move(picture));
    }
    wakeup_.call();
}

void Sender::flush() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, settings_.linger, [this] { return !next_ || broken_; });
}

Sender::Counters Sender::counters() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counters_;
}

void Sender::run() {
    try {
        while (goesOn())
            step();
    } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        broken_ = std::current_exception();
        changed_.notify_all();
    }
}

bool Sender::goesOn() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !leaving_ || (next_ && Clock::now() < leaveBy_);
}

std::chrono::milliseconds Sender::patience() const {
    std::chrono::milliseconds most = idle;
    const auto until = [&most](Clock::time_point when) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(when - Clock::now()) +
            std::chrono::milliseconds{1};
        most = std::clamp(left, std::chrono::milliseconds{0}, most);
    };
    if (answerBy_)
        until(*answerBy_);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (leaving_)
        until(leaveBy_);
    return most;
}

void Sender::step() {
    bool waiting = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        waiting = next_.has_value();
    }
    const bool requests = settings_.mode == SendMode::Request;
    socket_.wait(requests && waiting && !answerBy_, wakeup_.descriptor(), patience());
    wakeup_.clear();
    if (requests)
        readReply();
    else
        socket_.drain(); // subscriptions, which libzmq has heard already
    if (socket_.overflows()) {
        socket_.reopen(); // whoever subscribes comes back, and who asks for more than that goes
        answerBy_.reset();
    }
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        counters_.peers = socket_.peers();
    }
    if (!answerBy_)
        sendNext();
}

void Sender::readReply() {
    if (!answerBy_)
        return;
    const bool answered = socket_.receive().has_value();
    const bool late = !answered && Clock::now() >= *answerBy_;
    if (!answered && !late)
        return;
    answerBy_.reset();
    if (late)
        socket_.reopen(); // a request that is out cannot be taken back
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.replies += answered;
    counters_.timeouts += late;
}

std::optional<Picture> Sender::next(std::string& msg) {
    const std::lock_guard<std::mutex> lock(mutex_);
    msg = msg_;
    changed_.notify_all();
    return std::exchange(next_, std::nullopt);
}

/// Nobody is there yet.
void Sender::putBack(Picture picture) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (next_)
        counters_.drops++;
    else
        next_ = std::move(picture);
}

/// Counts what libzmq holds.
Bytes Sender::counted(Bytes bytes) {
    ++*held_;
    bytes.owner = std::shared_ptr<const void>(
        bytes.data, [held = held_, owner = bytes.owner](const void*) mutable {
            owner.reset();
            --*held;
        });
    return bytes;
}

Bytes Sender::bytesOf(const Picture& picture) {
    if (!isGapless(picture) || *held_ >= mostLent)
        return counted(packed(picture));
    return counted(
        {picture.data, picture.rowBytes * static_cast<std::size_t>(picture.rows), picture.owner});
}

void Sender::sendNext() {
    std::string msg;
    auto picture = next(msg);
    if (!picture)
        return;
    if (settings_.mode == SendMode::Publish && socket_.peers() == 0)
        return; // as a PUB socket does
    // libzmq holds as many as a queue takes: one was full, and is still.
    const bool stillFull = stalled_ && *held_ >= settings_.queue;
    picture->head.msg = std::move(msg);
    Bytes bytes = bytesOf(*picture);
    const std::size_t size = bytes.size;
    Sent sent = socket_.send(writeHead(picture->head, settings_.objects), std::move(bytes));
    if (sent == Sent::Not)
        return putBack(*std::move(picture));
    if (sent == Sent::ToAll && stillFull)
        sent = Sent::ToSome;
    stalled_ = sent == Sent::ToSome;
    if (settings_.mode == SendMode::Request)
        answerBy_ = Clock::now() + settings_.timeout;
    count(sent, size);
}

void Sender::count(Sent sent, std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.sent++;
    counters_.bytes += bytes;
    counters_.drops += sent == Sent::ToSome;
}

} // namespace imagezmq
