#include "support/gstencoders.hpp"
#include "support/gstmetadataproducer.hpp"
#include "support/gstsceneproducer.hpp"
#include "support/gstsnapshot.hpp"
#include "support/gststreams.hpp"
#include "support/gsttickproducer.hpp"
#include "support/scene.hpp"

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

MetadataSource metadataOf(const StreamProfile& profile, GstClockTime epoch) {
    const double fps = profile.fps;
    const double aspect = static_cast<double>(profile.width) / profile.height;
    MetadataSource source;
    source.fps = profile.fps;
    source.epoch = epoch;
    source.objects = [fps, aspect](std::uint64_t frame) {
        std::vector<SeenObject> all;
        for (auto& sign : objectsAt(frame, fps, aspect))
            all.push_back({sign.classId + 1, std::move(sign)});
        return all;
    };
    source.events = [fps, aspect](std::uint64_t frame, std::uint64_t next) {
        return eventsBetween(frame, next, fps, aspect);
    };
    return source;
}

class SceneProgramme : public Programme {
public:
    explicit SceneProgramme(const Settings& settings, const Ills& ills)
        : name_(settings.name), metadata_(settings.metadata), ills_(ills) {
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
                const glue::Ref<GstElement> metadata(gst_bin_get_by_name(GST_BIN(bin), "metadata"));
                if (metadata)
                    setProducer(metadata.get(), metadataProducer(metadataOf(profile, epoch_),
                                                                 ills_.has("metadata-gzip")));
            };
            all.push_back({profile,
                           [this, profile](auto variant) { return launch(profile, variant); },
                           prepare});
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

    std::string launch(const StreamProfile& profile, RtspStream::Variant variant) const {
        std::string line = "( " + liveSource("video") + " ! " + videoTail(profile, variant);
        if (profile.audio != Audio::None)
            line += " " + liveSource("audio") + " ! " + audioTail(profile.audio);
        if (metadata_)
            line += " " + metadataTrack();
        return line + " )";
    }

    std::string name_;
    bool metadata_;
    const Ills& ills_;
    GstClockTime epoch_ = 0;
    std::vector<StreamProfile> profiles_;
    std::map<std::string, std::shared_ptr<const SceneBackground>> backgrounds_; ///< by token
};

} // namespace

std::shared_ptr<const Programme> sceneProgramme(const Settings& settings, const Ills& ills) {
    return std::make_shared<SceneProgramme>(settings, ills);
}

} // namespace camera
