#include "gstreplay.hpp"

#include "glue/ref.hpp"
#include "gstreplaymarks.hpp"
#include "xmlvalue.hpp"

#include <gst/rtsp/rtsp.h>
#include <gst/sdp/sdp.h>

#include <cmath>
#include <mutex>

#define GST_CAT_DEFAULT onvifsrc_debug

namespace onvif {

namespace {

constexpr const char* requirement = "onvif-replay";
constexpr const char* ownData = "onvifsrc-replay";

void addRecording(GValue& all, const Recording& recording) {
    GstStructure* facts =
        gst_structure_new("recording", "token", G_TYPE_STRING, recording.token.c_str(), "name",
                          G_TYPE_STRING, recording.name.c_str(), nullptr);
    if (recording.from)
        gst_structure_set(facts, "from", G_TYPE_STRING, exactUtcText(*recording.from).c_str(),
                          nullptr);
    if (recording.until)
        gst_structure_set(facts, "until", G_TYPE_STRING, exactUtcText(*recording.until).c_str(),
                          nullptr);
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&value, facts);
    gst_value_array_append_and_take_value(&all, &value);
}

GstStructure* recordingFacts(const Stream& stream) {
    GstStructure* facts = gst_structure_new("onvif-recordings", "chosen", G_TYPE_STRING,
                                            stream.recording->token.c_str(), nullptr);
    GValue all = G_VALUE_INIT;
    gst_value_array_init(&all, static_cast<guint>(stream.recordings.size()));
    for (const Recording& recording : stream.recordings)
        addRecording(all, recording);
    gst_structure_take_value(facts, "recordings", &all);
    return facts;
}

/// From `from`, to `until` where there is one, in ns since 1900.
GstEvent* seekEvent(double rate, std::uint64_t from, std::optional<std::uint64_t> until,
                    GstSeekFlags flags) {
    const auto start = static_cast<gint64>(from);
    const gint64 stop = until ? static_cast<gint64>(*until) : GST_CLOCK_TIME_NONE;
    const GstSeekType end = until ? GST_SEEK_TYPE_SET : GST_SEEK_TYPE_NONE;
    // Backwards, a segment is played from its stop to its start.
    if (rate < 0)
        return gst_event_new_seek(rate, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, until ? stop : 0,
                                  GST_SEEK_TYPE_SET, start);
    return gst_event_new_seek(rate, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, start, end, stop);
}

class Replay : public Companion {
public:
    explicit Replay(GstOnvifSrc* owner) : owner_(owner) {
        g_object_set_data(G_OBJECT(owner), ownData, this);
    }

    void start(const SourceSettings&) override;
    void asked(const Stream&) override;
    void prepare(GstElement* rtspsrc, const Stream&) override;
    bool over() const override;
    void offline() override;

    bool seek(const char* time, double rate);

private:
    static gboolean onSend(GstElement*, GstRTSPMessage*, gpointer);
    static void onSdp(GstElement*, GstSDPMessage*, gpointer);
    static void onPad(GstElement*, GstPad*, gpointer);
    std::optional<std::uint64_t> beginning(const Stream& stream) const;

    GstOnvifSrc* owner_;
    mutable std::mutex mutex_;
    SourceSettings settings_;
    glue::Ref<GstElement> rtspsrc_;
    std::optional<std::uint64_t> until_; ///< ns since 1900
    ReplayPosition position_;
};

void Replay::start(const SourceSettings& settings) {
    const std::lock_guard<std::mutex> lock(mutex_);
    settings_ = settings;
    position_.forget();
}

void Replay::asked(const Stream& stream) {
    if (stream.recording)
        gst_element_post_message(
            GST_ELEMENT(owner_),
            gst_message_new_element(GST_OBJECT(owner_), recordingFacts(stream)));
}

/// Where it broke off, else where the user wants it to begin, else where the recording does.
std::optional<std::uint64_t> Replay::beginning(const Stream& stream) const {
    if (const auto last = position_.last())
        return last;
    if (const auto wanted = readInstant(settings_.startTime))
        return ntpNanoseconds(*wanted);
    if (stream.recording->from)
        return ntpNanoseconds(*stream.recording->from);
    return std::nullopt;
}

void Replay::prepare(GstElement* rtspsrc, const Stream& stream) {
    if (!stream.recording)
        return;
    const std::lock_guard<std::mutex> lock(mutex_);
    rtspsrc_ = glue::share(rtspsrc);
    g_object_set(rtspsrc, "onvif-mode", TRUE, "onvif-rate-control", settings_.onvifRateControl,
                 "drop-on-latency", FALSE, nullptr);
    g_signal_connect(rtspsrc, "before-send", G_CALLBACK(onSend), this);
    g_signal_connect(rtspsrc, "on-sdp", G_CALLBACK(onSdp), this);
    g_signal_connect(rtspsrc, "pad-added", G_CALLBACK(onPad), this);
    const auto from = beginning(stream);
    if (!from)
        return;
    std::optional<std::uint64_t> until;
    if (const auto wanted = readInstant(settings_.stopTime))
        until = ntpNanoseconds(*wanted);
    until_ = until;
    if (!until_ && stream.recording->until)
        until_ = ntpNanoseconds(*stream.recording->until);
    gst_element_send_event(rtspsrc, seekEvent(1, *from, until, GST_SEEK_FLAG_FLUSH));
}

/// Devices that do not set the last packet's flag just stop, within the last second.
bool Replay::over() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto last = position_.last();
    return position_.ended() || (last && until_ && *last + GST_SECOND >= *until_);
}

void Replay::offline() {
    const std::lock_guard<std::mutex> lock(mutex_);
    rtspsrc_.reset();
}

gboolean Replay::onSend(GstElement*, GstRTSPMessage* message, gpointer) {
    GstRTSPMethod method = GST_RTSP_INVALID;
    if (gst_rtsp_message_parse_request(message, &method, nullptr, nullptr) != GST_RTSP_OK)
        return TRUE;
    if (method != GST_RTSP_SETUP && method != GST_RTSP_PLAY)
        return TRUE;
    gst_rtsp_message_add_header(message, GST_RTSP_HDR_REQUIRE, requirement);
    if (method == GST_RTSP_PLAY)
        gst_rtsp_message_add_header_by_name(message, "Immediate", "yes");
    return TRUE;
}

/// rtspsrc holds seeks within the range of the description: one that does not count absolute time
/// would hold them all in 1900.
void Replay::onSdp(GstElement*, GstSDPMessage* sdp, gpointer) {
    for (guint i = gst_sdp_message_attributes_len(sdp); i-- > 0;) {
        const GstSDPAttribute* attribute = gst_sdp_message_get_attribute(sdp, i);
        if (g_strcmp0(attribute->key, "range") == 0 &&
            !g_str_has_prefix(attribute->value ? attribute->value : "", "clock"))
            gst_sdp_message_remove_attribute(sdp, i);
    }
}

void Replay::onPad(GstElement*, GstPad* pad, gpointer self) {
    markReplay(pad, static_cast<Replay*>(self)->position_);
}

bool Replay::seek(const char* text, double rate) {
    const auto time = readInstant(text ? text : "");
    if (!time || !std::isfinite(rate) || rate == 0 || std::abs(rate) > 256)
        return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!rtspsrc_)
        return false;
    // rtspsrc asks the camera in the thread that seeks: not in the application's.
    GstEvent* event = seekEvent(rate, ntpNanoseconds(*time), std::nullopt, GST_SEEK_FLAG_FLUSH);
    gst_element_call_async(
        rtspsrc_.get(),
        [](GstElement* rtspsrc, gpointer data) {
            gst_element_send_event(rtspsrc, gst_event_ref(static_cast<GstEvent*>(data)));
        },
        event, [](gpointer data) { gst_event_unref(static_cast<GstEvent*>(data)); });
    return true;
}

gboolean seekSignal(GstOnvifSrc* self, const char* time, gdouble rate) {
    return static_cast<Replay*>(g_object_get_data(G_OBJECT(self), ownData))->seek(time, rate);
}

} // namespace

const CompanionKind replay = {
    [](GstElementClass* klass) {
        // Action: goes on at a time ("2026-01-31T12:00:00.5Z") of the recording, at a rate
        // (1: as it was; below 0: backwards). False where no recording is played.
        g_signal_new_class_handler("replay-seek", G_TYPE_FROM_CLASS(klass),
                                   static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                                   G_CALLBACK(seekSignal), nullptr, nullptr, nullptr,
                                   G_TYPE_BOOLEAN, 2, G_TYPE_STRING, G_TYPE_DOUBLE);
    },
    [](GstOnvifSrc* owner) -> std::unique_ptr<Companion> {
        return std::make_unique<Replay>(owner);
    }};

} // namespace onvif
