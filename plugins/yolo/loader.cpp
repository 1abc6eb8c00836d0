#include "loader.hpp"

#include "priority.hpp"

namespace yolo {
namespace {

/// How long to wait for another change.
constexpr std::chrono::milliseconds settle{30};

} // namespace

Loader::Loader(Loaded loaded, Refused refused)
    : loaded_(std::move(loaded)), refused_(std::move(refused)), thread_([this] { work(); }) {}

Loader::~Loader() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Loader::load(const Settings& settings) {
    {
        const std::lock_guard lock(mutex_);
        wanted_ = settings;
    }
    wake_.notify_one();
}

void Loader::dispose(std::shared_ptr<void> old) {
    {
        const std::lock_guard lock(mutex_);
        old_.push_back(std::move(old));
    }
    wake_.notify_one();
}

void Loader::work() {
    giveWay();
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return !idle(); });
        while (!old_.empty()) {
            auto old = std::exchange(old_, {});
            lock.unlock();
            old.clear();
            lock.lock();
        }
        while (!stop_ && wanted_) {
            const Settings settings = *std::exchange(wanted_, std::nullopt);
            if (wake_.wait_for(lock, settle, [this] { return asked(); }))
                continue; // for the newer ones
            lock.unlock();
            open(settings);
            lock.lock();
        }
        if (stop_)
            return;
    }
}

void Loader::open(const Settings& settings) {
    try {
        loaded_(Network::open(settings), settings);
    } catch (const base::Error& error) {
        refused_(error, settings);
    } catch (const std::exception& error) {
        refused_(
            base::Error(base::ErrorKind::Failed, "The network could not be loaded.", error.what()),
            settings);
    }
}

} // namespace yolo
