#pragma once

#include <gio/gio.h>

namespace net {

/// Calls back in the thread it is made in, one with a loop of its own, while the socket is readable
/// and until it is dropped.
class SocketWatch {
public:
    SocketWatch(GSocket* socket, GSocketSourceFunc function, gpointer data)
        : source_(g_socket_create_source(socket, G_IO_IN, nullptr)) {
        g_source_set_callback(source_, G_SOURCE_FUNC(function), data, nullptr);
        g_source_attach(source_, g_main_context_get_thread_default());
    }
    ~SocketWatch() {
        g_source_destroy(source_);
        g_source_unref(source_);
    }
    SocketWatch(const SocketWatch&) = delete;
    SocketWatch& operator=(const SocketWatch&) = delete;

private:
    GSource* source_;
};

} // namespace net
