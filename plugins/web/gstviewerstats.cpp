// What there is to know of one viewer: its reports, and its part of the "stats" property.
#include "web/gstviewer.hpp"

#include <utility>

GST_DEBUG_CATEGORY_EXTERN(whepsink_debug);
#define GST_CAT_DEFAULT whepsink_debug

namespace web {

void Viewer::look() {
    if (!isOpen())
        return;
    guint64 bytes = 0;
    for (const auto& sizes : sizes_)
        bytes += sizes->feed().bytes;
    for (const auto& sizes : sizes_)
        sizes->look();
    bitrate_ = (bytes - std::exchange(bytesBefore_, bytes)) * 8;
}

void Viewer::watchReports() {
    session_ = sessionOf(webrtc());
    if (!session_)
        return;
    const auto heard = later([this](const auto& reports, gint64 now) {
        for (const ReportBlock& report : reports)
            take(report, std::chrono::microseconds(now));
    });
    reports_ = web::watchReports(
        session_.get(), [heard](const auto& reports) { heard(reports, g_get_real_time()); });
}

/// Of the packets that are sent again, and of sound, there are few: they say little of the network.
void Viewer::take(const ReportBlock& report, std::chrono::microseconds now) {
    Sizes* picture = this->picture();
    if (!picture || report.ssrc != picture->feed().rewrite.ssrc)
        return;
    report_ = report;
    roundTrip_ = report.roundTrip(now);
    Feed& feed = picture->feed();
    if (feed.first >= 0)
        lossMeter_.begin(static_cast<std::uint16_t>(feed.first));
    const auto loss = lossMeter_.take(Clock::now(), report);
    if (!loss)
        return;
    loss_ = *loss;
    picture->report(loss_, roundTrip_);
    const std::chrono::milliseconds jitter(report.jitter / 90); // video's clock
    const auto delay =
        playoutDelay_.report(Clock::now(), {loss_, roundTrip_, jitter, feed.packets});
    picture->delay(delay);
    feed.isNew = playoutDelay_.isNew();
    GST_DEBUG("viewer %.8s: %.3f lost, round trip %" G_GINT64_FORMAT " ms, jitter %" G_GINT64_FORMAT
              " ms: playout delay %" G_GINT64_FORMAT " ms",
              id().c_str(), loss_, gint64(roundTrip_.count()), gint64(jitter.count()),
              gint64(delay.count()));
}

void Viewer::missed(std::chrono::milliseconds age) {
    if (!playoutDelay_.isNew())
        return;
    const auto delay = playoutDelay_.missed(age, picture()->feed().packets);
    picture()->delay(delay, age);
    GST_DEBUG("viewer %.8s: asks for what was sent %" G_GINT64_FORMAT
              " ms ago: playout delay %" G_GINT64_FORMAT " ms",
              id().c_str(), gint64(age.count()), gint64(delay.count()));
}

Health Viewer::health() const {
    Health h;
    h.age = age();
    h.bitrate = bitrate_;
    h.loss = loss_;
    h.lost = report_.lost;
    h.roundTrip = roundTrip_;
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
    guint64 packets = 0, resent = 0, bytes = 0, drops = 0, frames = 0;
    gint64 last = 0;
    for (const auto& sizes : sizes_) {
        const Feed& feed = sizes->feed();
        packets += feed.packets;
        resent += feed.resent;
        bytes += feed.bytes;
        drops += feed.drops;
    }
    const Sizes* picture = this->picture();
    if (picture) {
        frames = picture->feed().frames;
        last = picture->feed().lastPacket;
    }
    const guint64 messages = channel_ ? channel_->messages() : 0;
    const guint64 lost = channel_ ? channel_->drops() : 0;
    const gint64 frameAge = last > 0 ? (g_get_monotonic_time() - last) / 1000 : -1;
    return gst_structure_new(
        "viewer", "connected", G_TYPE_BOOLEAN, isOpen(), "age", G_TYPE_UINT64,
        static_cast<guint64>(age().count()), "packets", G_TYPE_UINT64, packets, "packets-resent",
        G_TYPE_UINT64, resent, "bytes", G_TYPE_UINT64, bytes, "drops", G_TYPE_UINT64, drops,
        "detections", G_TYPE_UINT64, messages, "detections-dropped", G_TYPE_UINT64, lost, "frames",
        G_TYPE_UINT64, frames, "bitrate", G_TYPE_UINT64, bitrate_, "frame-age", G_TYPE_INT64,
        frameAge, "fraction-lost", G_TYPE_DOUBLE, loss_, "packets-lost", G_TYPE_INT64,
        static_cast<gint64>(report_.lost), "round-trip", G_TYPE_UINT64,
        static_cast<guint64>(roundTrip_.count()), "quality", G_TYPE_UINT64,
        static_cast<guint64>(picture ? picture->index() : 0), "playout-delay", G_TYPE_INT,
        picture ? picture->feed().playoutDelay.load() : -1, nullptr);
}

} // namespace web
