#include "web/gstfeed.hpp"

#include <algorithm>

namespace web {

using glue::Ref;

std::shared_ptr<Feed> makeFeed(GstElement* pipeline, const Served& served, const Codec& codec,
                               int playoutDelay) {
    GstElement* source = gst_element_factory_make("appsrc", nullptr);
    if (!source)
        return nullptr;
    auto feed = std::make_shared<Feed>();
    feed->source.reset(GST_ELEMENT(gst_object_ref(source)));
    feed->pipeline = pipeline;
    feed->rewrite = {served.format.payload, g_random_int(),
                     playoutDelay >= 0 ? served.playoutDelay : 0, std::max(playoutDelay, 0)};
    feed->playoutDelay = feed->rewrite.playoutDelay;
    feed->slope = DelaySlope(feed->rewrite.playoutDelay);
    gst_bin_add(GST_BIN(pipeline), source);
    const Ref<GstCaps> caps = capsOf(*feed, codec);
    // Bounds in packets: libnice's TCP can stand still, and a picture is worth more late than
    // never.
    g_object_set(source, "caps", caps.get(), "is-live", TRUE, "format", GST_FORMAT_TIME,
                 "max-bytes", guint64(0), "max-buffers", guint64(feedCapacity), "leaky-type", 2,
                 nullptr);
    return feed;
}

Ref<GstCaps> capsOf(const Feed& feed, const Codec& codec) {
    return Ref<GstCaps>(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, codec.kind == Kind::Audio ? "audio" : "video",
        "encoding-name", G_TYPE_STRING, codec.encoding.c_str(), "clock-rate", G_TYPE_INT,
        codec.clockRate, "payload", G_TYPE_INT, feed.rewrite.payloadType, "ssrc", G_TYPE_UINT,
        feed.rewrite.ssrc, nullptr));
}

} // namespace web
