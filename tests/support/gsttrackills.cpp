#include "support/gsttrackills.hpp"

#include "glue/ref.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace camera {
namespace {

using Clock = std::chrono::steady_clock;

struct Track {
    const char* stops; ///< the ill of this track alone
    const Ills* ills;
    Clock::time_point start{};
    unsigned units = 0; ///< access units that have passed

    bool stopped(const char* ill) const {
        return ills->has(ill) && Clock::now() - start >= std::chrono::seconds(ills->number(ill, 0));
    }
};

/// The last packet of an access unit; payloaders of sound mark none, there each is one.
bool endsUnit(GstBuffer* packet) { return GST_BUFFER_FLAG_IS_SET(packet, GST_BUFFER_FLAG_MARKER); }

/// Whether a packet (or the last one of several) goes on its way.
bool passes(Track& track, GstBuffer* packet, bool video) {
    if (track.start == Clock::time_point{})
        track.start = Clock::now();
    const bool first = track.units == 0;
    if (!video || endsUnit(packet))
        ++track.units;
    if (first)
        return !video || !track.ills->has("starts-without-key-frame");
    return !track.stopped("stream-stops") && !track.stopped(track.stops);
}

GstPadProbeReturn onPackets(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto& track = *static_cast<Track*>(data);
    const bool video = track.stops == std::string_view("video-stops");
    GstBuffer* packet = nullptr;
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
        GstBufferList* list = gst_pad_probe_info_get_buffer_list(info);
        packet = gst_buffer_list_get(list, gst_buffer_list_length(list) - 1);
    } else {
        packet = gst_pad_probe_info_get_buffer(info);
    }
    return passes(track, packet, video) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

} // namespace

void attachTrackIlls(GstElement* bin, const Ills& ills) {
    const std::array<std::pair<const char*, const char*>, 3> tracks = {
        {{"pay0", "video-stops"}, {"pay1", "audio-stops"}, {"pay2", "metadata-stops"}}};
    for (const auto& [payloader, ill] : tracks) {
        const glue::Ref<GstElement> element(gst_bin_get_by_name(GST_BIN(bin), payloader));
        const glue::Ref<GstPad> pad(element ? gst_element_get_static_pad(element.get(), "src")
                                            : nullptr);
        if (pad)
            gst_pad_add_probe(pad.get(),
                              static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                           GST_PAD_PROBE_TYPE_BUFFER_LIST),
                              onPackets, new Track{ill, &ills},
                              [](gpointer track) { delete static_cast<Track*>(track); });
    }
}

} // namespace camera
