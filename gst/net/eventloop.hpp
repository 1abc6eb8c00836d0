#pragma once

#include "net/cancel.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

typedef struct _GMainContext GMainContext;
typedef struct _GMainLoop GMainLoop;
typedef struct _GSource GSource;

namespace net {

/// A deferred call that has not happened yet; dropping it takes the call back. Drop it on its
/// loop's own thread, where it then cannot be running.
class Timer {
public:
    Timer() = default;
    explicit Timer(GSource* source) : source_(source) {}
    Timer(Timer&& other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
    Timer& operator=(Timer&& other) noexcept;
    ~Timer() { cancel(); }
    void cancel();
    explicit operator bool() const { return source_ != nullptr; }

private:
    GSource* source_ = nullptr;
};

/// One thread with a GMainContext of its own, which is also that thread's default one: whatever
/// libsoup or GIO object is made in there calls back in there, whether or not the application runs
/// a main loop.
class EventLoop {
public:
    using Work = std::function<void()>;

    explicit EventLoop(const std::string& threadName);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs `work` in the loop's thread, soon. From any thread; after stop() it is dropped.
    void post(Work work);

    /// Runs `work` in the loop's thread and waits for it; its result or exception comes back. In
    /// the loop's own thread, or once it has stopped, runs it here. Throws Cancelled when a stop()
    /// at the same time dropped it. Never call it with a lock held that the loop's thread may want.
    template <class Function>
    std::invoke_result_t<Function> call(Function work) {
        if (inside() || stopped())
            return work();
        using Task = std::packaged_task<std::invoke_result_t<Function>()>;
        auto task = std::make_shared<Task>(std::move(work));
        auto result = task->get_future();
        post([task = std::move(task)] { (*task)(); });
        try {
            return result.get();
        } catch (const std::future_error&) { // it went away with what was posted
            throw Cancelled();
        }
    }

    /// Runs `work` once after `delay` unless the timer is dropped before. A timer may drop itself.
    [[nodiscard]] Timer after(std::chrono::milliseconds delay, Work work);
    /// Runs `work` again and again until the timer is dropped.
    [[nodiscard]] Timer every(std::chrono::milliseconds period, Work work);

    bool inside() const { return std::this_thread::get_id() == id_; }

    /// Ends the thread and waits for it. What was posted and has not run is dropped.
    void stop();

private:
    struct Posted;

    bool stopped() const;
    Timer schedule(std::chrono::milliseconds delay, bool repeat, Work work);

    GMainContext* context_;
    GMainLoop* loop_;
    const std::shared_ptr<Posted> posted_;
    std::thread thread_;
    std::thread::id id_; ///< of the thread, also while it is joined
};

} // namespace net
