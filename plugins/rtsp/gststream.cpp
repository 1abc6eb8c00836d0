#include "gststream.hpp"

#include "glue/object.hpp"
#include "rtspserver/datagrams.hpp"

#include <gst/video/video.h>

#include <algorithm>

namespace {

struct StreamFactory {
    GstRTSPMediaFactory parent;
    std::shared_ptr<rtspserve::Stream>* stream;
};
struct StreamFactoryClass {
    GstRTSPMediaFactoryClass parent;
};

GType rtsp_serve_factory_get_type();
G_DEFINE_TYPE(StreamFactory, rtsp_serve_factory, GST_TYPE_RTSP_MEDIA_FACTORY)

rtspserve::Stream& streamOf(gpointer factory) {
    return **static_cast<StreamFactory*>(factory)->stream;
}

GstElement* rtsp_serve_factory_create_element(GstRTSPMediaFactory* factory, const GstRTSPUrl*) {
    return streamOf(factory).makeBin(factory);
}

void rtsp_serve_factory_media_configure(GstRTSPMediaFactory* factory, GstRTSPMedia* media) {
    streamOf(factory).connect(media);
}

void rtsp_serve_factory_finalize(GObject* object) {
    delete reinterpret_cast<StreamFactory*>(object)->stream;
    G_OBJECT_CLASS(rtsp_serve_factory_parent_class)->finalize(object);
}

void rtsp_serve_factory_init(StreamFactory*) {}

void rtsp_serve_factory_class_init(StreamFactoryClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = rtsp_serve_factory_finalize;
    auto* factory = GST_RTSP_MEDIA_FACTORY_CLASS(klass);
    factory->create_element = rtsp_serve_factory_create_element;
    factory->media_configure = rtsp_serve_factory_media_configure;
}

} // namespace

namespace rtspserve {
namespace {

using glue::Ref;

/// First number of the payload types that have no fixed one (RFC 3551 section 6).
constexpr unsigned firstDynamic = 96;

struct Outflow {
    std::weak_ptr<Input> input;
    Ref<GstElement> source;
};

void onUnprepared(GstRTSPMedia*, gpointer data) {
    const auto* outflow = static_cast<Outflow*>(data);
    if (const auto input = outflow->input.lock())
        input->detach(outflow->source.get());
}

/// A client's wish for a key frame (RTCP PLI or FIR) becomes ours.
GstPadProbeReturn onUpstream(GstPad*, GstPadProbeInfo* info, gpointer data) {
    if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
        return GST_PAD_PROBE_OK;
    if (const auto input = static_cast<std::weak_ptr<Input>*>(data)->lock())
        input->askForKeyFrame();
    return GST_PAD_PROBE_DROP;
}

template <class T>
void destroy(gpointer data) {
    delete static_cast<T*>(data);
}

} // namespace

void Stream::setInputs(Inputs inputs, GstElement* sink) {
    const std::lock_guard<std::mutex> lock(mutex_);
    inputs_ = std::move(inputs);
    sink_ = sink;
}

Stream::Inputs Stream::inputs() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return inputs_;
}

bool Stream::live() const {
    const Inputs all = inputs();
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const auto& input) {
        return !input->payloader().empty();
    });
}

void Stream::played() const {
    for (const auto& input : inputs())
        input->play();
}

GstElement* Stream::makeBin(GstRTSPMediaFactory* factory) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string line;
    for (std::size_t i = 0; i < inputs_.size(); i++) {
        const std::string payloader = inputs_[i]->payloader();
        if (payloader.empty())
            return nullptr;
        const std::string n = std::to_string(i);
        line += "appsrc name=in" + n + " ! " + payloader + " name=pay" + n +
                " pt=" + std::to_string(firstDynamic + i) + " ";
    }
    if (const Ref<GstClock> clock{inputs_.empty() ? nullptr : gst_element_get_clock(sink_)})
        gst_rtsp_media_factory_set_clock(factory, clock.get());
    GError* failure = nullptr;
    GstElement* bin =
        line.empty() ? nullptr : gst_parse_bin_from_description(line.c_str(), FALSE, &failure);
    const Ref<GError> error(failure);
    if (error && bin) {
        gst_object_unref(gst_object_ref_sink(bin));
        bin = nullptr;
    }
    if (error)
        GST_ELEMENT_WARNING(sink_, CORE, MISSING_PLUGIN,
                            ("An element that packs this stream for RTSP is missing: install "
                             "gstreamer1.0-plugins-good and gstreamer1.0-plugins-bad."),
                            ("%s", error->message));
    return bin;
}

void Stream::connect(GstRTSPMedia* media) const {
    const Ref<GstElement> bin(gst_rtsp_media_get_element(media));
    const Inputs all = inputs();
    for (std::size_t i = 0; i < all.size(); i++) {
        const std::string name = "in" + std::to_string(i);
        Ref<GstElement> source(gst_bin_get_by_name(GST_BIN(bin.get()), name.c_str()));
        if (!source)
            continue;
        const Ref<GstPad> out(gst_element_get_static_pad(source.get(), "src"));
        gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onUpstream,
                          new std::weak_ptr<Input>(all[i]), destroy<std::weak_ptr<Input>>);
        all[i]->attach(source.get());
        g_signal_connect_data(
            media, "unprepared", G_CALLBACK(onUnprepared), new Outflow{all[i], std::move(source)},
            [](gpointer data, GClosure*) { destroy<Outflow>(data); }, GConnectFlags(0));
    }
}

GstRTSPMediaFactory* newFactory(std::shared_ptr<Stream> stream, const ServeSettings& settings) {
    auto* made = GST_RTSP_MEDIA_FACTORY(g_object_new(rtsp_serve_factory_get_type(), nullptr));
    reinterpret_cast<StreamFactory*>(made)->stream = new std::shared_ptr<Stream>(std::move(stream));
    rtspserver::bindDatagrams(made, settings.address, settings.multicast);
    unsigned protocols = 0;
    protocols |= settings.udp ? GST_RTSP_LOWER_TRANS_UDP : 0;
    protocols |= settings.multicast ? GST_RTSP_LOWER_TRANS_UDP_MCAST : 0;
    protocols |= settings.tcp ? GST_RTSP_LOWER_TRANS_TCP : 0;
    gst_rtsp_media_factory_set_protocols(made, static_cast<GstRTSPLowerTrans>(protocols));
    // Plain AVP: with AVPF beside it every track stands twice in the SDP, and ffmpeg waits for
    // both.
    gst_rtsp_media_factory_set_shared(made, TRUE);
    gst_rtsp_media_factory_set_stop_on_disconnect(made, TRUE);
    gst_rtsp_media_factory_set_latency(made, 0);
    return made;
}

} // namespace rtspserve
