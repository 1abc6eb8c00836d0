#include "support/gstclip.hpp"
#include "support/gstclipproducer.hpp"
#include "support/gstencoders.hpp"
#include "support/gststreams.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

namespace camera {
namespace {

/// The largest even size of the clip's shape within these bounds; never larger than the clip.
std::pair<int, int> fitted(const Clip& clip, int width, int height) {
    const double scale = std::min(
        {1.0, static_cast<double>(width) / clip.width, static_cast<double>(height) / clip.height});
    const auto even = [scale](int size) {
        return std::max(16, static_cast<int>(size * scale / 2) * 2);
    };
    return {even(clip.width), even(clip.height)};
}

Audio audioOf(const Clip& clip, Audio wish) {
    if (clip.sound == Clip::Sound::None || wish == Audio::None)
        return Audio::None;
    if (wish == Audio::Aac && clip.sound == Clip::Sound::Aac)
        return Audio::Aac;
    return availableAudio(wish);
}

class ClipProgramme : public Programme {
public:
    explicit ClipProgramme(const Settings& settings) : clip_(inspectClip(settings.file)) {
        if (settings.fpsGiven) {
            clip_.fpsN = settings.fps;
            clip_.fpsD = 1;
        }
        if (settings.sizeGiven || settings.fpsGiven)
            clip_.transcodeBecause = "another size or rate was asked for";
        passes_ = clip_.transcodeBecause.empty();
        const Audio audio = audioOf(clip_, settings.audio);
        profiles_ = {mainProfile(settings), profile("sub", "Sub stream", fitted(clip_, 640, 360))};
        for (StreamProfile& profile : profiles_)
            profile.audio = audio;
    }

    std::string remark() const override {
        return passes_
                   ? "The H.264 of the file goes out as it is."
                   : "The video of the file is transcoded, because " + clip_.transcodeBecause + ".";
    }

    std::vector<RtspStream> streams() const override {
        std::vector<RtspStream> all;
        for (const StreamProfile& profile : profiles_)
            all.push_back({profile,
                           [this, profile](auto variant) { return launch(profile, variant); },
                           [this, profile](GstElement* bin) { prepare(profile, bin); }});
        return all;
    }

    std::string snapshot(const std::string& token) const override {
        for (const StreamProfile& profile : profiles_)
            if (profile.token == token)
                return clipSnapshot(clip_, position(token), profile.width, profile.height);
        return {};
    }

private:
    StreamProfile profile(const char* token, const char* name, std::pair<int, int> size) const {
        StreamProfile made;
        made.token = token;
        made.name = name;
        std::tie(made.width, made.height) = size;
        made.fps = std::max(1, clip_.fps());
        made.bitrate = bitrateFor(made.width, made.height, made.fps);
        return made;
    }

    StreamProfile mainProfile(const Settings& settings) const {
        StreamProfile main = profile("main", "Main stream", fitted(clip_, 1920, 1080));
        if (settings.sizeGiven) {
            main.width = settings.width;
            main.height = settings.height;
        } else if (passes_) {
            main.width = clip_.width;
            main.height = clip_.height;
            main.h264Main = clip_.h264Main;
            main.bitrate = clip_.bitrate ? clip_.bitrate : main.bitrate;
        }
        return main;
    }

    bool passes(const StreamProfile& profile) const { return passes_ && profile.token == "main"; }

    bool soundPasses(const StreamProfile& profile) const {
        return (profile.audio == Audio::Aac && clip_.sound == Clip::Sound::Aac) ||
               (profile.audio == Audio::Pcmu && clip_.sound == Clip::Sound::Pcmu);
    }

    /// What goes out as the file has it cannot become anything else.
    std::string launch(const StreamProfile& profile, RtspStream::Variant variant) const {
        std::string line = "( " + liveSource("video") + " ! ";
        line += passes(profile) ? h264Payloader : videoTail(profile, variant);
        if (profile.audio != Audio::None)
            line +=
                " " + liveSource("audio") + " ! " +
                (soundPasses(profile) ? audioPayloader(profile.audio) : audioTail(profile.audio));
        return line + " )";
    }

    void prepare(const StreamProfile& profile, GstElement* bin) const {
        auto timing = std::make_shared<ClipTiming>(clip_);
        {
            const std::lock_guard lock(mutex_);
            shown_[profile.token] = timing;
        }
        const glue::Ref<GstElement> video(gst_bin_get_by_name(GST_BIN(bin), "video"));
        setProducer(video.get(),
                    clipProducer(clip_, passes(profile) ? ClipTrack::H264 : ClipTrack::RawVideo,
                                 timing, profile.width, profile.height));
        const glue::Ref<GstElement> audio(gst_bin_get_by_name(GST_BIN(bin), "audio"));
        if (!audio)
            return;
        const auto kind = !soundPasses(profile)          ? ClipTrack::RawSound
                          : profile.audio == Audio::Pcmu ? ClipTrack::Pcmu
                                                         : ClipTrack::Aac;
        setProducer(audio.get(), clipProducer(clip_, kind, timing));
    }

    /// Where the stream of that profile is, if it was watched.
    GstClockTime position(const std::string& token) const {
        const std::lock_guard lock(mutex_);
        const auto found = shown_.find(token);
        return found == shown_.end() ? 0 : found->second->position();
    }

    Clip clip_;
    bool passes_ = false;
    std::vector<StreamProfile> profiles_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<ClipTiming>> shown_;
};

} // namespace

std::shared_ptr<const Programme> clipProgramme(const Settings& settings) {
    return std::make_shared<ClipProgramme>(settings);
}

} // namespace camera
