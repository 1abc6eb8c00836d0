#pragma once

#include "glue/ref.hpp"
#include "web/playoutdelay.hpp"
#include "web/rtp.hpp"
#include "web/session.hpp"
#include "web/splice.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace web {

/// Packets that wait for one viewer at most, a cached group of pictures and what is sent meanwhile:
/// appsrc throws the oldest away, and a group without its head is worthless.
constexpr std::size_t feedCapacity = 8192;

class Track;

/// One viewer's share of one track, or of several in turn that are sizes of the same picture. Made
/// by the viewer, filled by the tracks.
struct Feed {
    enum class State { Closed, Waiting, Flowing };

    glue::Ref<GstElement> source; ///< the appsrc in the viewer's pipeline
    GstElement* pipeline = nullptr;
    RtpRewrite rewrite;
    std::function<void(const Track&)> starved; ///< it needs a key frame; from the streaming thread

    std::mutex mutex;             ///< of the next ones; taken last
    State state = State::Closed;  ///< Waiting: connected, dropping until a key frame begins
    guint64 limit = 0;            ///< packets that may wait in `source`
    const Track* track = nullptr; ///< that fills it
    const Track* next = nullptr;  ///< that will, from its next key frame on
    Splice splice;
    DelaySlope slope;

    std::atomic<int> playoutDelay{0}; ///< milliseconds to tell the browser of, by and by
    std::atomic<guint64> packets{0};
    std::atomic<guint64> bytes{0};
    std::atomic<guint64> drops{0};
    std::atomic<guint64> frames{0};
    std::atomic<gint64> lastPacket{0}; ///< g_get_monotonic_time()
    std::atomic<gint64> lastJam{0};    ///< likewise: its socket did not keep up
};

/// A feed into a new appsrc in `pipeline`, with an SSRC of its own; null when there is no appsrc.
/// `playoutDelay` is in milliseconds, negative for the browser's choice.
std::shared_ptr<Feed> makeFeed(GstElement* pipeline, const Served& served, const Codec& codec,
                               int playoutDelay);

/// The RTP that the feed will carry.
glue::Ref<GstCaps> capsOf(const Feed& feed, const Codec& codec);

} // namespace web
