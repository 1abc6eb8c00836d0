#pragma once

#include "glue/ref.hpp"
#include "web/rtp.hpp"
#include "web/session.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>

namespace web {

/// Packets that wait for one viewer at most, a cached group of pictures and what is sent meanwhile:
/// appsrc throws the oldest away, and a group without its head is worthless.
constexpr std::size_t feedCapacity = 8192;

/// One viewer's share of one track. Made by the viewer, filled by the track; its fields belong to
/// the track's lock once it has been added, the counters to everybody.
struct Feed {
    enum class State { Closed, Waiting, Flowing };

    glue::Ref<GstElement> source; ///< the appsrc in the viewer's pipeline
    GstElement* pipeline = nullptr;
    RtpRewrite rewrite;
    State state = State::Closed;   ///< Waiting: connected, dropping until a key frame begins
    guint64 limit = 0;             ///< packets that may wait in `source`
    std::function<void()> starved; ///< a key frame is needed; from the streaming thread

    std::atomic<guint64> packets{0};
    std::atomic<guint64> bytes{0};
    std::atomic<guint64> drops{0};
};

/// A feed into a new appsrc in `pipeline`, with an SSRC of its own; null when there is no appsrc.
/// `playoutDelay` is in milliseconds, negative for the browser's choice.
std::shared_ptr<Feed> makeFeed(GstElement* pipeline, const Served& served, const Codec& codec,
                               int playoutDelay);

/// The RTP that the feed will carry.
glue::Ref<GstCaps> capsOf(const Feed& feed, const Codec& codec);

} // namespace web
