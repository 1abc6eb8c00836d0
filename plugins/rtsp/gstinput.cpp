#include "gstinput.hpp"

#include "glue/feeding.hpp"
#include "payloading.hpp"

#include <algorithm>

namespace rtspserve {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

/// A source that cannot be asked for key frames may have seconds between them: after this, half a
/// group of pictures is better than a client that gives up.
constexpr auto keyFramePatience = 4s;
/// Frames that wait in a media of which nobody takes any.
constexpr guint64 waitingFrames = 64;

} // namespace

Input::Input(GstBin* bin, GstPadTemplate* padTemplate, const char* padName)
    : in_(bin, padTemplate, padName, glue::AppInput::Preroll::Waits, this, onSample, onEos) {
    const Ref<GstCaps> caps(gst_pad_template_get_caps(padTemplate));
    g_object_set(in_.sink(), "caps", caps.get(), nullptr);
    const Ref<GstPad> in(gst_element_get_static_pad(in_.sink(), "sink"));
    gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, onEvent, this, nullptr);
}

void Input::dispose() {
    in_.dispose();
    detachAll();
}

void Input::reset() {
    detachAll();
    const std::lock_guard<std::mutex> lock(mutex_);
    caps_.reset();
    lastKey_.reset();
    keys_ = base::KeyRequests(keyFrameSpacing);
}

std::string Input::payloader() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return caps_ ? payloaderOf(gst_structure_get_name(gst_caps_get_structure(caps_.get(), 0)))
                 : std::string();
}

Input::Counters Input::counters() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counters_;
}

void Input::attach(GstElement* source) {
    const std::lock_guard<std::mutex> lock(mutex_);
    g_object_set(source, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes", guint64(0),
                 "max-buffers", waitingFrames, "leaky-type", 2, "min-latency", gint64(0),
                 "max-latency", gint64(-1), nullptr);
    if (caps_)
        gst_app_src_set_caps(GST_APP_SRC(source), caps_.get());
    outlets_.push_back({glue::share(source), Outlet::State::Preparing, {}});
}

void Input::detach(GstElement* source) {
    const std::lock_guard<std::mutex> lock(mutex_);
    outlets_.erase(std::remove_if(outlets_.begin(), outlets_.end(),
                                  [&](const Outlet& o) { return o.source.get() == source; }),
                   outlets_.end());
}

void Input::detachAll() {
    const std::lock_guard<std::mutex> lock(mutex_);
    outlets_.clear();
}

void Input::play() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (Outlet& outlet : outlets_)
            if (outlet.state != Outlet::State::Flowing) {
                outlet.state = Outlet::State::Waiting;
                outlet.since = Clock::now();
            }
    }
    askForKeyFrame();
}

void Input::askForKeyFrame() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto now = base::KeyRequests::Clock::now();
        if (keys_.wanted(now) != 0ms)
            return; // take() says when the time has come
        countKeyRequest(now);
    }
    glue::askForKeyFrame(in_.sink());
}

void Input::countKeyRequest(base::KeyRequests::Clock::time_point now) {
    keys_.asked(now);
    counters_.keyRequests++;
}

GstPadProbeReturn Input::onEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self) {
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_CAPS)
        glue::paceBySource(static_cast<Input*>(self)->in_.sink(), pad);
    return GST_PAD_PROBE_OK;
}

void Input::onEos(GstAppSink*, gpointer data) {
    auto* self = static_cast<Input*>(data);
    const std::lock_guard<std::mutex> lock(self->mutex_);
    for (const Outlet& outlet : self->outlets_)
        gst_app_src_end_of_stream(GST_APP_SRC(outlet.source.get()));
    self->outlets_.clear();
    self->caps_.reset(); // who asks now is told that there is nothing to see
}

GstFlowReturn Input::onSample(GstAppSink* sink, gpointer self) {
    const Ref<GstSample> sample = glue::pulled(sink);
    auto* input = static_cast<Input*>(self);
    if (sample && input->take(sample.get()))
        glue::askForKeyFrame(input->in_.sink());
    return GST_FLOW_OK;
}

bool Input::take(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    GstCaps* caps = gst_sample_get_caps(sample);
    if (!buffer || !caps)
        return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (caps != caps_.get()) {
        caps_ = glue::share(caps);
        lastKey_.reset();
        for (const Outlet& outlet : outlets_)
            gst_app_src_set_caps(GST_APP_SRC(outlet.source.get()), caps);
    }
    counters_.frames++;
    counters_.bytes += gst_buffer_get_size(buffer);
    const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (key)
        lastKey_ = glue::share(buffer);
    const GstClockTime runningTime = gst_segment_to_running_time(
        gst_sample_get_segment(sample), GST_FORMAT_TIME, GST_BUFFER_DTS_OR_PTS(buffer));
    for (Outlet& outlet : outlets_)
        if (outlet.state == Outlet::State::Preparing) {
            // A still until the next key frame comes; any other frame would be decoded as rubbish.
            push(outlet, lastKey_ ? lastKey_.get() : buffer, GST_CLOCK_TIME_NONE);
            outlet.state = Outlet::State::Held;
        } else if (wants(outlet, key)) {
            push(outlet, buffer, runningTime);
        }
    const auto now = base::KeyRequests::Clock::now();
    const bool due = keys_.due(now);
    if (due)
        countKeyRequest(now);
    return due;
}

bool Input::wants(Outlet& outlet, bool key) const {
    using State = Outlet::State;
    switch (outlet.state) {
    case State::Preparing:
    case State::Held:
        return false;
    case State::Waiting:
        if (!key && Clock::now() - outlet.since < keyFramePatience)
            return false;
        outlet.state = State::Flowing;
        return true;
    case State::Flowing:
        break;
    }
    return true;
}

void Input::push(const Outlet& outlet, GstBuffer* buffer, GstClockTime runningTime) const {
    auto copy = glue::retimed(buffer, runningTime, GST_ELEMENT(in_.bin()), outlet.source.get());
    gst_app_src_push_buffer(GST_APP_SRC(outlet.source.get()), copy.release());
}

} // namespace rtspserve
