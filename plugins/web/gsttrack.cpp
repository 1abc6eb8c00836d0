#include "web/gsttrack.hpp"

#include "glue/detectionmeta.hpp"
#include "glue/feeding.hpp"
#include "web/gstdetectioninput.hpp"
#include "web/gstformats.hpp"
#include "web/h264.hpp"

#include <algorithm>
#include <cstring>

GST_DEBUG_CATEGORY_EXTERN(whepsink_debug);
#define GST_CAT_DEFAULT whepsink_debug

namespace web {
namespace {

using glue::Ref;

/// Packets that may wait for a viewer's socket before we drop to the next key frame: a second or
/// two.
constexpr guint64 feedLimit = 1000;

/// Microseconds. Who joins so soon after a key frame is given that one and what followed: another
/// is not asked of the encoder yet (key-interval), and waiting for it made the first picture 350 ms
/// late (p95).
constexpr gint64 freshGroup = 500000;

/// Microseconds without a packet after which a stream counts as standing still.
constexpr gint64 flowingTime = 3 * G_USEC_PER_SEC;

/// Microseconds after which a key frame that is waited for is asked for again: the request may have
/// met an encoder that was starting anew, or a camera that was coming back.
constexpr gint64 keyFramePatience = 2 * G_USEC_PER_SEC;

/// So many B slices are no broken packet taken for one.
constexpr unsigned reorderedLimit = 3;

constexpr const char* reorderedWarning =
    "This H.264 has B-frames, which come out of their order and make the picture stutter in "
    "browsers: in the camera's video settings set B-frames to 0, or the profile to Baseline.";

} // namespace

Track::Track(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, Role role,
             std::size_t cacheBytes, Events events)
    : bin_(bin), role_(role),
      input_(
          bin, padTemplate, padName, [this](GstSample* sample) { read(sample); },
          [this] { flushed(); }),
      events_(std::move(events)), cache_(cacheBytes, feedCapacity - feedLimit),
      matcher_([this](const base::Detections& detections, std::uint32_t rtp, const Moment& when) {
          events_.found(*this, detections, rtp, when);
      }) {}

Track::~Track() = default;

std::optional<Codec> Track::codec() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return codec_;
}

bool Track::isFlowing() const {
    return lastPacket_ > 0 && g_get_monotonic_time() - lastPacket_ < flowingTime;
}

Track::Counters Track::counters() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counters_;
}

void Track::reset() {
    const std::lock_guard<std::mutex> lock(mutex_);
    codec_.reset();
    caps_.reset();
    ssrc_.reset();
    forgetFrames();
    answersKeyRequests_ = true;
    lastPacket_ = 0;
    reordered_ = 0;
}

void Track::forgetFrames() {
    gather_.clear();
    cache_.clear();
    matcher_.clear();
}

// --- what comes in -----------------------------------------------------------------------------

void Track::read(GstSample* sample) {
    if (distributeAll(sample))
        GST_ELEMENT_WARNING(bin_, STREAM, FORMAT, ("%s", reorderedWarning), (nullptr));
}

bool Track::distributeAll(GstSample* sample) {
    const GstSegment* segment = gst_sample_get_segment(sample);
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool known = reordered_ >= reorderedLimit;
    readCaps(gst_sample_get_caps(sample));
    const auto take = [&](GstBuffer* buffer) {
        auto read = readPacket(buffer, segment);
        if (!read)
            return;
        const auto packet = std::make_shared<Packet>(std::move(*read));
        const bool ends = packet->header.marker || format_ == PacketFormat::Audio;
        gather_.add(packet, packet->header.timestamp, ends, Gather::Clock::now(),
                    [this](const auto& packets) { distribute(packets); });
    };
    if (GstBufferList* list = gst_sample_get_buffer_list(sample))
        for (guint i = 0; i < gst_buffer_list_length(list); i++)
            take(gst_buffer_list_get(list, i));
    else if (GstBuffer* buffer = gst_sample_get_buffer(sample))
        take(buffer);
    return !known && reordered_ >= reorderedLimit;
}

/// Running time, and with it the timestamps of what is packed here, begins anew.
void Track::flushed() {
    const std::lock_guard<std::mutex> lock(mutex_);
    gather_.clear();
    cut();
    answersKeyRequests_ = true; // a wish that met the flush was not heard
}

std::string Track::warning() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return reordered_ >= reorderedLimit ? reorderedWarning : "";
}

Track::Pulse Track::pulse() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const gint64 now = g_get_monotonic_time();
    const auto since = [now](gint64 then) -> std::optional<Pulse::Time> {
        if (then <= 0)
            return std::nullopt;
        return std::chrono::duration_cast<Pulse::Time>(
            std::chrono::microseconds(std::max<gint64>(0, now - then)));
    };
    return {since(lastPacket_), since(lastKey_), !answersKeyRequests_};
}

void Track::readCaps(const GstCaps* caps) {
    if (!caps || caps == caps_.get())
        return;
    caps_.reset(gst_caps_ref(const_cast<GstCaps*>(caps)));
    const Codec now = codecOf(caps);
    const bool other = codec_ && *codec_ != now;
    codec_ = now;
    format_ = packetFormat(now.encoding);
    if (!other)
        return;
    reordered_ = 0;
    forgetFrames();
    events_.changed();
}

void Track::checkSource(std::uint32_t ssrc) {
    // Another SSRC means other sequence numbers and timestamps: a camera that has started again.
    if (ssrc_ && *ssrc_ != ssrc)
        cut();
    ssrc_ = ssrc;
}

void Track::cut() {
    gather_.flush([this](const auto& packets) { distribute(packets); });
    forgetFrames();
    for (const auto& feed : feeds_) {
        const std::lock_guard<std::mutex> lock(feed->mutex);
        if (feed->track != this)
            continue;
        feed->splice.change();
        if (feed->state == Feed::State::Flowing && format_ != PacketFormat::Audio) {
            awaitKeyFrame(*feed);
            feed->starved(*this);
        }
    }
}

std::optional<Track::Packet> Track::readPacket(GstBuffer* buffer, const GstSegment* segment) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return std::nullopt;
    Packet packet;
    const auto header = RtpPacket::parse(map.data, map.size);
    if (header) {
        packet.key = beginsKeyFrame(format_, *header);
        packet.picture = pictureId(format_, *header);
        packet.size = packet.key ? pictureSize(format_, *header) : PictureSize{};
        packet.padding = map.data[0] & 0x20;
        reordered_ += format_ == PacketFormat::H264 && beginsBSlice(*header);
    }
    const auto size = map.size;
    gst_buffer_unmap(buffer, &map);
    if (!header)
        return std::nullopt;
    checkSource(header->ssrc);
    const Moment moment = momentOf(buffer, segment);
    if (format_ != PacketFormat::Audio && matcher_.isWanted(header->timestamp, moment))
        if (const auto detections = glue::detectionsOf(buffer)) // each packet has its frame's
            matcher_.inFrame(*detections);
    packet.header = *header;
    packet.header.payload = nullptr;
    packet.buffer.reset(gst_buffer_ref(buffer));
    if (moment.running >= 0)
        packet.runningTime = static_cast<GstClockTime>(moment.running);
    lastPacket_ = g_get_monotonic_time();
    counters_.packets++;
    counters_.bytes += size;
    counters_.frames += header->marker && format_ != PacketFormat::Audio; // pictures
    return packet;
}

void Track::place(const base::Detections& detections, const Moment& when) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (format_ != PacketFormat::Audio && !matcher_.elsewhere(detections, when))
        counters_.detectionDrops++;
}

// --- what goes out -----------------------------------------------------------------------------

void Track::beginGroup(const Packet& key) {
    lastKey_ = g_get_monotonic_time();
    size_ = input_.size();
    if (size_.width == 0)
        size_ = {key.size.width, key.size.height};
}

void Track::distribute(const std::vector<std::shared_ptr<Packet>>& packets) {
    for (const auto& packet : packets) {
        if (format_ == PacketFormat::Audio)
            break;
        // From here on `key` means: the first packet of a key frame.
        packet->key = cache_.add(packet, packet->header.payloadOffset + packet->header.payloadSize,
                                 packet->header.timestamp, packet->key);
        counters_.keyFrames += packet->key;
        if (packet->key)
            beginGroup(*packet);
    }
    if (!packets.empty())
        for (const auto& feed : feeds_)
            feedOne(*feed, packets);
}

/// Takes over a feed that waits for this track, where a key frame begins.
bool Track::isTurnOf(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets) const {
    const auto isKey = [](const auto& packet) { return packet->key; };
    if (feed.next != this || !std::any_of(packets.begin(), packets.end(), isKey))
        return feed.track == this;
    feed.track = this;
    feed.next = nullptr;
    feed.splice.change();
    awaitKeyFrame(feed);
    return true;
}

void Track::awaitKeyFrame(Feed& feed) {
    feed.state = Feed::State::Waiting;
    feed.asked = g_get_monotonic_time();
}

void Track::askAgain(Feed& feed) const {
    const gint64 now = g_get_monotonic_time();
    if (now - feed.asked < keyFramePatience)
        return;
    feed.asked = now;
    feed.starved(*this);
}

void Track::feedOne(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets) {
    const std::lock_guard<std::mutex> lock(feed.mutex);
    const bool waits = feed.next == this; // what comes before its key frame is nobody's loss
    if (feed.state == Feed::State::Closed || !isTurnOf(feed, packets))
        return;
    const bool full = feed.waits > feed.limit;
    if (feed.state == Feed::State::Flowing && full) {
        awaitKeyFrame(feed); // its socket does not keep up: begin again there
        feed.lastJam = g_get_monotonic_time();
        feed.starved(*this);
    }
    std::size_t from = 0;
    if (feed.state == Feed::State::Waiting) {
        while (from < packets.size() && (full || !packets[from]->key)) // all of them may be keys
            from++;
        feed.drops += waits || feed.packets == 0 ? 0 : from; // nor before its first
        if (from == packets.size())
            return askAgain(feed);
        feed.state = Feed::State::Flowing;
        feed.limit = feedLimit;
    }
    push(feed, packets, from);
}

void Track::push(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets,
                 std::size_t from) {
    const glue::Crossing crossing(GST_ELEMENT(bin_), feed.pipeline);
    if (!crossing)
        return;
    std::vector<Feed::Sent> list;
    for (; from < packets.size(); from++) {
        const Packet& packet = *packets[from];
        // Of one frame each: rtpsession takes a list's time from its first packet.
        if (!list.empty() && (packet.header.timestamp != packets[from - 1]->header.timestamp ||
                              list.size() == Gather::most))
            feed.add(std::exchange(list, {}));
        list.push_back(feed.number(packets[from], crossing.position(packet.runningTime)));
        feed.packets++;
        feed.frames += packet.header.marker || format_ == PacketFormat::Audio;
    }
    if (!list.empty())
        feed.add(std::move(list));
    feed.lastPacket = g_get_monotonic_time();
}

bool Track::replay(Feed& feed) {
    if (!cache_.whole())
        return false;
    feed.state = Feed::State::Flowing;
    feed.limit = feedLimit + cache_.packets().size();
    push(feed, cache_.packets(), 0);
    return true;
}

void Track::add(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    feeds_.push_back(feed);
}

void Track::remove(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    feeds_.erase(std::remove(feeds_.begin(), feeds_.end(), feed), feeds_.end());
}

bool Track::open(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::lock_guard<std::mutex> own(feed->mutex);
    feed->track = this;
    feed->limit = feedLimit;
    if (format_ == PacketFormat::Audio) {
        feed->state = Feed::State::Flowing;
        return true;
    }
    awaitKeyFrame(*feed);
    const bool fresh = g_get_monotonic_time() - lastKey_ < freshGroup;
    return (fresh || !answersKeyRequests_) && replay(*feed);
}

void Track::replayIfWaiting(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::lock_guard<std::mutex> own(feed->mutex);
    if (feed->track == this && feed->state == Feed::State::Waiting)
        replay(*feed);
}

void Track::takeOver(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard<std::mutex> own(feed->mutex);
    feed->next = feed->track == this ? nullptr : this;
}

PacketInput::Size Track::size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return size_;
}

void Track::askForKeyFrame() {
    const bool heard = input_.askForKeyFrame();
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.keyRequests++;
    answersKeyRequests_ = answersKeyRequests_ && heard;
}

} // namespace web
