#include "connectionwatch.hpp"

#include "net/cancel.hpp"

#include <algorithm>
#include <utility>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

/// OPTIONS, DESCRIBE and two SETUP, each of which may take the timeout.
constexpr int answersToPlay = 4;

} // namespace

void ConnectionWatch::start(Patience patience) {
    const std::lock_guard<std::mutex> lock(mutex_);
    patience_ = patience;
    finished_ = false;
}

bool ConnectionWatch::finish() {
    const std::lock_guard<std::mutex> lock(mutex_);
    changed_.notify_all();
    return !std::exchange(finished_, true);
}

void ConnectionWatch::setPlaying(bool playing) {
    const std::lock_guard<std::mutex> lock(mutex_);
    playing_ = playing ? std::optional(Clock::now()) : std::nullopt;
}

void ConnectionWatch::forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    lost_.reset();
    flowing_ = retracted_ = false;
    opened_.reset();
    playAsked_.reset();
}

void ConnectionWatch::opened() {
    const std::lock_guard<std::mutex> lock(mutex_);
    opened_ = Clock::now();
}

void ConnectionWatch::playAsked() {
    const std::lock_guard<std::mutex> lock(mutex_);
    playAsked_ = Clock::now();
}

void ConnectionWatch::flows() {
    const std::lock_guard<std::mutex> lock(mutex_);
    flowing_ = true;
    changed_.notify_all();
}

void ConnectionWatch::setClosing(bool closing) {
    const std::lock_guard<std::mutex> lock(mutex_);
    closing_ = closing;
}

bool ConnectionWatch::isGone() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return closing_ || lost_;
}

void ConnectionWatch::lose(const Error& error) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closing_ || lost_)
        return;
    lost_ = error;
    changed_.notify_all();
}

void ConnectionWatch::retract() {
    const std::lock_guard<std::mutex> lock(mutex_);
    retracted_ = true;
    lost_ = Error(ErrorKind::Unsupported, "The camera was asked for more than it has.");
    changed_.notify_all();
}

bool ConnectionWatch::isRetracted() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return retracted_;
}

/// A part of the timeout, so that what is overdue is soon seen; less often is less to do.
void ConnectionWatch::waitAWhile(std::unique_lock<std::mutex>& lock) {
    if (finished_)
        throw net::Cancelled();
    changed_.wait_for(lock, std::clamp(patience_.timeout / 8, milliseconds(20), milliseconds(500)));
}

/// What the camera owed and did not bring while the element was playing.
std::optional<Error> ConnectionWatch::overdue() const {
    if (!playing_ || !opened_)
        return std::nullopt;
    const bool asked = playAsked_.has_value();
    const int times = !asked ? answersToPlay : patience_.datagrams ? 2 : 1;
    if (Clock::now() - std::max(*playing_, asked ? *playAsked_ : *opened_) <
        patience_.timeout * times)
        return std::nullopt;
    return Error(ErrorKind::Unreachable,
                 "The camera " + std::string(asked ? "sends no picture" : "does not start") +
                     ": restart it, or try another profile or other protocols.");
}

void ConnectionWatch::untilFlowing() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!flowing_) {
        if (lost_)
            throw Error(*lost_);
        if (const auto late = overdue())
            throw Error(*late);
        waitAWhile(lock);
    }
}

Error ConnectionWatch::untilLost(
    const std::function<std::optional<Error>(Clock::time_point)>& silent) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        if (lost_)
            return *lost_;
        if (const auto since = playing_) {
            lock.unlock();
            if (const auto missing = silent(*since))
                return *missing;
            lock.lock();
        }
        waitAWhile(lock);
    }
}

void ConnectionWatch::pause(milliseconds delay) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, delay, [this] { return finished_; });
    if (finished_)
        throw net::Cancelled();
}

} // namespace onvif
