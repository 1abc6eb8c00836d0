// What there is to know of a whepsink and its viewers: the "stats" property, /status, /metrics.
#include "web/gstaudience.hpp"

#include "web/problem.hpp"

#include <algorithm>
#include <array>

namespace web {

using glue::Ref;

namespace {

constexpr std::array<const char*, 9> viewerNumbers = {"bytes",        "packets",    "frames",
                                                      "drops",        "bitrate",    "frame-age",
                                                      "packets-lost", "round-trip", "quality"};

/// A field of the stats as Prometheus has it.
std::string line(const std::string& name, const std::string& labels, const std::string& value) {
    std::string key = name;
    std::replace(key.begin(), key.end(), '-', '_');
    return "video_stream_whep_" + key + "{" + labels + "} " + value + "\n";
}

std::string number(const GstStructure* stats, const char* field) {
    GValue text = G_VALUE_INIT;
    g_value_init(&text, G_TYPE_STRING);
    const GValue* value = gst_structure_get_value(stats, field);
    const bool told = value && g_value_transform(value, &text);
    std::string number = told ? g_value_get_string(&text) : "0";
    g_value_unset(&text);
    return number;
}

} // namespace

Track::Counters GstAudience::counters() const {
    Track::Counters sum;
    for (const auto& track : tracks()) {
        const Track::Counters c = track->counters();
        sum.packets += c.packets;
        sum.bytes += c.bytes;
        sum.keyRequests += c.keyRequests;
        sum.keyFrames += c.keyFrames;
        sum.frames += c.frames;
        sum.detectionDrops += c.detectionDrops;
    }
    return sum;
}

GstStructure* GstAudience::stats() {
    const Track::Counters sum = counters();
    GValue list = G_VALUE_INIT;
    gst_value_list_init(&list, 8);
    guint64 drops = 0, joined = 0;
    guint viewers = 0;
    loop_->call([&] {
        joined = joined_;
        viewers = static_cast<guint>(viewers_.size());
        for (const auto& [id, viewer] : viewers_) {
            GstStructure* one = viewer->stats();
            guint64 dropped = 0;
            gst_structure_get_uint64(one, "drops", &dropped);
            drops += dropped;
            GValue value = G_VALUE_INIT;
            g_value_init(&value, GST_TYPE_STRUCTURE);
            g_value_take_boxed(&value, one);
            gst_value_list_append_and_take_value(&list, &value);
        }
    });
    GstStructure* stats = gst_structure_new_empty("application/x-whepsink-stats");
    gst_structure_set(stats, "viewers", G_TYPE_UINT, viewers, "joined", G_TYPE_UINT64, joined,
                      "frames", G_TYPE_UINT64, sum.frames, "packets", G_TYPE_UINT64, sum.packets,
                      "bytes", G_TYPE_UINT64, sum.bytes, "keyframes", G_TYPE_UINT64, sum.keyFrames,
                      "keyframe-requests", G_TYPE_UINT64, sum.keyRequests, "drops", G_TYPE_UINT64,
                      drops, "detections", G_TYPE_UINT64, found_.load(), "detections-dropped",
                      G_TYPE_UINT64, sum.detectionDrops, nullptr);
    gst_structure_take_value(stats, "sessions", &list);
    return stats;
}

/// Made in the loop's thread, once a second, so that who reads it never waits for that thread. A
/// viewer is known by its number: the session's name is its key.
void GstAudience::writeMetrics() {
    const std::string stream = "stream=" + jsonString(settings_.path);
    const Track::Counters sum = counters();
    std::string text = line("viewers", stream, std::to_string(viewers_.size())) +
                       line("joined_total", stream, std::to_string(joined_)) +
                       line("frames_total", stream, std::to_string(sum.frames)) +
                       line("keyframes_total", stream, std::to_string(sum.keyFrames)) +
                       line("keyframe_requests_total", stream, std::to_string(sum.keyRequests)) +
                       line("packets_total", stream, std::to_string(sum.packets)) +
                       line("bytes_total", stream, std::to_string(sum.bytes)) +
                       line("detections_total", stream, std::to_string(found_));
    for (const auto& [id, viewer] : viewers_) {
        const std::string labels = stream + ",viewer=\"" + std::to_string(viewer->number()) + "\"";
        const Ref<GstStructure> stats(viewer->stats());
        for (const char* field : viewerNumbers)
            text += line(std::string("viewer-") + field, labels, number(stats.get(), field));
        text += line("viewer-loss", labels, std::to_string(viewer->loss()));
    }
    const std::lock_guard<std::mutex> lock(metricsMutex_);
    metrics_ = std::move(text);
}

std::string GstAudience::metrics() const {
    const std::lock_guard<std::mutex> lock(metricsMutex_);
    return metrics_;
}

std::string GstAudience::health(const std::string& id) const {
    const auto found = viewers_.find(id);
    if (found == viewers_.end())
        return "";
    Health health = found->second->health();
    health.viewers = viewers_.size();
    health.places = settings_.maxViewers;
    return healthJson(health);
}

std::string GstAudience::statusJson() const {
    std::string codecs, warnings;
    bool pictures = false, picture = false, sound = false; // of which streams something comes now
    for (const auto& track : tracks()) {
        const auto codec = track->codec();
        if (!codec)
            continue;
        const bool video = codec->kind == Kind::Video;
        pictures = pictures || video;
        (video ? picture : sound) |= track->isFlowing();
        codecs += (codecs.empty() ? "" : ",") + jsonString(codec->encoding);
        if (const std::string warning = track->warning(); !warning.empty())
            warnings += (warnings.empty() ? "" : ",") + jsonString(warning);
    }
    const bool live = pictures ? picture : sound;
    return std::string("{\"live\":") + (live ? "true" : "false") + ",\"codecs\":[" + codecs +
           "],\"viewers\":" + std::to_string(viewerCount_) +
           ",\"detections\":" + std::to_string(found_) + ",\"warnings\":[" + warnings + "]}\n";
}

} // namespace web
