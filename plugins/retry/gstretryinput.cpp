#include "gstretryinput.hpp"

#include "glue/feeding.hpp"

#include <utility>

namespace retry {
namespace {

using glue::Ref;

/// A camera's pictures begin within a group of pictures; more would be a silent stream.
constexpr auto overtureTime = std::chrono::seconds(5);

/// Sound is whole at any moment, and has no key frames to ask for.
bool isVideo(const GstCaps* caps) {
    const char* name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    return g_str_has_prefix(name, "video/") || g_str_has_prefix(name, "image/");
}

} // namespace

RetryInput::RetryInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName,
                       std::function<void()> ended)
    : in_(bin, padTemplate, padName, glue::AppInput::Preroll::Waits, this, onSample, onEos),
      onEnd_(std::move(ended)) {
    const Ref<GstPad> in(gst_element_get_static_pad(in_.sink(), "sink"));
    gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, onEvent, this, nullptr);
}

void RetryInput::dispose() {
    in_.dispose();
    disconnect();
}

void RetryInput::reset() {
    const std::lock_guard<std::mutex> lock(mutex_);
    caps_.reset();
    ended_ = false;
}

void RetryInput::connect(GstElement* source, guint64 maxBuffers,
                         std::shared_ptr<Overture> overture) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        // Twice the bound: what is full is seen here before the appsrc itself throws anything away.
        g_object_set(source, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes", guint64(0),
                     "max-buffers", maxBuffers * 2, "leaky-type", 2, "min-latency", gint64(0),
                     "max-latency", gint64(-1), nullptr);
        if (caps_)
            gst_app_src_set_caps(GST_APP_SRC(source), caps_.get());
        source_ = glue::share(source);
        maxBuffers_ = maxBuffers;
        level_ = 0;
        moved_ = Clock::now();
        waiting_ = true;
        overture_ = std::move(overture);
        if (caps_ && isVideo(caps_.get()))
            overture_->awaited++;
        if (ended_)
            gst_app_src_end_of_stream(GST_APP_SRC(source));
    }
    askForKeyFrame();
}

void RetryInput::disconnect() {
    const std::lock_guard<std::mutex> lock(mutex_);
    source_.reset();
    overture_.reset();
}

void RetryInput::sendEnd() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (source_ && !ended_)
        gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
}

bool RetryInput::ended() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ended_;
}

RetryInput::Clock::duration RetryInput::stalled() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return source_ && look() > 0 ? Clock::now() - moved_ : Clock::duration::zero();
}

/// How many buffers wait for the branch.
guint64 RetryInput::look() {
    const guint64 level = gst_app_src_get_current_level_buffers(GST_APP_SRC(source_.get()));
    if (level < level_ || level == 0)
        moved_ = Clock::now();
    return level_ = level;
}

void RetryInput::askForKeyFrame() { glue::askForKeyFrame(in_.sink()); }

GstPadProbeReturn RetryInput::onEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self) {
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_CAPS)
        glue::paceBySource(static_cast<RetryInput*>(self)->in_.sink(), pad);
    return GST_PAD_PROBE_OK;
}

void RetryInput::onEos(GstAppSink*, gpointer data) {
    auto* self = static_cast<RetryInput*>(data);
    self->sendEnd();
    {
        const std::lock_guard<std::mutex> lock(self->mutex_);
        self->ended_ = true;
    }
    self->onEnd_();
}

GstFlowReturn RetryInput::onSample(GstAppSink* sink, gpointer self) {
    const Ref<GstSample> sample = glue::pulled(sink);
    if (sample && static_cast<RetryInput*>(self)->take(sample.get()))
        static_cast<RetryInput*>(self)->askForKeyFrame();
    return GST_FLOW_OK;
}

bool RetryInput::begins(const GstBuffer* buffer) const {
    if (isVideo(caps_.get()))
        return !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    return !overture_ || overture_->awaited <= 0 || Clock::now() - overture_->since > overtureTime;
}

void RetryInput::begun() {
    waiting_ = false;
    if (overture_ && isVideo(caps_.get()))
        overture_->awaited--;
    overture_.reset();
}

/// Returns whether a key frame has to be asked for.
bool RetryInput::take(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    GstCaps* caps = gst_sample_get_caps(sample);
    if (!buffer || !caps)
        return false;
    buffers_++;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (caps != caps_.get()) {
        caps_ = glue::share(caps);
        if (source_)
            gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps);
    }
    // It takes too little, and everything since would be late.
    const bool full = source_ && look() >= maxBuffers_;
    const bool lost = full && !std::exchange(waiting_, true);
    if (!source_ || full || (waiting_ && !begins(buffer))) {
        drops_++;
        return lost;
    }
    begun();
    const GstClockTime runningTime = gst_segment_to_running_time(
        gst_sample_get_segment(sample), GST_FORMAT_TIME, GST_BUFFER_DTS_OR_PTS(buffer));
    auto copy = glue::retimed(buffer, runningTime, GST_ELEMENT(in_.bin()), source_.get());
    level_++;
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), copy.release());
    return false;
}

} // namespace retry
