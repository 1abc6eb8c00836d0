#include "base/error.hpp"
#include "support/gstencoders.hpp"
#include "support/gstpipeline.hpp"
#include "support/gststreams.hpp"

#include <gst/video/video.h>

#include <algorithm>

namespace camera {
namespace {

using base::Error;
using base::ErrorKind;

constexpr GstClockTime startTime = 15 * GST_SECOND; ///< a webcam takes a few seconds

StreamProfile profileOf(const char* token, const char* name, int width, int height, int fps) {
    StreamProfile profile;
    profile.token = token;
    profile.name = name;
    profile.width = width;
    profile.height = height;
    profile.fps = fps;
    profile.bitrate = bitrateFor(width, height, fps);
    return profile;
}

/// Somebody's pipeline runs once, whoever watches; the streams take its newest picture.
class PipelineProgramme : public Programme {
public:
    explicit PipelineProgramme(const Settings& settings)
        : channel_("virtual-camera-" + std::to_string(g_random_int())) {
        const double scale = std::min({1.0, 640.0 / settings.width, 360.0 / settings.height});
        const auto even = [scale](int side) { return std::max(16, int(side * scale / 2) * 2); };
        profiles_ = {
            profileOf("main", "Main stream", settings.width, settings.height, settings.fps),
            profileOf("sub", "Sub stream", even(settings.width), even(settings.height),
                      settings.fps)};
        pipeline_ = start(settings.launch);
    }

    std::string remark() const override { return "The pipeline's pictures are encoded to H.264."; }

    std::vector<RtspStream> streams() const override {
        std::vector<RtspStream> all;
        for (const StreamProfile& profile : profiles_)
            all.push_back({profile,
                           [this, profile](auto variant) {
                               return "( intervideosrc channel=" + channel_ + " ! " + raw(profile) +
                                      " ! " + videoTail(profile, variant) + " )";
                           },
                           [](GstElement*) {}});
        return all;
    }

    std::string snapshot(const std::string& token) const override {
        const auto profile = std::find_if(profiles_.begin(), profiles_.end(),
                                          [&](const auto& p) { return p.token == token; });
        if (profile == profiles_.end())
            return {};
        const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "shown"));
        GstSample* last = nullptr;
        g_object_get(sink.get(), "last-sample", &last, nullptr);
        const glue::Ref<GstSample> sample(last);
        const glue::Ref<GstCaps> jpeg(gst_caps_new_simple("image/jpeg", "width", G_TYPE_INT,
                                                          profile->width, "height", G_TYPE_INT,
                                                          profile->height, nullptr));
        return bytesOf(
            sample ? gst_video_convert_sample(sample.get(), jpeg.get(), 5 * GST_SECOND, nullptr)
                   : nullptr);
    }

private:
    static std::string raw(const StreamProfile& profile) {
        return "videoscale ! videoconvert ! videorate ! video/x-raw,format=I420,width=" +
               std::to_string(profile.width) + ",height=" + std::to_string(profile.height) +
               ",pixel-aspect-ratio=1/1,framerate=" + std::to_string(profile.fps) + "/1";
    }

    Pipeline start(const std::string& launch) const {
        const std::string line = launch + " ! " + raw(profiles_.front()) +
                                 " ! intervideosink name=shown channel=" + channel_;
        GError* failure = nullptr;
        Pipeline made(
            gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &failure));
        const glue::Ref<GError> error(failure);
        if (!made)
            throw Error(ErrorKind::Settings,
                        "--launch cannot be used: " +
                            std::string(error ? error->message : "it is no pipeline") +
                            ". It wants what gst-launch-1.0 takes, without its sink, such as "
                            "\"videotestsrc is-live=true\".");
        gst_element_set_state(made.get(), GST_STATE_PLAYING);
        if (gst_element_get_state(made.get(), nullptr, nullptr, startTime) ==
            GST_STATE_CHANGE_FAILURE) {
            throw Error(ErrorKind::Failed,
                        "The pipeline of --launch does not play: " + errorOf(made.get()));
        }
        return made;
    }

    std::string channel_;
    std::vector<StreamProfile> profiles_;
    Pipeline pipeline_;
};

} // namespace

std::shared_ptr<const Programme> pipelineProgramme(const Settings& settings) {
    return std::make_shared<PipelineProgramme>(settings);
}

} // namespace camera
