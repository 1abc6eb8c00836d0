#include "web/gstsegmenter.hpp"

#include "glue/guard.hpp"
#include "web/gsttrackcaps.hpp"
#include "web/isobox.hpp"
#include "web/transport.hpp"

#include <algorithm>

namespace web {
namespace {

/// A muxer works in microseconds; this is for a machine that stands still.
constexpr guint64 maxWaitingBytes = 32 << 20;
/// Exact for the frame rates of cameras and films, and what RTP has.
constexpr guint videoTimescale = 90000;

/// The longest sound frame, rounded up: a fragment ends before the frame that would exceed it.
constexpr guint soundFrame = 25;

/// With pictures, fragments begin with key frames and this is for those who make hardly any; sound
/// has nothing but this, and gets one fragment a segment.
guint fragmentMilliseconds(GstCaps* caps, const SegmenterTask& task) {
    if (task.part.count() > 0)
        return static_cast<guint>(task.part.count());
    return static_cast<guint>(isVideo(caps) ? longestSegment(task.segment).count()
                                            : task.segment.count() + soundFrame);
}

/// From "frames" to "bytes". Encoders do not say what the header has to tell of VP9: its parser
/// does.
std::string chainFor(const SegmenterTask& task, GstCaps* caps) {
    const std::string from = "appsrc name=frames format=time ! ";
    const std::string to = " ! appsink name=bytes sync=false async=false";
    if (task.container == Container::TransportStream)
        return from + (isVideo(caps) ? "h264parse ! " : "") + "mpegtsmux" + to;
    const GstStructure* format = gst_caps_get_structure(caps, 0);
    return from + (gst_structure_has_name(format, "video/x-vp9") ? "vp9parse ! " : "") +
           (isVideo(caps) ? "mux.video_0 " : "mux.audio_0 ") +
           "mp4mux name=mux streamable=true fragment-duration=" +
           std::to_string(fragmentMilliseconds(caps, task)) + to;
}

glue::Ref<GstElement> made(const std::string& description) {
    GError* raw = nullptr;
    glue::Ref<GstElement> pipeline(
        gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw));
    const glue::Ref<GError> error(raw);
    if (!pipeline)
        throw base::Error(base::ErrorKind::NotFound,
                          "Elements for segments are missing: install GStreamer's good and bad "
                          "plugins (mp4mux, mpegtsmux, h264parse, vp9parse).",
                          error ? error->message : "");
    return glue::Ref<GstElement>(GST_ELEMENT(gst_object_ref_sink(pipeline.release())));
}

} // namespace

/// What comes out of the muxer, in its thread.
struct Segmenter::Output {
    Output(GstElement* posting, std::shared_ptr<SegmentStore> keeping, const SegmenterTask& what)
        : element(posting), store(std::move(keeping)), task(what) {}
    virtual ~Output() = default;
    virtual void take(const unsigned char* data, std::size_t size) = 0;
    virtual void finish() {}

    GstElement* const element;
    const std::shared_ptr<SegmentStore> store;
    const SegmenterTask task;
    std::atomic<bool> last{false}, done{false};

    void takeBuffer(GstBuffer* buffer);
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    static void onEos(GstAppSink*, gpointer self);
    static GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer self);
};

struct Segmenter::Boxes : Output {
    using Output::Output;
    IsoStream stream{};
    std::string header{}, moof{};
    std::uint32_t sequence = 0;
    std::uint64_t shift = 0; ///< ticks

    void take(const unsigned char* data, std::size_t size) override {
        for (const std::string& each : stream.take(data, size))
            box(each);
    }
    void box(const std::string& box) {
        const std::string_view type = std::string_view(box).substr(4, 4);
        if (type == "ftyp") {
            header = box;
        } else if (type == "moov") {
            header = repairedHeader(header + box);
            shift = timeToTicks(task.first, readHeader(header).timescale);
            store->begin(task.track, task.period, std::exchange(header, {}));
        } else if (type == "moof") {
            moof = box;
        } else if (type == "mdat" && !moof.empty()) {
            store->add(task.track, task.period, readFragment(moof, box, shift, ++sequence));
            moof.clear();
        }
    }
};

struct Segmenter::Packets : Output {
    Packets(GstElement* posting, std::shared_ptr<SegmentStore> keeping, const SegmenterTask& what,
            TrackFacts described)
        : Output(posting, std::move(keeping), what), facts(std::move(described)),
          reader(facts.video, timeToTicks(what.first, facts.timescale),
                 timeToTicks(longestSegment(what.segment), facts.timescale)) {}
    const TrackFacts facts;
    TransportReader reader;
    bool begun = false;

    void take(const unsigned char* data, std::size_t size) override {
        for (const Fragment& fragment : reader.take(data, size))
            add(fragment);
    }
    void finish() override {
        if (const auto rest = reader.finish())
            add(*rest);
    }
    void add(const Fragment& fragment) {
        if (!std::exchange(begun, true))
            store->begin(task.track, task.period, facts, reader.tables());
        store->add(task.track, task.period, fragment);
    }
};

void Segmenter::Output::takeBuffer(GstBuffer* buffer) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    try {
        take(map.data, map.size);
    } catch (...) {
        gst_buffer_unmap(buffer, &map);
        throw;
    }
    gst_buffer_unmap(buffer, &map);
}

GstFlowReturn Segmenter::Output::onSample(GstAppSink* sink, gpointer data) {
    auto* self = static_cast<Output*>(data);
    return glue::guard(self->element, GST_FLOW_ERROR, [&] {
        const glue::Ref<GstSample> sample(gst_app_sink_try_pull_sample(sink, 0));
        if (GstBuffer* buffer = sample ? gst_sample_get_buffer(sample.get()) : nullptr)
            self->takeBuffer(buffer);
        GstBufferList* list = sample ? gst_sample_get_buffer_list(sample.get()) : nullptr;
        for (guint i = 0; list && i < gst_buffer_list_length(list); i++)
            self->takeBuffer(gst_buffer_list_get(list, i));
        return GST_FLOW_OK;
    });
}

void Segmenter::Output::onEos(GstAppSink*, gpointer data) {
    auto* self = static_cast<Output*>(data);
    glue::guard(self->element, false, [&] {
        self->finish();
        return true;
    });
    if (self->last)
        self->store->end(self->task.track);
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
                                    "The frames of " + self->task.track +
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

std::shared_ptr<Segmenter::Output> Segmenter::output(GstElement* element,
                                                     std::shared_ptr<SegmentStore> store,
                                                     const SegmenterTask& task, GstCaps* caps) {
    if (task.container == Container::TransportStream)
        return std::make_shared<Packets>(element, std::move(store), task, transportFacts(caps));
    return std::make_shared<Boxes>(element, std::move(store), task);
}

Segmenter::Segmenter(GstElement* element, std::shared_ptr<SegmentStore> store,
                     const SegmenterTask& task, GstCaps* caps)
    : output_(output(element, std::move(store), task, caps)), pipeline_(made(chainFor(task, caps))),
      source_(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "frames")) {
    g_object_set(source_.get(), "caps", caps, "max-bytes", maxWaitingBytes, "max-buffers",
                 guint64{0}, "max-time", guint64{0}, "leaky-type", 2 /* downstream */, nullptr);
    const glue::Ref<GstElement> mux(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "mux"));
    const glue::Ref<GstPad> video(mux ? gst_element_get_static_pad(mux.get(), "video_0") : nullptr);
    if (video)
        g_object_set(video.get(), "trak-timescale", videoTimescale, nullptr);
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "bytes"));
    g_object_set(sink.get(), "buffer-list", TRUE, nullptr);
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
