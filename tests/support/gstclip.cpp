#include "support/gstclip.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"
#include "support/gstclipproducer.hpp"
#include "support/gstpipeline.hpp"

#include <gst/app/gstappsink.h>
#include <gst/pbutils/pbutils.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>

namespace camera {
namespace {

constexpr GstClockTime longestKeyInterval = 5 * GST_SECOND;
constexpr GstClockTime inspected = 30 * GST_SECOND;

template <class T>
using Object = std::unique_ptr<T, decltype(&g_object_unref)>;

template <class T>
Object<T> own(T* object) {
    return Object<T>(object, g_object_unref);
}

[[noreturn]] void unusable(const std::string& path, const std::string& why,
                           const std::string& details = {}) {
    throw base::Error(base::ErrorKind::BadData, "\"" + path + "\" cannot be shown: " + why,
                      details);
}

Object<GstDiscovererInfo> discover(const std::string& path) {
    GError* failure = nullptr;
    const glue::Ref<char> uri(gst_filename_to_uri(path.c_str(), nullptr));
    const auto discoverer = own(gst_discoverer_new(20 * GST_SECOND, &failure));
    auto info = own<GstDiscovererInfo>(
        discoverer && uri ? gst_discoverer_discover_uri(discoverer.get(), uri.get(), &failure)
                          : nullptr);
    const glue::Ref<GError> error(failure);
    const std::string details = error ? error->message : "";
    if (!info)
        unusable(path, "it cannot be read.", details);
    switch (gst_discoverer_info_get_result(info.get())) {
    case GST_DISCOVERER_OK:
        return info;
    case GST_DISCOVERER_MISSING_PLUGINS:
        unusable(path, "a decoder for it is missing; install gstreamer1.0-libav.", details);
    case GST_DISCOVERER_TIMEOUT:
        unusable(path, "looking into it took too long.", details);
    default:
        unusable(path, "it is not a video file that GStreamer can read.", details);
    }
}

std::string capsName(const GstCaps* caps) {
    return caps && gst_caps_get_size(caps) ? gst_structure_get_name(gst_caps_get_structure(caps, 0))
                                           : "";
}

std::string h264ProfileTrouble(const GstCaps* caps, Clip& clip) {
    const char* profile = gst_structure_get_string(gst_caps_get_structure(caps, 0), "profile");
    const std::string name = profile ? profile : "unknown";
    static const std::set<std::string_view> fine = {"baseline", "constrained-baseline", "main",
                                                    "high", "constrained-high"};
    clip.h264Main = name.find("baseline") == std::string::npos;
    return fine.count(name) ? "" : "its H.264 profile is " + name;
}

/// Narrows start and duration, which are the whole file's, to the video. Only the last seconds are
/// read where the file can seek.
void trimToPictures(Clip& clip) {
    const Pipeline pipeline = launchPipeline("filesrc name=file ! parsebin ! " + clip.codec +
                                             " ! appsink name=sink sync=false max-buffers=50");
    const glue::Ref<GstElement> file(gst_bin_get_by_name(GST_BIN(pipeline.get()), "file"));
    g_object_set(file.get(), "location", clip.path.c_str(), nullptr);
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);

    const GstClockTime frame = gst_util_uint64_scale(GST_SECOND, clip.fpsD, clip.fpsN);
    GstClockTime first = GST_CLOCK_TIME_NONE, end = 0;
    const auto read = [&] {
        const glue::Ref<GstSample> sample(
            gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 10 * GST_SECOND));
        if (!sample)
            return false;
        const GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        const GstClockTime at = gst_segment_to_stream_time(gst_sample_get_segment(sample.get()),
                                                           GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
        if (!GST_CLOCK_TIME_IS_VALID(at))
            return true;
        first = std::min(first, at);
        end = std::max(
            end, at + (GST_BUFFER_DURATION_IS_VALID(buffer) ? GST_BUFFER_DURATION(buffer) : frame));
        return true;
    };
    while (!GST_CLOCK_TIME_IS_VALID(first) && read()) {
    }
    const GstClockTime tail = 5 * GST_SECOND;
    if (clip.duration > 2 * tail)
        gst_element_seek_simple(
            pipeline.get(), GST_FORMAT_TIME,
            static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT),
            static_cast<gint64>(clip.duration - tail));
    while (read()) {
    }
    if (!GST_CLOCK_TIME_IS_VALID(first) || end <= first)
        unusable(clip.path, "its pictures carry no times.", errorOf(pipeline.get()));
    clip.start = first;
    clip.duration = end - first;
}

/// Reads frames in decoding order: B-frames show as time going back.
std::string frameOrderTrouble(const Clip& clip) {
    const auto frames = clipProducer(clip, ClipTrack::H264, ClipTiming::unpaced(clip));
    GstClockTime last = 0, lastKey = GST_CLOCK_TIME_NONE;
    while (true) {
        const auto frame = frames->next();
        const GstClockTime at = GST_BUFFER_PTS(frame.get());
        if (at >= std::min(clip.duration, inspected))
            return {};
        if (at < last)
            return "it has B-frames";
        last = at;
        if (!GST_BUFFER_FLAG_IS_SET(frame.get(), GST_BUFFER_FLAG_DELTA_UNIT))
            lastKey = at;
        if (!GST_CLOCK_TIME_IS_VALID(lastKey) || at - lastKey > longestKeyInterval)
            return "its key frames are more than five seconds apart";
    }
}

void readVideo(GstDiscovererInfo* info, Clip& clip) {
    GList* streams = gst_discoverer_info_get_video_streams(info);
    if (!streams)
        unusable(clip.path, "there is no video in it.");
    auto* video = GST_DISCOVERER_VIDEO_INFO(streams->data);
    clip.width = static_cast<int>(gst_discoverer_video_info_get_width(video));
    clip.height = static_cast<int>(gst_discoverer_video_info_get_height(video));
    clip.bitrate = static_cast<int>(gst_discoverer_video_info_get_bitrate(video) / 1000);
    const auto fpsN = static_cast<int>(gst_discoverer_video_info_get_framerate_num(video));
    const auto fpsD = static_cast<int>(gst_discoverer_video_info_get_framerate_denom(video));
    if (fpsN > 0 && fpsD > 0 && fpsN <= 240 * static_cast<gint64>(fpsD)) {
        clip.fpsN = fpsN;
        clip.fpsD = fpsD;
    }
    const bool still = gst_discoverer_video_info_is_image(video);
    const bool square = gst_discoverer_video_info_get_par_num(video) ==
                        gst_discoverer_video_info_get_par_denom(video);
    const glue::Ref<GstCaps> caps(
        gst_discoverer_stream_info_get_caps(GST_DISCOVERER_STREAM_INFO(video)));
    clip.codec = capsName(caps.get());
    gst_discoverer_stream_info_list_free(streams);
    if (still)
        unusable(clip.path, "it is a picture, not a video.");
    if (clip.width < 16 || clip.height < 16 || clip.width > 7680 || clip.height > 4320)
        unusable(clip.path, "its pictures have an impossible size.");
    if (clip.codec != "video/x-h264")
        clip.transcodeBecause = "it is not H.264";
    else if (!square)
        clip.transcodeBecause = "its pixels are not square";
    else
        clip.transcodeBecause = h264ProfileTrouble(caps.get(), clip);
}

void readSound(GstDiscovererInfo* info, Clip& clip) {
    GList* streams = gst_discoverer_info_get_audio_streams(info);
    if (!streams)
        return;
    auto* audio = GST_DISCOVERER_AUDIO_INFO(streams->data);
    clip.soundRate = static_cast<int>(gst_discoverer_audio_info_get_sample_rate(audio));
    clip.soundChannels = static_cast<int>(gst_discoverer_audio_info_get_channels(audio));
    const glue::Ref<GstCaps> caps(
        gst_discoverer_stream_info_get_caps(GST_DISCOVERER_STREAM_INFO(audio)));
    const std::string codec = capsName(caps.get());
    int version = 0;
    if (codec == "audio/mpeg")
        gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "mpegversion", &version);
    clip.sound = codec == "audio/x-mulaw" && clip.soundRate == 8000 && clip.soundChannels == 1
                     ? Clip::Sound::Pcmu
                 : version == 4 ? Clip::Sound::Aac
                                : Clip::Sound::Other;
    gst_discoverer_stream_info_list_free(streams);
}

} // namespace

Clip inspectClip(const std::string& path) {
    if (!g_file_test(path.c_str(), G_FILE_TEST_IS_REGULAR))
        throw base::Error(base::ErrorKind::NotFound,
                          "There is no file \"" + path + "\": check its name.");
    Clip clip;
    clip.path = path;
    const auto info = discover(path);
    clip.duration = gst_discoverer_info_get_duration(info.get());
    readVideo(info.get(), clip);
    readSound(info.get(), clip);
    if (!GST_CLOCK_TIME_IS_VALID(clip.duration) || clip.duration < 10 * GST_MSECOND)
        unusable(path, "it does not say how long it is; put it into an MP4 or Matroska file.");
    trimToPictures(clip);
    if (clip.transcodeBecause.empty())
        clip.transcodeBecause = frameOrderTrouble(clip);
    return clip;
}

} // namespace camera
