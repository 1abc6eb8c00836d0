#pragma once

#include <gio/gio.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>

namespace net {

/// Thrown by whatever was waiting when `Cancel::cancel` was called. Not a base::Error: nothing went
/// wrong and nobody is to be told.
struct Cancelled : std::exception {
    const char* what() const noexcept override { return "cancelled"; }
};

/// A switch that ends waiting: one thread waits in this room's calls, any other throws the switch,
/// and the wait ends at once with `Cancelled`. Thrown once, it stays thrown.
class Cancel {
public:
    Cancel() : cancellable_(g_cancellable_new(), g_object_unref) {}

    void cancel() { g_cancellable_cancel(cancellable_.get()); }
    bool cancelled() const { return g_cancellable_is_cancelled(cancellable_.get()); }
    void check() const {
        if (cancelled())
            throw Cancelled();
    }
    /// Sleeps; false when the switch was thrown before the end.
    bool pause(std::chrono::milliseconds duration) const {
        GPollFD fd{};
        if (!g_cancellable_make_pollfd(get(), &fd)) { // out of descriptors
            g_usleep(static_cast<gulong>(std::min<std::int64_t>(duration.count(), 100)) * 1000);
            return !cancelled();
        }
        g_poll(&fd, 1, static_cast<gint>(duration.count()));
        g_cancellable_release_fd(get());
        return !cancelled();
    }
    GCancellable* get() const { return cancellable_.get(); }

private:
    std::shared_ptr<GCancellable> cancellable_;
};

} // namespace net
