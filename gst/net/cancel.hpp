#pragma once

#include <gio/gio.h>

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
    GCancellable* get() const { return cancellable_.get(); }

private:
    std::shared_ptr<GCancellable> cancellable_;
};

} // namespace net
