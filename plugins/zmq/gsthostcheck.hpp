#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include <string>
#include <thread>

namespace imagezmq {

/// Asks once whether anybody knows a host that is connected to, and has the element warn where
/// nobody does. libzmq asks again and again until somebody does, and never tells.
class HostCheck {
public:
    /// Without a host there is nothing to ask.
    HostCheck(GstElement* element, const std::string& host);
    ~HostCheck(); ///< does not wait for an answer
    HostCheck(const HostCheck&) = delete;
    HostCheck& operator=(const HostCheck&) = delete;

private:
    void ask(const std::string& host);

    GstElement* element_;
    GCancellable* cancel_ = g_cancellable_new();
    std::thread thread_;
};

} // namespace imagezmq
