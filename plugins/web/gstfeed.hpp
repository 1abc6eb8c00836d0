#pragma once

#include "glue/ref.hpp"
#include "web/playoutdelay.hpp"
#include "web/rtp.hpp"
#include "web/sentpackets.hpp"
#include "web/session.hpp"
#include "web/splice.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace web {

/// Packets that wait for one viewer at most, a cached group of pictures and what is sent meanwhile.
constexpr std::size_t feedCapacity = 8192;

class Courier;
class Track;

/// A packet as it came: one for all viewers.
struct MediaPacket {
    glue::Ref<GstBuffer> buffer;
    RtpPacket header; ///< `payload` is not valid
    PictureId picture;
    PictureSize size; ///< where a key frame says it
    bool padding = false;
    bool key = false;
    GstClockTime runningTime = GST_CLOCK_TIME_NONE;
};

/// One viewer's share of one track, or of several in turn that are sizes of the same picture. Made
/// by the viewer, filled by the tracks.
struct Feed : std::enable_shared_from_this<Feed> {
    enum class State { Closed, Waiting, Flowing };

    /// What a packet of this viewer's is made of, by the courier: its memory is used where it is
    /// given back, and whoever brings the packet goes on at once.
    struct Sent {
        std::shared_ptr<const MediaPacket> packet;
        Splice::Numbers numbers;
        int playoutDelay = 0;
        GstClockTime time = GST_CLOCK_TIME_NONE;
    };
    struct Batch {
        std::vector<Sent> packets;
        std::optional<RtpRepair> repair; ///< it is of such, not of the stream itself
    };

    ~Feed();

    glue::Ref<GstPad> source;       ///< of no element; for webrtcbin's sink pad
    glue::Ref<GstCaps> caps;        ///< the RTP that it carries
    RtpRepair repair;               ///< set before the first packet
    GstElement* pipeline = nullptr; ///< webrtcbin's
    Courier* courier = nullptr;
    RtpRewrite rewrite;
    std::function<void(const Track&)> starved; ///< it needs a key frame; from the streaming thread

    std::mutex mutex;            ///< of the next ones; taken last
    State state = State::Closed; ///< Waiting: connected, dropping until a key frame begins
    gint64 asked = 0;            ///< for a key frame, g_get_monotonic_time()
    guint64 limit = 0;           ///< packets that may wait
    guint64 waits = 0;           ///< that do
    std::deque<Batch> waiting;
    bool called = false;          ///< the courier knows of it
    const Track* track = nullptr; ///< that fills it
    const Track* next = nullptr;  ///< that will, from its next key frame on
    Splice splice;
    DelaySlope slope;
    SentPackets<Sent> sent;
    using Clock = SentPackets<Sent>::Clock;

    /// This viewer's next packet, for `time`. With `mutex` held.
    Sent number(std::shared_ptr<const MediaPacket> packet, GstClockTime time);
    /// For the courier to fetch: packets of one frame. With `mutex` held.
    void add(std::vector<Sent> list);
    /// Sends that packet once more, if that can be and makes sense. From any thread. Returns how
    /// old it is where it is asked for the first time, by a newcomer.
    std::optional<std::chrono::milliseconds> resend(std::uint16_t sequence);
    /// The playout delay to lead to. Pictures have stood still for `stood` of it.
    void aim(std::chrono::milliseconds delay, std::chrono::milliseconds stood);
    /// Sends the first list that waits on its way; false when that was the last. The courier does.
    bool deliver();

    std::atomic<int> playoutDelay{0}; ///< milliseconds to tell the browser of, by and by
    std::atomic<bool> isNew{true};    ///< little is known of the way to it
    std::atomic<guint64> packets{0};
    std::atomic<guint64> resent{0}; ///< packets, again
    std::atomic<guint64> bytes{0};
    std::atomic<guint64> drops{0};
    std::atomic<guint64> frames{0};
    std::atomic<int> first{-1};        ///< sequence number of its first packet
    std::atomic<gint64> lastPacket{0}; ///< g_get_monotonic_time()
    std::atomic<gint64> lastJam{0};    ///< likewise: its socket did not keep up

private:
    bool sendsTwice() const;
    void call();
    Batch take();
};

/// A feed for a webrtcbin in `pipeline`, with an SSRC of its own. `playoutDelay` is in
/// milliseconds, negative for the browser's choice.
std::shared_ptr<Feed> makeFeed(GstElement* pipeline, Courier& courier, const Served& served,
                               const Codec& codec, int playoutDelay);

/// Says what is going to come. Once linked, and playing.
void announce(const Feed& feed);

} // namespace web
