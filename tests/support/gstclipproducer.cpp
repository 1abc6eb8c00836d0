#include "support/gstclipproducer.hpp"

#include "base/error.hpp"
#include "support/gstpipeline.hpp"

#include <gst/app/gstappsink.h>

#include <atomic>

namespace camera {
namespace {

constexpr GstClockTime patience = GST_SECOND; ///< what is later than that is skipped
constexpr GstClockTime slice = 100 * GST_MSECOND;
constexpr int openSlices = 200; ///< 20 s for the first buffer of a round

GstClockTime clockNow() {
    const glue::Ref<GstClock> clock(gst_system_clock_obtain());
    return gst_clock_get_time(clock.get());
}

std::string rawVideo(const Clip& clip, int width, int height) {
    return "decodebin ! videoconvert ! videoscale ! videorate ! video/x-raw,format=I420,width=" +
           std::to_string(width) + ",height=" + std::to_string(height) +
           ",pixel-aspect-ratio=1/1,framerate=" + std::to_string(clip.fpsN) + "/" +
           std::to_string(clip.fpsD);
}

std::string branchOf(const Clip& clip, ClipTrack::Kind kind, int width, int height) {
    switch (kind) {
    case ClipTrack::H264:
        return "parsebin ! h264parse config-interval=-1 ! "
               "video/x-h264,stream-format=byte-stream,alignment=au";
    case ClipTrack::Aac:
        return "parsebin ! aacparse ! audio/mpeg,mpegversion=4,stream-format=raw";
    case ClipTrack::Pcmu:
        return "parsebin ! audio/x-mulaw";
    case ClipTrack::RawVideo:
        return rawVideo(clip, width, height);
    case ClipTrack::RawSound:
        return "decodebin ! audioconvert ! audioresample ! "
               "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1";
    }
    return {};
}

class ClipProducer : public Producer {
public:
    ClipProducer(const Clip& clip, ClipTrack::Kind kind, std::shared_ptr<ClipTiming> timing,
                 int width, int height)
        : path_(clip.path), start_(clip.start), branch_(branchOf(clip, kind, width, height)),
          encodedVideo_(kind == ClipTrack::H264), timing_(std::move(timing)) {}

    glue::Ref<GstCaps> caps() override {
        if (!caps_)
            caps_ = firstCaps();
        return glue::share(caps_.get());
    }

    glue::Ref<GstBuffer> next() override {
        if (!pipeline_)
            open();
        while (!cancelled_) {
            const glue::Ref<GstSample> sample(gst_app_sink_try_pull_sample(sink(), slice));
            if (sample) {
                if (auto buffer = timed(sample.get()))
                    return buffer;
            } else if (gst_app_sink_is_eos(sink())) {
                startNextRound();
            } else {
                throwIfBroken();
            }
        }
        return nullptr;
    }

    void cancel(bool cancelled) override { cancelled_ = cancelled; }

private:
    GstAppSink* sink() const { return GST_APP_SINK(sink_.get()); }

    /// The preroll comes once per opening: asked for again, it would be waited for in vain.
    glue::Ref<GstCaps> firstCaps() {
        if (!pipeline_)
            open();
        for (int i = 0; i < openSlices && !cancelled_; ++i) {
            const glue::Ref<GstSample> first(gst_app_sink_try_pull_preroll(sink(), slice));
            if (first)
                return glue::share(gst_sample_get_caps(first.get()));
            throwIfBroken();
        }
        throw base::Error(base::ErrorKind::BadData, "\"" + path_ + "\" gave no picture or sound.");
    }

    void open() {
        sink_.reset();
        // Raw pictures are large: few are read ahead.
        pipeline_ = launchPipeline("filesrc name=file ! " + branch_ +
                                   " ! appsink name=sink sync=false max-buffers=" +
                                   (branch_.find("video/x-raw") == std::string::npos ? "50" : "4"));
        const glue::Ref<GstElement> file(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "file"));
        g_object_set(file.get(), "location", path_.c_str(), nullptr);
        sink_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sink"));
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
        gotAny_ = false;
    }

    void startNextRound() {
        if (!gotAny_)
            throw base::Error(base::ErrorKind::BadData,
                              "\"" + path_ + "\" has nothing to show any more; was it changed?");
        ++round_;
        skipToKey_ = false;
        open();
    }

    void throwIfBroken() {
        const std::string why = errorOf(pipeline_.get());
        if (!why.empty())
            throw base::Error(base::ErrorKind::BadData,
                              "\"" + path_ + "\" cannot be read on; is it whole?", why);
    }

    /// The sample's buffer, due at its time of this round; null when it is to be skipped.
    glue::Ref<GstBuffer> timed(GstSample* sample) {
        GstBuffer* original = gst_sample_get_buffer(sample);
        const GstClockTime inFile = gst_segment_to_stream_time(
            gst_sample_get_segment(sample), GST_FORMAT_TIME, GST_BUFFER_PTS(original));
        if (!GST_CLOCK_TIME_IS_VALID(inFile))
            return nullptr;
        gotAny_ = true;
        if (inFile < start_ || inFile - start_ >= timing_->span())
            return nullptr;
        const GstClockTime at = inFile - start_;
        const GstClockTime now = clockNow();
        const GstClockTime origin = timing_->origin();
        GstClockTime due = origin + round_ * timing_->span() + at;
        if (timing_->live() && due + patience < now) {
            // Nobody took our frames for a while. Whole rounds are gone at once, the rest is read
            // over.
            round_ += (now - due) / timing_->span();
            due = origin + round_ * timing_->span() + at;
            if (due + patience < now) {
                skipToKey_ = encodedVideo_;
                return nullptr;
            }
        }
        if (skipToKey_ && GST_BUFFER_FLAG_IS_SET(original, GST_BUFFER_FLAG_DELTA_UNIT))
            return nullptr;
        skipToKey_ = false;
        glue::Ref<GstBuffer> buffer(gst_buffer_copy(original));
        GST_BUFFER_PTS(buffer.get()) = due;
        GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
        return buffer;
    }

    std::string path_;
    GstClockTime start_;
    std::string branch_;
    bool encodedVideo_;
    std::shared_ptr<ClipTiming> timing_;
    glue::Ref<GstCaps> caps_;
    Pipeline pipeline_;
    glue::Ref<GstElement> sink_;
    guint64 round_ = 0;
    bool gotAny_ = false;
    bool skipToKey_ = false;
    std::atomic<bool> cancelled_{false};
};

} // namespace

std::shared_ptr<ClipTiming> ClipTiming::unpaced(const Clip& clip) {
    auto timing = std::make_shared<ClipTiming>(clip);
    timing->live_ = false;
    timing->origin_ = 0;
    return timing;
}

GstClockTime ClipTiming::origin() {
    const std::lock_guard lock(mutex_);
    if (!GST_CLOCK_TIME_IS_VALID(origin_))
        origin_ = clockNow() + 20 * GST_MSECOND;
    return origin_;
}

GstClockTime ClipTiming::position() const {
    const std::lock_guard lock(mutex_);
    const GstClockTime now = clockNow();
    return GST_CLOCK_TIME_IS_VALID(origin_) && now > origin_ ? (now - origin_) % span_ : 0;
}

std::unique_ptr<Producer> clipProducer(const Clip& clip, ClipTrack::Kind kind,
                                       std::shared_ptr<ClipTiming> timing, int width, int height) {
    return std::make_unique<ClipProducer>(clip, kind, std::move(timing), width, height);
}

std::string clipSnapshot(const Clip& clip, GstClockTime position, int width, int height) {
    const Pipeline pipeline =
        launchPipeline("filesrc name=file ! " + rawVideo(clip, width, height) +
                       " ! jpegenc quality=85 ! appsink name=sink sync=false max-buffers=1");
    const glue::Ref<GstElement> file(gst_bin_get_by_name(GST_BIN(pipeline.get()), "file"));
    g_object_set(file.get(), "location", clip.path.c_str(), nullptr);
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
    gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
    gst_element_get_state(pipeline.get(), nullptr, nullptr, 10 * GST_SECOND);
    // A container that cannot seek shows its first picture.
    gst_element_seek_simple(pipeline.get(), GST_FORMAT_TIME,
                            static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE),
                            static_cast<gint64>(position));
    return bytesOf(gst_app_sink_try_pull_preroll(GST_APP_SINK(sink.get()), 10 * GST_SECOND));
}

} // namespace camera
