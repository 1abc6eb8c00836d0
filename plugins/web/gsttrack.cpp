#include "web/gsttrack.hpp"

#include "base/error.hpp"
#include "glue/detectionmeta.hpp"
#include "web/gstdetectioninput.hpp"
#include "web/gstformats.hpp"

#include <gst/video/video.h>

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

/// Microseconds without a packet after which a stream counts as standing still.
constexpr gint64 flowingTime = 3 * G_USEC_PER_SEC;

} // namespace

Track::Track(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, std::size_t cacheBytes,
             Events events)
    : bin_(bin), events_(std::move(events)), cache_(cacheBytes, feedCapacity - feedLimit),
      matcher_([this](const base::Detections& detections, std::uint32_t rtp, const Moment& when) {
          events_.found(*this, detections, rtp, when);
      }) {
    const auto make = [](const char* factory) {
        GstElement* made = gst_element_factory_make(factory, nullptr);
        if (!made)
            throw base::Error(base::ErrorKind::NotFound,
                              std::string("The element ") + factory +
                                  " is missing: install gstreamer1.0-plugins-base.");
        return Ref<GstElement>(GST_ELEMENT(gst_object_ref_sink(made)));
    };
    filter_ = make("capsfilter");
    sink_ = make("appsink");
    const Ref<GstCaps> caps(gst_pad_template_get_caps(padTemplate));
    g_object_set(filter_.get(), "caps", caps.get(), nullptr);
    g_object_set(sink_.get(), "sync", FALSE, "enable-last-sample", FALSE, "buffer-list", TRUE,
                 nullptr);
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = onSample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink_.get()), &callbacks, this, nullptr);
    gst_bin_add_many(bin, filter_.get(), sink_.get(), nullptr);

    const Ref<GstPad> in(gst_element_get_static_pad(filter_.get(), "sink"));
    const Ref<GstPad> out(gst_element_get_static_pad(filter_.get(), "src"));
    gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, onEvent, this, nullptr);
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, onQuery, nullptr, nullptr);
    pad_ = gst_ghost_pad_new_from_template(padName, in.get(), padTemplate);
    gst_element_sync_state_with_parent(sink_.get());
    gst_element_sync_state_with_parent(filter_.get());
}

Track::~Track() = default;

void Track::removeFromBin(GstElement* element) {
    gst_element_set_state(element, GST_STATE_NULL);
    if (GST_OBJECT_PARENT(element) == GST_OBJECT(bin_))
        gst_bin_remove(bin_, element);
}

void Track::dispose() {
    removeFromBin(sink_.get());
    removeFromBin(filter_.get());
    dropChain();
}

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
}

void Track::forgetFrames() {
    cache_.clear();
    matcher_.clear();
}

// --- what comes in -----------------------------------------------------------------------------

GstPadProbeReturn Track::onQuery(GstPad*, GstPadProbeInfo* info, gpointer) {
    // What upstream may send is decided by the pad template alone, never by the chain that happens
    // to be there now: another codec may follow.
    GstQuery* query = GST_PAD_PROBE_INFO_QUERY(info);
    if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS)
        return GST_PAD_PROBE_OK;
    GstCaps* filter = nullptr;
    gst_query_parse_caps(query, &filter);
    const Ref<GstCaps> any(filter ? gst_caps_ref(filter) : gst_caps_new_any());
    gst_query_set_caps_result(query, any.get());
    return GST_PAD_PROBE_HANDLED;
}

GstPadProbeReturn Track::onEvent(GstPad*, GstPadProbeInfo* info, gpointer self) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    return static_cast<Track*>(self)->configure(caps) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

bool Track::configure(GstCaps* caps) {
    decideSync();
    const std::string wanted = chainFor(caps);
    if (wanted == description_)
        return true;
    dropChain();
    if (!buildChain(wanted)) {
        GST_ELEMENT_ERROR(bin_, CORE, MISSING_PLUGIN,
                          ("An element that packs this stream for browsers is missing: install "
                           "gstreamer1.0-plugins-good and gstreamer1.0-plugins-bad."),
                          ("%s", wanted.c_str()));
        return false;
    }
    description_ = wanted;
    return true;
}

void Track::dropChain() {
    const Ref<GstPad> out(gst_element_get_static_pad(filter_.get(), "src"));
    if (const Ref<GstPad> peer{gst_pad_get_peer(out.get())})
        gst_pad_unlink(out.get(), peer.get());
    if (chain_)
        removeFromBin(chain_.get());
    chain_.reset();
    description_ = "?";
}

bool Track::buildChain(const std::string& description) {
    GstElement* first = sink_.get();
    if (!description.empty()) {
        GError* error = nullptr;
        GstElement* made = gst_parse_bin_from_description(description.c_str(), TRUE, &error);
        const Ref<GError> owned(error);
        if (!made)
            return false;
        chain_.reset(GST_ELEMENT(gst_object_ref_sink(made)));
        gst_bin_add(bin_, made);
        if (error || !gst_element_link(made, sink_.get()) ||
            !gst_element_sync_state_with_parent(made))
            return false;
        first = made;
    }
    return gst_element_link(filter_.get(), first);
}

void Track::decideSync() {
    // A live source sets the pace by itself, and waiting again costs 20-28 ms; a file needs a
    // brake.
    const Ref<GstPad> in(gst_element_get_static_pad(filter_.get(), "sink"));
    const Ref<GstQuery> query(gst_query_new_latency());
    gboolean live = TRUE;
    if (gst_pad_peer_query(in.get(), query.get()))
        gst_query_parse_latency(query.get(), &live, nullptr, nullptr);
    g_object_set(sink_.get(), "sync", !live, nullptr);
}

GstFlowReturn Track::onSample(GstAppSink* sink, gpointer data) {
    if (const Ref<GstSample> sample{gst_app_sink_try_pull_sample(sink, 0)})
        static_cast<Track*>(data)->read(sample.get());
    return GST_FLOW_OK;
}

void Track::read(GstSample* sample) {
    const GstSegment* segment = gst_sample_get_segment(sample);
    const std::lock_guard<std::mutex> lock(mutex_);
    readCaps(gst_sample_get_caps(sample));
    std::vector<std::shared_ptr<Packet>> packets;
    const auto take = [&](GstBuffer* buffer) {
        if (auto packet = readPacket(buffer, segment))
            packets.push_back(std::make_shared<Packet>(std::move(*packet)));
    };
    if (GstBufferList* list = gst_sample_get_buffer_list(sample))
        for (guint i = 0; i < gst_buffer_list_length(list); i++)
            take(gst_buffer_list_get(list, i));
    else if (GstBuffer* buffer = gst_sample_get_buffer(sample))
        take(buffer);
    distribute(packets);
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
    forgetFrames();
    events_.changed();
}

void Track::checkSource(std::uint32_t ssrc) {
    // Another SSRC means other sequence numbers and timestamps: the viewers' state is worthless.
    if (ssrc_ && *ssrc_ != ssrc) {
        forgetFrames();
        events_.changed();
    }
    ssrc_ = ssrc;
}

std::optional<Track::Packet> Track::readPacket(GstBuffer* buffer, const GstSegment* segment) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return std::nullopt;
    Packet packet;
    const auto header = RtpPacket::parse(map.data, map.size);
    if (header) {
        packet.key = beginsKeyFrame(format_, *header);
        packet.padding = map.data[0] & 0x20;
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
    counters_.frames += header->marker || format_ == PacketFormat::Audio;
    return packet;
}

void Track::place(const base::Detections& detections, const Moment& when) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (format_ != PacketFormat::Audio && !matcher_.elsewhere(detections, when))
        counters_.detectionDrops++;
}

// --- what goes out -----------------------------------------------------------------------------

void Track::distribute(const std::vector<std::shared_ptr<Packet>>& packets) {
    for (const auto& packet : packets) {
        if (format_ == PacketFormat::Audio)
            break;
        // From here on `key` means: the first packet of a key frame.
        packet->key = cache_.add(packet, packet->header.payloadOffset + packet->header.payloadSize,
                                 packet->header.timestamp, packet->key);
        counters_.keyFrames += packet->key;
    }
    if (!packets.empty())
        for (const auto& feed : feeds_)
            feedOne(*feed, packets);
}

void Track::feedOne(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets) {
    if (feed.state == Feed::State::Closed)
        return;
    if (feed.state == Feed::State::Flowing &&
        gst_app_src_get_current_level_buffers(GST_APP_SRC(feed.source.get())) > feed.limit) {
        feed.state =
            Feed::State::Waiting; // its socket does not keep up: begin again at a key frame
        feed.starved();
    }
    std::size_t from = 0;
    if (feed.state == Feed::State::Waiting) {
        while (from < packets.size() && !packets[from]->key)
            from++;
        feed.drops += from;
        if (from == packets.size())
            return;
        feed.state = Feed::State::Flowing;
        feed.limit = feedLimit;
    }
    push(feed, packets, from);
}

void Track::push(Feed& feed, const std::vector<std::shared_ptr<Packet>>& packets,
                 std::size_t from) {
    // The viewer's pipeline has our clock, but its base time stays when ours is paused and resumed.
    const Ref<GstClock> ours(gst_element_get_clock(GST_ELEMENT(bin_)));
    const Ref<GstClock> theirs(gst_element_get_clock(feed.pipeline));
    if (!theirs)
        return;
    const GstClockTime base = gst_element_get_base_time(feed.pipeline);
    const GstClockTime now = gst_clock_get_time(theirs.get()) - base;
    const GstClockTimeDiff shift =
        GST_CLOCK_DIFF(base, gst_element_get_base_time(GST_ELEMENT(bin_)));
    // One by one: GstBaseSrc 1.22 trips over a buffer list that is in its hands while it stops.
    for (; from < packets.size(); from++) {
        const Packet& packet = *packets[from];
        GstClockTime pts = now;
        if (ours == theirs && GST_CLOCK_TIME_IS_VALID(packet.runningTime)) {
            const auto shifted = static_cast<GstClockTimeDiff>(packet.runningTime) + shift;
            // webrtcbin waits for times to come: nothing may lie in the future.
            pts = static_cast<GstClockTime>(
                std::clamp<GstClockTimeDiff>(shifted, 0, static_cast<GstClockTimeDiff>(now)));
        }
        GstBuffer* copy = copyFor(feed, packet, pts);
        feed.packets++;
        feed.bytes += gst_buffer_get_size(copy);
        gst_app_src_push_buffer(GST_APP_SRC(feed.source.get()), copy);
    }
}

GstBuffer* Track::copyFor(const Feed& feed, const Packet& packet, GstClockTime pts) const {
    RtpHeader header;
    const std::size_t size = writeHeader(packet.header, packet.padding, feed.rewrite, header);
    GstBuffer* copy = gst_buffer_new_memdup(header.data(), size);
    gst_buffer_copy_into(copy, packet.buffer.get(), GST_BUFFER_COPY_MEMORY,
                         packet.header.payloadOffset, static_cast<gsize>(-1));
    GST_BUFFER_PTS(copy) = pts;
    return copy;
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
    feed->limit = feedLimit;
    if (format_ == PacketFormat::Audio) {
        feed->state = Feed::State::Flowing;
        return true;
    }
    feed->state = Feed::State::Waiting;
    return !answersKeyRequests_ && replay(*feed);
}

void Track::replayIfWaiting(const std::shared_ptr<Feed>& feed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (feed->state == Feed::State::Waiting)
        replay(*feed);
}

void Track::askForKeyFrame() {
    const Ref<GstPad> in(gst_element_get_static_pad(sink_.get(), "sink"));
    const bool heard = gst_pad_push_event(
        in.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.keyRequests++;
    answersKeyRequests_ = answersKeyRequests_ && heard;
}

} // namespace web
