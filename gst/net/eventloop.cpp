#include "net/eventloop.hpp"

#include <glib.h>
#include <pthread.h>

#include <memory>
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
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_, FALSE)) {
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
}

EventLoop::~EventLoop() {
    stop();
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
}

void EventLoop::post(Work work) {
    GSource* source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run, new Call{std::move(work), false}, drop);
    g_source_attach(source, context_);
    g_source_unref(source);
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
        return;
    }
    // Quit from within: before the thread has entered the loop, a quit from here would be lost.
    post([this] { g_main_loop_quit(loop_); });
    thread_.join();
}

} // namespace net
