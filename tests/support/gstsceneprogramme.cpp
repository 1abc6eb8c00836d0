#include "support/gstencoders.hpp"
#include "support/gstsceneproducer.hpp"
#include "support/gstsnapshot.hpp"
#include "support/gststreams.hpp"
#include "support/gsttickproducer.hpp"

#include <algorithm>
#include <map>

namespace camera {
namespace {

/// The largest even size of the same shape that fits into 640x360.
StreamProfile subProfile(const StreamProfile& main) {
    StreamProfile sub = main;
    sub.token = "sub";
    sub.name = "Sub stream";
    const double scale = std::min({1.0, 640.0 / main.width, 360.0 / main.height});
    sub.width = std::max(16, static_cast<int>(main.width * scale / 2 + 0.5) * 2);
    sub.height = std::max(16, static_cast<int>(main.height * scale / 2 + 0.5) * 2);
    sub.bitrate = bitrateFor(sub.width, sub.height, sub.fps);
    return sub;
}

class SceneProgramme : public Programme {
public:
    explicit SceneProgramme(const Settings& settings) : name_(settings.name) {
        const glue::Ref<GstClock> clock(gst_system_clock_obtain());
        epoch_ = gst_clock_get_time(clock.get());
        StreamProfile main;
        main.token = "main";
        main.name = "Main stream";
        main.width = settings.width;
        main.height = settings.height;
        main.fps = settings.fps;
        main.bitrate = bitrateFor(main.width, main.height, main.fps);
        main.audio = availableAudio(settings.audio);
        profiles_ = {main, subProfile(main)};
        for (const StreamProfile& profile : profiles_)
            backgrounds_[profile.token] =
                std::make_shared<const SceneBackground>(profile.width, profile.height);
    }

    std::vector<RtspStream> streams() const override {
        std::vector<RtspStream> all;
        for (const StreamProfile& profile : profiles_) {
            const auto prepare = [this, profile](GstElement* bin) {
                const glue::Ref<GstElement> source(gst_bin_get_by_name(GST_BIN(bin), "video"));
                setProducer(source.get(), producer(profile));
                const glue::Ref<GstElement> sound(gst_bin_get_by_name(GST_BIN(bin), "audio"));
                if (sound)
                    setProducer(sound.get(), tickProducer(epoch_));
            };
            all.push_back({profile, launch(profile), prepare});
        }
        return all;
    }

    std::string snapshot(const std::string& token) const override {
        for (const StreamProfile& profile : profiles_)
            if (profile.token == token)
                return jpegOf(producer(profile));
        return {};
    }

private:
    std::unique_ptr<Producer> producer(const StreamProfile& profile) const {
        return sceneProducer(name_, backgrounds_.at(profile.token), profile.fps, epoch_);
    }

    static std::string launch(const StreamProfile& profile) {
        std::string line = "( virtualcamerasrc name=video ! " +
                           h264Encoder(profile.bitrate, profile.fps) +
                           " ! rtph264pay name=pay0 pt=96 config-interval=-1 "
                           "aggregate-mode=zero-latency";
        if (profile.audio != Audio::None)
            line += " virtualcamerasrc name=audio ! " + audioTail(profile.audio);
        return line + " )";
    }

    std::string name_;
    GstClockTime epoch_ = 0;
    std::vector<StreamProfile> profiles_;
    std::map<std::string, std::shared_ptr<const SceneBackground>> backgrounds_; ///< by token
};

} // namespace

std::shared_ptr<const Programme> sceneProgramme(const Settings& settings) {
    return std::make_shared<SceneProgramme>(settings);
}

} // namespace camera
