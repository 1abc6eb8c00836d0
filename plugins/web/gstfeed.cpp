#include "web/gstfeed.hpp"

#include "web/gstcourier.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace web {

using glue::Ref;

namespace {

Ref<GstCaps> capsOf(const Feed& feed, const Codec& codec) {
    return Ref<GstCaps>(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, codec.kind == Kind::Audio ? "audio" : "video",
        "encoding-name", G_TYPE_STRING, codec.encoding.c_str(), "clock-rate", G_TYPE_INT,
        codec.clockRate, "payload", G_TYPE_INT, feed.rewrite.payloadType, "ssrc", G_TYPE_UINT,
        feed.rewrite.ssrc, nullptr));
}

/// webrtcbin asks for the latency of what it sends: none, and live.
gboolean onQuery(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY)
        return gst_pad_query_default(pad, parent, query);
    gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
    return TRUE;
}

/// There is nobody above who could be told.
gboolean onEvent(GstPad*, GstObject*, GstEvent* event) {
    gst_event_unref(event);
    return TRUE;
}

/// A copy of its own, in one piece: sharing the payload costs more than a kilobyte's copy. As a
/// repair it has the number of what it repairs before its payload (RFC 4588 section 4).
GstBuffer* write(const Feed::Sent& sent, RtpRewrite rewrite,
                 const std::optional<RtpRepair>& repair) {
    const MediaPacket& packet = *sent.packet;
    RtpPacket numbered = packet.header;
    numbered.sequence = repair ? repair->sequence : sent.numbers.sequence;
    numbered.timestamp = sent.numbers.timestamp;
    rewrite.playoutDelay = sent.playoutDelay;
    if (repair) {
        rewrite.payloadType = repair->payloadType;
        rewrite.ssrc = repair->ssrc;
    }
    RtpHeader header;
    const std::size_t head = writeHeader(numbered, packet.padding && !repair, rewrite, header);
    const std::size_t from = packet.header.payloadOffset;
    const std::size_t size =
        repair ? packet.header.payloadSize : gst_buffer_get_size(packet.buffer.get()) - from;
    const std::size_t payload = head + (repair ? 2 : 0);
    GstBuffer* copy = gst_buffer_new_allocate(nullptr, payload + size, nullptr);
    GstMapInfo map;
    if (gst_buffer_map(copy, &map, GST_MAP_WRITE)) {
        std::copy_n(header.begin(), head, map.data);
        if (repair)
            GST_WRITE_UINT16_BE(map.data + head, sent.numbers.sequence);
        gst_buffer_extract(packet.buffer.get(), from, map.data + payload, size);
        packet.picture.write(map.data + payload, sent.numbers.picture, sent.numbers.base);
        gst_buffer_unmap(copy, &map);
    }
    GST_BUFFER_PTS(copy) = sent.time;
    return copy;
}

} // namespace

std::shared_ptr<Feed> makeFeed(GstElement* pipeline, Courier& courier, const Served& served,
                               const Codec& codec, int playoutDelay) {
    auto feed = std::make_shared<Feed>();
    feed->source.reset(GST_PAD(gst_object_ref_sink(gst_pad_new("feed", GST_PAD_SRC))));
    gst_pad_set_query_function(feed->source.get(), onQuery);
    gst_pad_set_event_function(feed->source.get(), onEvent);
    gst_pad_set_active(feed->source.get(), TRUE);
    feed->pipeline = pipeline;
    feed->courier = &courier;
    feed->rewrite = {served.format.payload, g_random_int(),
                     playoutDelay >= 0 ? served.playoutDelay : 0, std::max(playoutDelay, 0)};
    feed->repair = {served.retransmission, 0, static_cast<std::uint16_t>(g_random_int())};
    feed->playoutDelay = feed->rewrite.playoutDelay;
    feed->slope = DelaySlope(feed->rewrite.playoutDelay);
    feed->caps = capsOf(*feed, codec);
    return feed;
}

void announce(const Feed& feed) {
    GstPad* pad = feed.source.get();
    const std::string name = std::to_string(feed.rewrite.ssrc);
    gst_pad_push_event(pad, gst_event_new_stream_start(name.c_str()));
    gst_pad_push_event(pad, gst_event_new_caps(feed.caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad, gst_event_new_segment(&segment));
}

Feed::~Feed() {
    if (source)
        gst_pad_set_active(source.get(), FALSE);
}

Feed::Sent Feed::number(std::shared_ptr<const MediaPacket> packet, GstClockTime time) {
    Sent once{std::move(packet), {}, 0, time};
    once.numbers = splice.next(once.packet->header, once.packet->picture);
    if (first < 0)
        first = once.numbers.sequence;
    once.playoutDelay = slope.at(once.numbers.timestamp, playoutDelay);
    return once;
}

void Feed::call() {
    if (!std::exchange(called, true))
        courier->call(shared_from_this());
}

/// A newcomer has lost something, and cannot wait yet for what it will lose next. Ends with the
/// first half second.
bool Feed::sendsTwice() const {
    return isNew && repair.payloadType >= 0 && slope.now() < playoutDelay;
}

void Feed::add(std::vector<Sent> list) {
    waits += list.size();
    waiting.push_back({list, std::nullopt});
    if (sendsTwice()) {
        waits += list.size();
        resent += list.size();
        waiting.push_back({std::move(list), repair});
    }
    call();
}

std::optional<std::chrono::milliseconds> Feed::resend(std::uint16_t sequence) {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = waits < feedCapacity ? sent.take(sequence, Clock::now()) : std::nullopt;
    if (!found)
        return std::nullopt;
    for (int i = sendsTwice() ? 2 : 1; i > 0; i--) {
        waiting.push_front({{found->packet}, repair}); // it is waited for
        waits++;
        resent++;
    }
    call();
    if (found->before || !isNew)
        return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(found->age);
}

void Feed::aim(std::chrono::milliseconds delay, std::chrono::milliseconds stood) {
    const std::lock_guard<std::mutex> lock(mutex);
    playoutDelay = static_cast<int>(delay.count());
    slope.skip(static_cast<int>(stood.count()), playoutDelay);
}

/// The next of those that wait, remembered from now on: what is still on its way is not repeated.
Feed::Batch Feed::take() {
    Batch batch = std::move(waiting.front());
    waiting.pop_front();
    waits -= batch.packets.size();
    const auto now = Clock::now();
    if (batch.repair) { // numbered in the order in which they leave
        batch.repair->sequence = repair.sequence;
        repair.sequence += static_cast<std::uint16_t>(batch.packets.size());
    } else if (repair.payloadType >= 0)
        for (const Sent& packet : batch.packets)
            sent.add(packet.numbers.sequence, packet, now);
    return batch;
}

bool Feed::deliver() {
    Batch batch;
    bool more = false;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!waiting.empty())
            batch = take();
        more = called = !waiting.empty();
    }
    if (batch.packets.empty())
        return more;
    GstBufferList* list = gst_buffer_list_new_sized(static_cast<guint>(batch.packets.size()));
    for (const Sent& packet : batch.packets) {
        GstBuffer* buffer = write(packet, rewrite, batch.repair);
        if (batch.repair)
            batch.repair->sequence++;
        bytes += gst_buffer_get_size(buffer);
        gst_buffer_list_add(list, buffer);
    }
    gst_pad_push_list(source.get(), list);
    return more;
}

} // namespace web
