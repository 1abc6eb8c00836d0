#pragma once

#include "base/detection.hpp"
#include "glue/ref.hpp"
#include "web/detectionmatcher.hpp"
#include "web/gopcache.hpp"
#include "web/gstfeed.hpp"
#include "web/rtp.hpp"
#include "web/session.hpp"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace web {

/// One input of whepsink: [depayloader] [payloader] appsink inside the bin, then a shallow copy of
/// each packet into the feed of every viewer. The appsink is where the pipeline ends: nothing that
/// a viewer does goes further up than here, except a coalesced wish for a key frame.
class Track {
public:
    struct Counters {
        guint64 frames = 0, packets = 0, bytes = 0, keyFrames = 0, keyRequests = 0;
        guint64 detectionDrops = 0; ///< found in another input, and its frame never came
    };

    /// From streaming threads, with the track's lock held.
    struct Events {
        /// What flows is no longer what the viewers have agreed upon.
        std::function<void()> changed;
        /// This was found in the frame of that RTP timestamp.
        std::function<void(const Track&, const base::Detections&, std::uint32_t rtp,
                           const Moment& when)>
            found;
    };

    Track(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, std::size_t cacheBytes,
          Events events);
    ~Track();
    Track(const Track&) = delete;
    Track& operator=(const Track&) = delete;

    GstPad* pad() const { return pad_; }
    /// What flows, once a packet has been seen.
    std::optional<Codec> codec() const;
    Counters counters() const;
    /// A packet has come in within the last three seconds.
    bool isFlowing() const;

    void add(const std::shared_ptr<Feed>& feed);
    void remove(const std::shared_ptr<Feed>& feed);
    /// The viewer is connected and is who it says: from the next key frame on it gets packets.
    /// Where asking for one is known to be useless, from the cached one, at once. False when it has
    /// to wait.
    bool open(const std::shared_ptr<Feed>& feed);
    /// The key frame asked for has not come: begins with the cached one, if there is one.
    void replayIfWaiting(const std::shared_ptr<Feed>& feed);
    /// Asks upstream for a key frame. In the loop's thread.
    void askForKeyFrame();

    /// What was found in another stream of the same camera: told with this track's RTP timestamp,
    /// as soon as its frame of that moment is known. From any thread.
    void place(const base::Detections& detections, const Moment& when);

    /// Forgets what flowed. On the way to READY.
    void reset();
    /// Takes elements and pad out of the bin.
    void dispose();

private:
    struct Packet {
        glue::Ref<GstBuffer> buffer;
        RtpPacket header; ///< `payload` is not valid
        bool padding = false;
        bool key = false;
        GstClockTime runningTime = GST_CLOCK_TIME_NONE;
    };

    static GstPadProbeReturn onEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    static GstPadProbeReturn onQuery(GstPad* pad, GstPadProbeInfo* info, gpointer);
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    bool configure(GstCaps* caps);
    void removeFromBin(GstElement* element);
    void dropChain();
    bool buildChain(const std::string& description);
    void decideSync();
    void read(GstSample* sample);
    void readCaps(const GstCaps* caps);
    std::optional<Packet> readPacket(GstBuffer* buffer, const GstSegment* segment);
    void forgetFrames();
    void checkSource(std::uint32_t ssrc);
    void distribute(const std::vector<std::shared_ptr<Packet>>& packets);
    void feedOne(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets);
    bool replay(Feed& feed);
    void push(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets, std::size_t from);
    GstBuffer* copyFor(const Feed& feed, const Packet& packet, GstClockTime pts) const;

    GstBin* bin_;
    // Held: a bin that is disposed of drops its children before its pads.
    glue::Ref<GstElement> filter_, sink_;
    glue::Ref<GstElement> chain_;   ///< between them; streaming thread, or no streaming
    std::string description_ = "?"; ///< of chain_
    GstPad* pad_;
    Events events_;

    mutable std::mutex mutex_;
    std::optional<Codec> codec_;
    glue::Ref<GstCaps> caps_;
    PacketFormat format_ = PacketFormat::Audio;
    std::optional<std::uint32_t> ssrc_;
    GopCache<std::shared_ptr<Packet>> cache_;
    DetectionMatcher matcher_;
    std::vector<std::shared_ptr<Feed>> feeds_;
    Counters counters_;
    bool answersKeyRequests_ = true;
    std::atomic<gint64> lastPacket_{0}; ///< g_get_monotonic_time()
};

} // namespace web
