#include "net/eventloop.hpp"

#include <glib.h>
#include <pthread.h>

#include <mutex>
#include <set>
#include <utility>

namespace net {
namespace {

struct Call {
    EventLoop::Work work;
    bool repeat;
};

gboolean run(gpointer data) {
    // The work may drop its own timer; GLib keeps the call until this returns.
    const auto* call = static_cast<Call*>(data);
    call->work();
    return call->repeat ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void drop(gpointer data) { delete static_cast<Call*>(data); }

} // namespace

/// What was posted and has not run. The thread may outlive its EventLoop, and so does this.
struct EventLoop::Posted {
    void add(GMainContext* context, Work work, const std::shared_ptr<Posted>& self) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (stopped)
            return;
        GSource* source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        auto once = [self, source, work = std::move(work)] {
            self->remove(source);
            work();
        };
        g_source_set_callback(source, run, new Call{std::move(once), false}, drop);
        g_source_attach(source, context);
        sources.insert(source);
    }
    void remove(GSource* source) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (sources.erase(source) > 0)
            g_source_unref(source);
    }
    void stop() {
        std::set<GSource*> rest;
        {
            const std::lock_guard<std::mutex> lock(mutex);
            stopped = true;
            rest.swap(sources);
        }
        for (GSource* source : rest) { // what it held may have its say: not with the lock
            g_source_destroy(source);
            g_source_unref(source);
        }
    }

    std::mutex mutex;
    std::set<GSource*> sources;
    bool stopped = false;
};

Timer& Timer::operator=(Timer&& other) noexcept {
    if (this != &other) {
        cancel();
        source_ = std::exchange(other.source_, nullptr);
    }
    return *this;
}

void Timer::cancel() {
    if (GSource* source = std::exchange(source_, nullptr)) {
        g_source_destroy(source);
        g_source_unref(source);
    }
}

EventLoop::EventLoop(const std::string& threadName)
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_, FALSE)),
      posted_(std::make_shared<Posted>()) {
    // References of its own: a loop whose last owner lets go inside of it is gone before its
    // thread.
    thread_ = std::thread([context = g_main_context_ref(context_), loop = g_main_loop_ref(loop_),
                           name = threadName.substr(0, 15)] {
        pthread_setname_np(pthread_self(), name.c_str());
        g_main_context_push_thread_default(context);
        g_main_loop_run(loop);
        g_main_context_pop_thread_default(context);
        g_main_loop_unref(loop);
        g_main_context_unref(context);
    });
    id_ = thread_.get_id();
}

EventLoop::~EventLoop() {
    stop();
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
}

void EventLoop::post(Work work) { posted_->add(context_, std::move(work), posted_); }

bool EventLoop::stopped() const {
    const std::lock_guard<std::mutex> lock(posted_->mutex);
    return posted_->stopped;
}

Timer EventLoop::schedule(std::chrono::milliseconds delay, bool repeat, Work work) {
    GSource* source = g_timeout_source_new(static_cast<guint>(delay.count()));
    g_source_set_callback(source, run, new Call{std::move(work), repeat}, drop);
    g_source_attach(source, context_);
    return Timer(source);
}

Timer EventLoop::after(std::chrono::milliseconds delay, Work work) {
    return schedule(delay, false, std::move(work));
}

Timer EventLoop::every(std::chrono::milliseconds period, Work work) {
    return schedule(period, true, std::move(work));
}

void EventLoop::stop() {
    if (!thread_.joinable())
        return;
    if (inside()) { // the last owner let go in here: nobody is left to wait for the thread
        g_main_loop_quit(loop_);
        thread_.detach();
        posted_->stop();
        return;
    }
    // Quit from within: before the thread has entered the loop, a quit from here would be lost.
    post([this] { g_main_loop_quit(loop_); });
    thread_.join();
    posted_->stop();
}

} // namespace net
