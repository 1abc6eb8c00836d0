#include "web/gstsegmenter.hpp"

#include "glue/guard.hpp"
#include "web/isobox.hpp"

#include <algorithm>

namespace web {
namespace {

/// A muxer works in microseconds; this is for a machine that stands still.
constexpr guint64 maxWaitingBytes = 32 << 20;
/// Exact for the frame rates of cameras and films, and what RTP has.
constexpr guint videoTimescale = 90000;

bool isVideo(GstCaps* caps) {
    const char* name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    return g_str_has_prefix(name, "video/");
}

/// Encoders do not say what the header has to tell of VP9: its parser does.
std::string chainFor(GstCaps* caps) {
    const GstStructure* format = gst_caps_get_structure(caps, 0);
    return std::string(gst_structure_has_name(format, "video/x-vp9") ? "vp9parse ! " : "") +
           (isVideo(caps) ? "mux.video_0 " : "mux.audio_0 ");
}

/// The longest sound frame, rounded up: a fragment ends before the frame that would exceed it.
constexpr guint soundFrame = 25;

/// With pictures, fragments begin with key frames and this is for those who make hardly any; sound
/// has nothing but this, and gets one fragment a segment.
guint fragmentMilliseconds(GstCaps* caps, std::chrono::milliseconds segment) {
    return static_cast<guint>(isVideo(caps) ? std::max<gint64>(10000, 4 * segment.count())
                                            : segment.count() + soundFrame);
}

glue::Ref<GstElement> made(const std::string& description) {
    GError* raw = nullptr;
    glue::Ref<GstElement> pipeline(
        gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw));
    const glue::Ref<GError> error(raw);
    if (!pipeline)
        throw base::Error(base::ErrorKind::NotFound,
                          "Elements for segments are missing: install GStreamer's good and bad "
                          "plugins (mp4mux, vp9parse).",
                          error ? error->message : "");
    return glue::Ref<GstElement>(GST_ELEMENT(gst_object_ref_sink(pipeline.release())));
}

} // namespace

/// What comes out of the muxer, in its thread.
struct Segmenter::Output {
    GstElement* element;
    const std::shared_ptr<SegmentStore> store;
    const std::string track;
    const unsigned period;
    const Nanoseconds first;
    IsoStream stream{};
    std::string header{}, moof{};
    std::uint32_t sequence = 0;
    std::uint64_t shift = 0; ///< ticks
    std::atomic<bool> last{false}, done{false};

    void take(const std::string& box) {
        const std::string_view type = std::string_view(box).substr(4, 4);
        if (type == "ftyp") {
            header = box;
        } else if (type == "moov") {
            header = repairedHeader(header + box);
            shift = timeToTicks(first, readHeader(header).timescale);
            store->begin(track, period, std::exchange(header, {}));
        } else if (type == "moof") {
            moof = box;
        } else if (type == "mdat" && !moof.empty()) {
            store->add(track, period, readFragment(moof, box, shift, ++sequence));
            moof.clear();
        }
    }
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    static void onEos(GstAppSink*, gpointer self);
    static GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer self);
};

GstFlowReturn Segmenter::Output::onSample(GstAppSink* sink, gpointer data) {
    auto* self = static_cast<Output*>(data);
    return glue::guard(self->element, GST_FLOW_ERROR, [&] {
        const glue::Ref<GstSample> sample(gst_app_sink_try_pull_sample(sink, 0));
        GstBuffer* buffer = sample ? gst_sample_get_buffer(sample.get()) : nullptr;
        GstMapInfo map;
        if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_READ))
            return GST_FLOW_OK;
        std::vector<std::string> boxes;
        try {
            boxes = self->stream.take(map.data, map.size);
        } catch (...) {
            gst_buffer_unmap(buffer, &map);
            throw;
        }
        gst_buffer_unmap(buffer, &map);
        for (const std::string& box : boxes)
            self->take(box);
        return GST_FLOW_OK;
    });
}

void Segmenter::Output::onEos(GstAppSink*, gpointer data) {
    auto* self = static_cast<Output*>(data);
    if (self->last)
        self->store->end(self->track);
    self->done = true;
}

GstBusSyncReply Segmenter::Output::onMessage(GstBus*, GstMessage* message, gpointer data) {
    auto* self = static_cast<Output*>(data);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError* error = nullptr;
        char* details = nullptr;
        gst_message_parse_error(message, &error, &details);
        glue::postError(self->element,
                        base::Error(base::ErrorKind::BadData,
                                    "The frames of " + self->track +
                                        " cannot be made into segments: put the codec's parser "
                                        "(h264parse, vp9parse, aacparse, opusparse) before it.",
                                    std::string(error->message) + ": " + (details ? details : "")));
        g_error_free(error);
        g_free(details);
        self->done = true;
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

Segmenter::Segmenter(GstElement* element, std::shared_ptr<SegmentStore> store, std::string track,
                     unsigned period, GstCaps* caps, Nanoseconds first,
                     std::chrono::milliseconds segment)
    : pipeline_(made("appsrc name=frames format=time ! " + chainFor(caps) +
                     "mp4mux name=mux streamable=true fragment-duration=" +
                     std::to_string(fragmentMilliseconds(caps, segment)) +
                     " ! appsink name=boxes sync=false async=false")),
      source_(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "frames")),
      output_(new Output{element, std::move(store), std::move(track), period, first}) {
    g_object_set(source_.get(), "caps", caps, "max-bytes", maxWaitingBytes, "max-buffers",
                 guint64{0}, "max-time", guint64{0}, "leaky-type", 2 /* downstream */, nullptr);
    const glue::Ref<GstElement> mux(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "mux"));
    const glue::Ref<GstPad> video(gst_element_get_static_pad(mux.get(), "video_0"));
    if (video)
        g_object_set(video.get(), "trak-timescale", videoTimescale, nullptr);
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "boxes"));
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = Output::onSample;
    callbacks.eos = Output::onEos;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, output_.get(), nullptr);
    const glue::Ref<GstBus> bus(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(bus.get(), Output::onMessage, output_.get(), nullptr);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

Segmenter::~Segmenter() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    const glue::Ref<GstBus> bus(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void Segmenter::push(glue::Ref<GstBuffer> frame) {
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), frame.release());
}

void Segmenter::finish(bool last) {
    output_->last = last;
    gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
}

bool Segmenter::finished() const { return output_->done; }

} // namespace web
