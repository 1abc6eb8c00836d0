#pragma once

#include "glue/ref.hpp"
#include "web/playoutdelay.hpp"
#include "web/rtp.hpp"
#include "web/session.hpp"
#include "web/splice.hpp"

#include <gst/gst.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace web {

/// Packets that wait for one viewer at most, a cached group of pictures and what is sent meanwhile.
constexpr std::size_t feedCapacity = 8192;

class Courier;
class Track;

/// One viewer's share of one track, or of several in turn that are sizes of the same picture. Made
/// by the viewer, filled by the tracks.
struct Feed : std::enable_shared_from_this<Feed> {
    enum class State { Closed, Waiting, Flowing };

    ~Feed();

    glue::Ref<GstPad> source;       ///< of no element; for webrtcbin's sink pad
    glue::Ref<GstCaps> caps;        ///< the RTP that it carries
    GstElement* pipeline = nullptr; ///< webrtcbin's
    Courier* courier = nullptr;
    RtpRewrite rewrite;
    std::function<void(const Track&)> starved; ///< it needs a key frame; from the streaming thread

    std::mutex mutex;            ///< of the next ones; taken last
    State state = State::Closed; ///< Waiting: connected, dropping until a key frame begins
    gint64 asked = 0;            ///< for a key frame, g_get_monotonic_time()
    guint64 limit = 0;           ///< packets that may wait
    guint64 waits = 0;           ///< that do
    std::deque<glue::Ref<GstBufferList>> waiting;
    bool called = false;          ///< the courier knows of it
    const Track* track = nullptr; ///< that fills it
    const Track* next = nullptr;  ///< that will, from its next key frame on
    Splice splice;
    DelaySlope slope;

    /// For the courier to fetch. With `mutex` held.
    void add(glue::Ref<GstBufferList> packets);
    /// Sends the first list that waits on its way; false when that was the last. The courier does.
    bool deliver();

    std::atomic<int> playoutDelay{0}; ///< milliseconds to tell the browser of, by and by
    std::atomic<guint64> packets{0};
    std::atomic<guint64> bytes{0};
    std::atomic<guint64> drops{0};
    std::atomic<guint64> frames{0};
    std::atomic<gint64> lastPacket{0}; ///< g_get_monotonic_time()
    std::atomic<gint64> lastJam{0};    ///< likewise: its socket did not keep up
};

/// A feed for a webrtcbin in `pipeline`, with an SSRC of its own. `playoutDelay` is in
/// milliseconds, negative for the browser's choice.
std::shared_ptr<Feed> makeFeed(GstElement* pipeline, Courier& courier, const Served& served,
                               const Codec& codec, int playoutDelay);

/// Says what is going to come. Once linked, and playing.
void announce(const Feed& feed);

} // namespace web
