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

void Feed::add(Ref<GstBufferList> packets) {
    waits += gst_buffer_list_length(packets.get());
    waiting.push_back(std::move(packets));
    if (!std::exchange(called, true))
        courier->call(shared_from_this());
}

bool Feed::deliver() {
    Ref<GstBufferList> packets;
    bool more = false;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!waiting.empty()) {
            packets = std::move(waiting.front());
            waiting.pop_front();
            waits -= gst_buffer_list_length(packets.get());
        }
        more = called = !waiting.empty();
    }
    if (packets)
        gst_pad_push_list(source.get(), packets.release());
    return more;
}

} // namespace web
