#include "web/gstoutlet.hpp"

#include "glue/feeding.hpp"

#include <gst/video/video.h>

namespace web {
namespace {

using glue::Ref;

/// Buffers that wait for downstream: a few seconds of video and sound.
constexpr guint64 capacity = 200;

} // namespace

std::shared_ptr<Outlet> Outlet::make(GstBin* bin, GstPadTemplate* templ, const char* name,
                                     Kind kind, GstClockTime latency, Wish needsKeyFrame) {
    GstElement* source = gst_element_factory_make("appsrc", nullptr);
    if (!source)
        return nullptr;
    const std::shared_ptr<Outlet> outlet(new Outlet(kind, std::move(needsKeyFrame)));
    outlet->bin_ = bin;
    outlet->source_.reset(GST_ELEMENT(gst_object_ref_sink(source)));
    g_object_set(source, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes", guint64(0),
                 "max-buffers", guint64(0), "min-latency", static_cast<gint64>(latency), nullptr);
    gst_bin_add(bin, source);
    const Ref<GstPad> inner(gst_element_get_static_pad(source, "src"));
    GstPad* ghost = gst_ghost_pad_new_from_template(name, inner.get(), templ);
    outlet->pad_.reset(GST_PAD(gst_object_ref_sink(ghost)));
    using Weak = std::weak_ptr<Outlet>;
    gst_pad_add_probe(inner.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onUpstream, new Weak(outlet),
                      [](gpointer weak) { delete static_cast<Weak*>(weak); });
    glue::dropUnwanted(inner.get(), ghost);
    gst_pad_set_active(ghost, TRUE);
    gst_element_sync_state_with_parent(source);
    gst_element_add_pad(GST_ELEMENT(bin), ghost);
    return outlet;
}

Outlet::~Outlet() = default;

GstPadProbeReturn Outlet::onUpstream(GstPad*, GstPadProbeInfo* info, gpointer data) {
    if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
        return GST_PAD_PROBE_OK;
    if (const auto outlet = static_cast<std::weak_ptr<Outlet>*>(data)->lock())
        outlet->needsKeyFrame_();
    return GST_PAD_PROBE_DROP;
}

void Outlet::begin() {
    fresh_ = true;
    waiting_ = kind_ == Kind::Video;
}

bool Outlet::isTaken(GstBuffer* buffer) {
    const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    keyFrames_ += key && kind_ == Kind::Video;
    const guint64 level = gst_app_src_get_current_level_buffers(GST_APP_SRC(source_.get()));
    if (level < capacity && (key || !waiting_)) {
        waiting_ = false;
        return true;
    }
    drops_++;
    if (kind_ == Kind::Video && level < capacity)
        needsKeyFrame_();
    waiting_ = kind_ == Kind::Video;
    return false;
}

void Outlet::push(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    GstCaps* caps = gst_sample_get_caps(sample);
    if (!buffer || !caps || !isTaken(buffer))
        return;
    const Ref<GstCaps> known(gst_app_src_get_caps(GST_APP_SRC(source_.get())));
    if (!known || !gst_caps_is_equal(known.get(), caps))
        gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps);
    // Only the header is copied; the bytes are shared.
    GstBuffer* out = gst_buffer_make_writable(gst_buffer_ref(buffer));
    GstClockTime time = gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                                    GST_BUFFER_PTS(out));
    if (GST_CLOCK_TIME_IS_VALID(last_) && (!GST_CLOCK_TIME_IS_VALID(time) || time <= last_))
        time = last_ + 1; // never back, whatever a publisher's clock does
    last_ = time;
    GST_BUFFER_PTS(out) = time;
    GST_BUFFER_DTS(out) = GST_CLOCK_TIME_NONE;
    if (fresh_.exchange(false))
        GST_BUFFER_FLAG_SET(out, GST_BUFFER_FLAG_DISCONT);
    frames_++;
    bytes_ += gst_buffer_get_size(out);
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), out);
}

void Outlet::end() { gst_app_src_end_of_stream(GST_APP_SRC(source_.get())); }

void Outlet::dispose() {
    gst_element_set_state(source_.get(), GST_STATE_NULL);
    gst_pad_set_active(pad_.get(), FALSE);
    gst_element_remove_pad(GST_ELEMENT(bin_), pad_.get());
    gst_bin_remove(bin_, source_.get());
}

Outlet::Counters Outlet::counters() const { return {frames_, bytes_, keyFrames_, drops_}; }

std::string Outlet::mediaType() const {
    const Ref<GstCaps> caps(gst_app_src_get_caps(GST_APP_SRC(source_.get())));
    if (!caps || gst_caps_is_empty(caps.get()) || gst_caps_is_any(caps.get()))
        return "";
    return gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
}

} // namespace web
