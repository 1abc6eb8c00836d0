// What there is to know of one viewer: its reports, and its part of the "stats" property.
#include "web/gstviewer.hpp"

#include <utility>

namespace web {

void Viewer::look() {
    if (!open_ || closed_)
        return;
    guint64 bytes = 0;
    for (const auto& sizes : sizes_)
        bytes += sizes->feed().bytes;
    bitrate_ = (bytes - std::exchange(bytesBefore_, bytes)) * 8;
    Sizes* picture = this->picture();
    if (!picture || !readReport(webrtc_, picture->feed().rewrite.ssrc, report_))
        return;
    picture->report(report_.fractionLost, report_.roundTrip);
}

Health Viewer::health() const {
    Health h;
    h.age = std::chrono::duration_cast<Health::Time>(Clock::now() - born_);
    h.bitrate = bitrate_;
    h.loss = report_.fractionLost;
    h.lost = report_.lost;
    h.roundTrip = report_.roundTrip;
    const Sizes* picture = this->picture();
    if (!picture)
        return h;
    const Feed& feed = picture->feed();
    h.frames = feed.frames;
    h.dropped = feed.drops;
    if (feed.lastJam > 0)
        h.jam = std::chrono::duration_cast<Health::Time>(
            std::chrono::microseconds(g_get_monotonic_time() - feed.lastJam));
    h.quality = picture->index();
    h.qualities = picture->count();
    const Track& track = *picture->shown();
    if (const auto codec = track.codec())
        h.codec = codec->encoding;
    const Track::Pulse pulse = track.pulse();
    h.silent = pulse.packet;
    h.key = pulse.key;
    h.asksInVain = pulse.asksInVain;
    if (std::string fault = track.warning(); !fault.empty())
        h.faults.push_back(std::move(fault));
    return h;
}

GstStructure* Viewer::stats() const {
    guint64 packets = 0, bytes = 0, drops = 0, frames = 0;
    gint64 last = 0;
    for (const auto& sizes : sizes_) {
        const Feed& feed = sizes->feed();
        packets += feed.packets;
        bytes += feed.bytes;
        drops += feed.drops;
    }
    const Sizes* picture = this->picture();
    if (picture) {
        frames = picture->feed().frames;
        last = picture->feed().lastPacket;
    }
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - born_);
    const guint64 messages = channel_ ? channel_->messages() : 0;
    const guint64 lost = channel_ ? channel_->drops() : 0;
    const gint64 frameAge = last > 0 ? (g_get_monotonic_time() - last) / 1000 : -1;
    return gst_structure_new(
        "viewer", "connected", G_TYPE_BOOLEAN, open_, "age", G_TYPE_UINT64,
        static_cast<guint64>(age.count()), "packets", G_TYPE_UINT64, packets, "bytes",
        G_TYPE_UINT64, bytes, "drops", G_TYPE_UINT64, drops, "detections", G_TYPE_UINT64, messages,
        "detections-dropped", G_TYPE_UINT64, lost, "frames", G_TYPE_UINT64, frames, "bitrate",
        G_TYPE_UINT64, bitrate_, "frame-age", G_TYPE_INT64, frameAge, "fraction-lost",
        G_TYPE_DOUBLE, report_.fractionLost, "packets-lost", G_TYPE_INT64,
        static_cast<gint64>(report_.lost), "round-trip", G_TYPE_UINT64,
        static_cast<guint64>(report_.roundTrip.count()), "quality", G_TYPE_UINT64,
        static_cast<guint64>(picture ? picture->index() : 0), nullptr);
}

} // namespace web
