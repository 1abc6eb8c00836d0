#pragma once

#include "base/detection.hpp"
#include "glue/ref.hpp"
#include "web/detectionmatcher.hpp"
#include "web/framegather.hpp"
#include "web/gopcache.hpp"
#include "web/gstfeed.hpp"
#include "web/gstpacketinput.hpp"
#include "web/rtp.hpp"
#include "web/session.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace web {

/// One input of whepsink: what comes out of it as RTP, a shallow copy of each packet into the feed
/// of every viewer.
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

    /// A quality is the first picture once more, in another size.
    enum class Role { Own, Quality };

    Track(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, Role role,
          std::size_t cacheBytes, Events events);
    ~Track();
    Track(const Track&) = delete;
    Track& operator=(const Track&) = delete;

    GstPad* pad() const { return input_.pad(); }
    Role role() const { return role_; }
    /// What flows, once a packet has been seen.
    std::optional<Codec> codec() const;
    Counters counters() const;
    /// What is wrong with the stream for browsers and what to do about it; mostly "".
    std::string warning() const;
    struct Pulse {
        using Time = std::chrono::milliseconds;
        std::optional<Time> packet, key; ///< since the last one, since the last key frame began
        bool asksInVain = false;         ///< nobody upstream heeds a wish for a key frame
    };
    Pulse pulse() const;
    /// A packet has come in within the last three seconds.
    bool isFlowing() const;

    /// Pixels of the picture at its last key frame, as far as they are known.
    PacketInput::Size size() const;

    /// From here on the feed is looked after, and filled while it is this track's turn.
    void add(const std::shared_ptr<Feed>& feed);
    void remove(const std::shared_ptr<Feed>& feed);
    /// The viewer is connected and is who it says: from the next key frame on it gets packets.
    /// Where asking for one is known to be useless, from the cached one, at once. False when it has
    /// to wait.
    bool open(const std::shared_ptr<Feed>& feed);
    /// The key frame asked for has not come: begins with the cached one, if there is one.
    void replayIfWaiting(const std::shared_ptr<Feed>& feed);
    /// From this track's next key frame on, it fills the feed instead of the one that does so now.
    void takeOver(const std::shared_ptr<Feed>& feed);
    /// Asks upstream for a key frame. In the loop's thread.
    void askForKeyFrame();

    /// What was found in another stream of the same camera: told with this track's RTP timestamp,
    /// as soon as its frame of that moment is known. From any thread.
    void place(const base::Detections& detections, const Moment& when);

    /// Forgets what flowed. On the way to READY.
    void reset();
    /// Takes elements and pad out of the bin.
    void dispose() { input_.dispose(); }

private:
    using Packet = MediaPacket;
    using Gather = FrameGather<std::shared_ptr<Packet>>;

    void read(GstSample* sample);
    void flushed();
    bool distributeAll(GstSample* sample);
    void readCaps(const GstCaps* caps);
    std::optional<Packet> readPacket(GstBuffer* buffer, const GstSegment* segment);
    void forgetFrames();
    void checkSource(std::uint32_t ssrc);
    void cut();
    void beginGroup(const Packet& key);
    void distribute(const std::vector<std::shared_ptr<Packet>>& packets);
    void feedOne(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets);
    static void awaitKeyFrame(Feed& feed);
    void askAgain(Feed& feed) const;
    bool isTurnOf(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets) const;
    bool replay(Feed& feed);
    void push(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets, std::size_t from);

    GstBin* bin_;
    Role role_;
    PacketInput input_;
    Events events_;

    mutable std::mutex mutex_;
    std::optional<Codec> codec_;
    glue::Ref<GstCaps> caps_;
    PacketFormat format_ = PacketFormat::Audio;
    std::optional<std::uint32_t> ssrc_;
    Gather gather_;
    GopCache<std::shared_ptr<Packet>> cache_;
    DetectionMatcher matcher_;
    std::vector<std::shared_ptr<Feed>> feeds_;
    Counters counters_;
    gint64 lastKey_ = -G_USEC_PER_SEC; ///< when the last key frame began; g_get_monotonic_time()
    bool answersKeyRequests_ = true;
    unsigned reordered_ = 0; ///< B slices seen
    PacketInput::Size size_;
    std::atomic<gint64> lastPacket_{0}; ///< g_get_monotonic_time()
};

} // namespace web
