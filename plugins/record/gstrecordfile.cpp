#include "gstrecordfile.hpp"

#include "base/error.hpp"
#include "glue/guard.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/pbutils/pbutils.h>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace record {
namespace {

using base::Error;
using base::ErrorKind;
using glue::Ref;

/// More than that waits in the queue, where the oldest can be dropped.
constexpr guint64 maxInside = 4 << 20;
/// Exact for the frame rates of cameras and films, and what RTP has.
constexpr guint videoTimescale = 90000;

const char* muxerOf(Container container) {
    return container == Container::Mp4 ? "mp4mux" : "matroskamux";
}

/// MP4 in fragments of a second, and nothing held back by the sink: what is written can be played,
/// whether or not the file was ended.
std::string chainFor(Container container, const std::vector<RecordFile::Track>& tracks) {
    const std::string fragments = container == Container::Mp4 ? " fragment-duration=1000" : "";
    std::string line = muxerOf(container) + std::string(" name=mux") + fragments +
                       " ! filesink name=disk buffer-mode=unbuffered async=false sync=false ";
    for (std::size_t i = 0; i < tracks.size(); i++)
        line += "appsrc format=time name=in" + std::to_string(i) + " ! mux." +
                (tracks[i].video ? "video" : "audio") + "_%u ";
    return line;
}

Ref<GstElement> made(const std::string& line) {
    GError* raw = nullptr;
    Ref<GstElement> pipeline(
        gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw));
    const Ref<GError> error(raw);
    if (!pipeline)
        throw Error(ErrorKind::NotFound,
                    "Elements for recording are missing: install gstreamer1.0-plugins-good.",
                    error ? error->message : "");
    return Ref<GstElement>(GST_ELEMENT(gst_object_ref_sink(pipeline.release())));
}

/// Where the clock of RTP is not a whole number of the muxer's own.
void beExact(GstElement* source) {
    const Ref<GstPad> out(gst_element_get_static_pad(source, "src"));
    const Ref<GstPad> in(gst_pad_get_peer(out.get()));
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(in.get()), "trak-timescale"))
        g_object_set(in.get(), "trak-timescale", videoTimescale, nullptr);
}

using SharedTimes = std::shared_ptr<FragmentTimes>;

/// Frames go by untouched: to write in their memory would be to copy it.
GstPadProbeReturn onBytes(GstPad*, GstPadProbeInfo* info, gpointer times) {
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    char begin[8] = {};
    gst_buffer_extract(buffer, 0, begin, sizeof begin);
    const std::string type(begin + 4, 4);
    if (type != "ftyp" && type != "moov" && type != "moof")
        return GST_PAD_PROBE_OK;
    buffer = gst_buffer_make_writable(buffer);
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    GstMapInfo map;
    if (gst_buffer_map(buffer, &map, GST_MAP_READWRITE)) {
        (*static_cast<SharedTimes*>(times))->correct(map.data, map.size);
        gst_buffer_unmap(buffer, &map);
    }
    return GST_PAD_PROBE_OK;
}

void correctTimes(GstBin* pipeline, const SharedTimes& times) {
    const Ref<GstElement> mux(gst_bin_get_by_name(pipeline, "mux"));
    const Ref<GstPad> out(gst_element_get_static_pad(mux.get(), "src"));
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_BUFFER, onBytes, new SharedTimes(times),
                      [](gpointer data) { delete static_cast<SharedTimes*>(data); });
}

Error errorOf(const std::string& path, GstMessage* message) {
    GError* raw = nullptr;
    gchar* text = nullptr;
    gst_message_parse_error(message, &raw, &text);
    const Ref<GError> error(raw);
    const Ref<char> debug(text);
    const std::string details =
        std::string(error->message) + (debug ? ": " + std::string(debug.get()) : "");
    if (g_error_matches(raw, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT))
        return {ErrorKind::Failed,
                "The disk is full: " + path +
                    " cannot be written on. Make room, or keep fewer files with max-files.",
                details};
    if (error->domain == GST_RESOURCE_ERROR)
        return {ErrorKind::Failed,
                path + " cannot be written: check the disk and that you may write there.", details};
    return {ErrorKind::BadData,
            "The frames cannot be put into " + path +
                ": put the codec's parser (h264parse, h265parse, aacparse, opusparse) before "
                "recordsink.",
            details};
}

} // namespace

/// What the threads of the pipeline say; it outlives a file that is given up.
struct RecordFile::Outcome {
    GstElement* element;
    std::string path;
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false, failed = false;
    bool givenUp = false; ///< nobody is told any more
};

RecordFile::RecordFile(GstElement* element, Container container, const std::string& path,
                       const std::vector<Track>& tracks)
    : path_(path), outcome_(std::make_shared<Outcome>()), times_(std::make_shared<FragmentTimes>()),
      pipeline_(made(chainFor(container, tracks))) {
    outcome_->element = element;
    outcome_->path = path;
    auto* bin = GST_BIN(pipeline_.get());
    g_object_set(Ref<GstElement>(gst_bin_get_by_name(bin, "disk")).get(), "location", path.c_str(),
                 nullptr);
    unsigned count[2] = {0, 0}; // of sounds and pictures
    for (std::size_t i = 0; i < tracks.size(); i++) {
        const bool video = tracks[i].video;
        tracks_.push_back(
            {Ref<GstElement>(gst_bin_get_by_name(bin, ("in" + std::to_string(i)).c_str())), video,
             count[video]++});
        auto* source = tracks_.back().source.get();
        g_object_set(source, "caps", tracks[i].caps, "max-bytes", guint64{0}, nullptr);
        if (video)
            beExact(source);
    }
    if (container == Container::Mp4)
        correctTimes(bin, times_);
    const Ref<GstBus> bus(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(
        bus.get(), onMessage, new std::shared_ptr<Outcome>(outcome_),
        [](gpointer data) { delete static_cast<std::shared_ptr<Outcome>*>(data); });
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

RecordFile::~RecordFile() {
    bool done = false;
    {
        const std::lock_guard<std::mutex> lock(outcome_->mutex);
        outcome_->givenUp = true;
        done = outcome_->ended || outcome_->failed;
    }
    const auto takeDown = [](GstElement* pipeline, gpointer) {
        gst_element_set_state(pipeline, GST_STATE_NULL);
        const Ref<GstBus> bus(gst_element_get_bus(pipeline));
        gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
    };
    if (done)
        takeDown(pipeline_.get(), nullptr);
    else // it may be stuck in a disk that does not answer
        gst_element_call_async(pipeline_.get(), takeDown, nullptr, nullptr);
}

GstBusSyncReply RecordFile::onMessage(GstBus*, GstMessage* message, gpointer data) {
    Outcome& outcome = **static_cast<std::shared_ptr<Outcome>*>(data);
    const bool failed = GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
    Ref<GstElement> told;
    if (failed || GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        const std::lock_guard<std::mutex> lock(outcome.mutex);
        if (failed && !outcome.failed && !outcome.givenUp)
            told = glue::share(outcome.element);
        (failed ? outcome.failed : outcome.ended) = true;
        outcome.changed.notify_all();
    }
    if (told) // without the lock: who hears of it may ask for "stats"
        glue::postError(told.get(), errorOf(outcome.path, message));
    gst_message_unref(message);
    return GST_BUS_DROP;
}

void RecordFile::write(std::size_t track, Ref<GstBuffer> frame) {
    Entry& entry = tracks_[track];
    if (!std::exchange(entry.begun, true))
        times_->begin(entry.video, entry.index,
                      std::chrono::nanoseconds(GST_BUFFER_DTS_OR_PTS(frame.get())));
    gst_app_src_push_buffer(GST_APP_SRC(entry.source.get()), frame.release());
}

void RecordFile::endTrack(std::size_t track) {
    if (!std::exchange(tracks_[track].ended, true))
        gst_app_src_end_of_stream(GST_APP_SRC(tracks_[track].source.get()));
}

bool RecordFile::full() const {
    guint64 bytes = 0;
    for (const Entry& track : tracks_) {
        const guint64 level = gst_app_src_get_current_level_bytes(GST_APP_SRC(track.source.get()));
        if (level == 0 && !track.ended)
            return false; // the muxer may be waiting for just that
        bytes += level;
    }
    return bytes > maxInside && !failed();
}

bool RecordFile::finish(std::chrono::milliseconds patience) {
    for (std::size_t track = 0; track < tracks_.size(); track++)
        endTrack(track);
    std::unique_lock<std::mutex> lock(outcome_->mutex);
    outcome_->changed.wait_for(lock, patience,
                               [this] { return outcome_->ended || outcome_->failed; });
    return outcome_->ended && !outcome_->failed;
}

bool RecordFile::failed() const {
    const std::lock_guard<std::mutex> lock(outcome_->mutex);
    return outcome_->failed;
}

void checkFits(Container container, bool video, GstCaps* caps) {
    const Ref<GstElementFactory> factory(gst_element_factory_find(muxerOf(container)));
    if (!factory)
        throw Error(ErrorKind::NotFound, std::string("The element ") + muxerOf(container) +
                                             " is missing: install gstreamer1.0-plugins-good.");
    const std::string name = video ? "video_%u" : "audio_%u";
    for (const GList* each = gst_element_factory_get_static_pad_templates(factory.get()); each;
         each = each->next) {
        auto* pad = static_cast<GstStaticPadTemplate*>(each->data);
        const Ref<GstCaps> held(gst_static_pad_template_get_caps(pad));
        if (name == pad->name_template && gst_caps_can_intersect(held.get(), caps))
            return;
    }
    const bool mp4 = container == Container::Mp4;
    const Ref<char> codec(gst_pb_utils_get_codec_description(caps));
    throw Error(ErrorKind::Unsupported,
                std::string(mp4 ? "MP4" : "Matroska") + " cannot hold " +
                    (codec ? codec.get() : "this format") + ": make it " +
                    (video ? "H.264" : "AAC (avenc_aac ! aacparse) or Opus") +
                    (mp4 ? ", or take container=matroska." : "."));
}

} // namespace record
