#pragma once

#include "glue/ref.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <string>

namespace bench {

/// A viewer of a stream of Janus's streaming plugin: a webrtcbin, as support::WhepClient is, that
/// speaks Janus's own HTTP interface. It takes frames in and decodes none.
class JanusClient {
public:
    /// `server`: "http://HOST:PORT/janus"; `stream`: its id in the plugin's settings.
    JanusClient(std::string server, int stream);
    ~JanusClient();
    JanusClient(const JanusClient&) = delete;
    JanusClient& operator=(const JanusClient&) = delete;

    /// Throws where Janus says anything else than that it may watch.
    void join();
    int frames() const { return frames_; }

private:
    static void onTransceiver(GstElement* webrtc, GObject* transceiver, gpointer self);
    static void onPad(GstElement* webrtc, GstPad* pad, gpointer self);
    static void onFrame(GstElement* sink, GstBuffer* buffer, GstPad* pad, gpointer self);
    std::string offer() const;
    std::string answerTo(const std::string& offer);

    std::string address_; ///< of the server, then of the session and of the handle in it
    std::string session_;
    int stream_;
    glue::Ref<GstElement> pipeline_;
    GstElement* webrtc_;
    std::atomic<int> frames_{0};
};

} // namespace bench
