#include "gstsoundencoder.hpp"

#include "base/error.hpp"

#include <initializer_list>

namespace onvif {

namespace {

std::string firstThatExists(std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (const glue::Ref<GstElementFactory> factory{gst_element_factory_find(name)})
            return name;
    return {};
}

gboolean swallow(GstPad*, GstObject*, GstEvent* event) {
    gst_event_unref(event);
    return TRUE;
}

glue::Ref<GstElement> makeBin(const SoundOffer& offer, const GstCaps* caps) {
    const SoundElements elements = {firstThatExists({"fdkaacenc", "avenc_aac", "voaacenc"}),
                                    firstThatExists({"avdec_aac", "faad"})};
    const std::string chain =
        soundChain(gst_structure_get_name(gst_caps_get_structure(caps, 0)), offer, elements);
    GError* failure = nullptr;
    GstElement* bin = gst_parse_bin_from_description(chain.c_str(), TRUE, &failure);
    const glue::Ref<GError> error(failure);
    if (!bin || error)
        throw base::Error(base::ErrorKind::NotFound,
                          "The camera cannot be spoken to: an element for " + offer.encoding +
                              " is missing; install GStreamer's good plugins.",
                          error ? error->message : "");
    return glue::Ref<GstElement>(static_cast<GstElement*>(gst_object_ref_sink(bin)));
}

} // namespace

SoundEncoder::SoundEncoder(const SoundOffer& offer, GstCaps* caps, Packet packet)
    : bin_(makeBin(offer, caps)), in_(gst_pad_new("sound", GST_PAD_SRC)),
      out_(gst_pad_new("packets", GST_PAD_SINK)), packet_(std::move(packet)) {
    gst_pad_set_element_private(out_.get(), this);
    gst_pad_set_chain_function(out_.get(), chain);
    gst_pad_set_event_function(out_.get(), swallow);
    const glue::Ref<GstPad> sink(gst_element_get_static_pad(bin_.get(), "sink")),
        src(gst_element_get_static_pad(bin_.get(), "src"));
    gst_pad_set_active(out_.get(), TRUE);
    gst_pad_set_active(in_.get(), TRUE);
    gst_pad_link(src.get(), out_.get());
    gst_element_set_state(bin_.get(), GST_STATE_PLAYING);
    gst_pad_link(in_.get(), sink.get());
    gst_pad_push_event(in_.get(), gst_event_new_stream_start("backchannel"));
    gst_pad_push_event(in_.get(), gst_event_new_caps(caps));
}

SoundEncoder::~SoundEncoder() {
    gst_pad_set_active(in_.get(), FALSE);
    gst_element_set_state(bin_.get(), GST_STATE_NULL);
    gst_pad_set_active(out_.get(), FALSE);
}

void SoundEncoder::event(glue::Ref<GstEvent> event) {
    gst_pad_push_event(in_.get(), event.release());
}

GstFlowReturn SoundEncoder::sound(glue::Ref<GstBuffer> buffer) {
    return gst_pad_push(in_.get(), buffer.release());
}

GstFlowReturn SoundEncoder::chain(GstPad* pad, GstObject*, GstBuffer* packet) {
    static_cast<SoundEncoder*>(gst_pad_get_element_private(pad))
        ->packet_(glue::Ref<GstBuffer>(packet));
    return GST_FLOW_OK;
}

} // namespace onvif
