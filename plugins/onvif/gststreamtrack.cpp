#include "gststreamtrack.hpp"

#include <algorithm>
#include <utility>

namespace onvif {

namespace {

StreamTrack& trackOf(GstPad* pad) {
    return *static_cast<StreamTrack*>(gst_pad_get_element_private(pad));
}

GstEvent* plainSegment() {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    return gst_event_new_segment(&segment);
}

/// RFC 3550 section 5.1: the second of the header's words.
std::uint32_t rtpTime(GstBuffer* packet) {
    guint8 word[4] = {};
    gst_buffer_extract(packet, 4, word, sizeof word);
    return GST_READ_UINT32_BE(word);
}

glue::Ref<GstEvent> streamStart(const std::string& name, guint group) {
    const std::string id = "onvifsrc-" + std::to_string(group) + "/" + name;
    glue::Ref<GstEvent> event(gst_event_new_stream_start(id.c_str()));
    gst_event_set_group_id(event.get(), group);
    return event;
}

} // namespace

StreamTrack::StreamTrack(GstElement* element, Owner& owner, Identity identity)
    : element_(element), owner_(owner), identity_(std::move(identity)) {
    gst_segment_init(&segment_, GST_FORMAT_TIME);
    GstPadTemplate* templ = gst_element_get_pad_template(element, (media() + "_%u").c_str());
    ghost_ = gst_ghost_pad_new_no_target_from_template(name().c_str(), templ);
    gst_object_ref_sink(ghost_);
    gst_pad_set_element_private(ghost_, this);
    gst_pad_set_query_function(ghost_, query);
    auto* internal = GST_PAD(gst_proxy_pad_get_internal(GST_PROXY_PAD(ghost_)));
    gst_pad_set_element_private(internal, this);
    gst_pad_set_chain_function(internal, chain);
    gst_pad_set_chain_list_function(internal, chainList);
    gst_pad_set_event_function(internal, event);
    gst_pad_set_query_function(internal, innerQuery);
    gst_object_unref(internal);
    gst_pad_set_active(ghost_, TRUE);
    gst_pad_store_sticky_event(ghost_, streamStart(name(), identity_.group).get());
}

StreamTrack::~StreamTrack() {
    gst_ghost_pad_set_target(GST_GHOST_PAD(ghost_), nullptr);
    gst_pad_set_active(ghost_, FALSE);
    if (exposed_)
        gst_element_remove_pad(element_, ghost_);
    gst_object_unref(ghost_);
}

void StreamTrack::attach(GstPad* source) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        attached_ = Clock::now();
        spoke_ = false;
        discont_ = count_.packets > 0;
        times_.restart();
        gst_segment_init(&segment_, GST_FORMAT_TIME);
    }
    // Whoever hears of the pad wants to know by its caps what to link, before any data came.
    if (!gst_pad_has_current_caps(ghost_)) {
        GstCaps* known = gst_pad_get_current_caps(source);
        const glue::Ref<GstCaps> caps(known ? known : gst_pad_query_caps(source, nullptr));
        if (gst_caps_is_fixed(caps.get()))
            gst_pad_store_sticky_event(ghost_,
                                       glue::Ref<GstEvent>(gst_event_new_caps(caps.get())).get());
        gst_pad_store_sticky_event(ghost_, glue::Ref<GstEvent>(plainSegment()).get());
    }
    gst_ghost_pad_set_target(GST_GHOST_PAD(ghost_), source);
}

void StreamTrack::detach() { gst_ghost_pad_set_target(GST_GHOST_PAD(ghost_), nullptr); }

bool StreamTrack::isAttachedTo(GstPad* source) const {
    const glue::Ref<GstPad> target(gst_ghost_pad_get_target(GST_GHOST_PAD(ghost_)));
    return source ? target.get() == source : target != nullptr;
}

void StreamTrack::expose() {
    exposed_ = true;
    gst_element_add_pad(element_, ghost_);
}

void StreamTrack::end() { gst_pad_push_event(ghost_, gst_event_new_eos()); }

std::string StreamTrack::name() const { return media() + "_" + std::to_string(index()); }

std::string StreamTrack::encoding() const {
    const glue::Ref<GstCaps> caps(gst_pad_get_current_caps(ghost_));
    const char* text =
        caps ? gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "encoding-name")
             : nullptr;
    return text ? text : "";
}

PadCount StreamTrack::count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_;
}

GstStructure* StreamTrack::facts() const {
    const std::string pad = name(), code = encoding();
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::chrono::nanoseconds age = Clock::now() - last_;
    return gst_structure_new(
        "track", "pad", G_TYPE_STRING, pad.c_str(), "encoding", G_TYPE_STRING, code.c_str(),
        "packets", G_TYPE_UINT64, static_cast<guint64>(count_.packets), "bytes", G_TYPE_UINT64,
        static_cast<guint64>(count_.bytes), "last-packet-age", G_TYPE_UINT64,
        count_.packets ? static_cast<guint64>(age.count()) : GST_CLOCK_TIME_NONE, nullptr);
}

bool StreamTrack::silent(Clock::time_point since, Clock::duration patience) const {
    if (!isAttachedTo(nullptr))
        return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    // A picture is owed. Sound may never come (a microphone that is off), but not stop.
    const bool owed = media() == "video" || (media() == "audio" && spoke_);
    return owed && !finished_ && pushing_ == 0 &&
           Clock::now() - std::max({last_, attached_, since}) > patience;
}

bool StreamTrack::finished() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return finished_;
}

void StreamTrack::begin(const GstBuffer* buffer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    count_.packets++;
    count_.bytes += gst_buffer_get_size(const_cast<GstBuffer*>(buffer));
    last_ = Clock::now();
    spoke_ = true;
    pushing_++;
}

void StreamTrack::finish(GstFlowReturn result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    pushing_--;
    last_ = Clock::now(); // what downstream held up is not the camera's silence
    finished_ |= result == GST_FLOW_EOS;
}

GstClockTime StreamTrack::running(GstClockTime time) const {
    return gst_segment_to_running_time(&segment_, GST_FORMAT_TIME, time);
}

GstBuffer* StreamTrack::continued(GstBuffer* buffer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const GstClockTime pts = times_.place(running(GST_BUFFER_PTS(buffer)), rtpTime(buffer));
    GstClockTime dts = running(GST_BUFFER_DTS(buffer));
    if (GST_CLOCK_TIME_IS_VALID(dts))
        dts = std::max(dts, times_.floor());
    if (!discont_ && pts == GST_BUFFER_PTS(buffer) && dts == GST_BUFFER_DTS(buffer))
        return buffer;
    buffer = gst_buffer_make_writable(buffer);
    GST_BUFFER_PTS(buffer) = pts;
    GST_BUFFER_DTS(buffer) = dts;
    if (std::exchange(discont_, false))
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    return buffer;
}

GstFlowReturn StreamTrack::chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
    StreamTrack& track = trackOf(pad);
    track.begin(buffer);
    track.owner_.arrived(track);
    const GstFlowReturn result = gst_proxy_pad_chain_default(pad, parent, track.continued(buffer));
    track.finish(result);
    return track.owner_.judge(track, result);
}

/// Neither the jitter buffer nor udpsrc makes lists today: the plain way will do.
GstFlowReturn StreamTrack::chainList(GstPad* pad, GstObject* parent, GstBufferList* list) {
    const glue::Ref<GstBufferList> owned(list);
    GstFlowReturn result = GST_FLOW_OK;
    for (guint i = 0; i < gst_buffer_list_length(list) && result == GST_FLOW_OK; i++)
        result = chain(pad, parent, gst_buffer_ref(gst_buffer_list_get(list, i)));
    return result;
}

gboolean StreamTrack::takeCaps(GstPad* pad, GstObject* parent, GstEvent* event) {
    GstCaps* given = nullptr;
    gst_event_parse_caps(event, &given);
    const glue::Ref<GstCaps> caps(gst_caps_ref(given)), known(gst_pad_get_current_caps(ghost_));
    const bool same = known && gst_caps_is_equal(known.get(), caps.get());
    if (same && !GST_PAD_IS_FLUSHING(ghost_))
        return gst_event_unref(event), TRUE;
    const gboolean taken = gst_pad_event_default(pad, parent, event);
    if (!taken && !gst_pad_peer_query_accept_caps(ghost_, caps.get()))
        owner_.refused(*this, caps.get());
    return taken;
}

/// What a connection says of itself is not for downstream, which has one stream for good.
bool StreamTrack::passes(GstEvent* event) {
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_SEGMENT: {
        const std::lock_guard<std::mutex> lock(mutex_);
        gst_event_copy_segment(event, &segment_);
        return false;
    }
    case GST_EVENT_EOS:
        owner_.ended(*this);
        return false;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
        return false;
    default:
        return true;
    }
}

/// The latency is the same whether or not the camera is there: nothing downstream has to be
/// distributed anew.
gboolean StreamTrack::query(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (gst_pad_query_default(pad, parent, query))
        return TRUE;
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY)
        return FALSE;
    gst_query_set_latency(query, TRUE, trackOf(pad).identity_.latency, GST_CLOCK_TIME_NONE);
    return TRUE;
}

/// Caps are judged where they arrive as an event: refused any earlier, nobody would hear why.
gboolean StreamTrack::innerQuery(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_ACCEPT_CAPS)
        return gst_pad_query_default(pad, parent, query);
    gst_query_set_accept_caps_result(query, TRUE);
    return TRUE;
}

gboolean StreamTrack::event(GstPad* pad, GstObject* parent, GstEvent* event) {
    StreamTrack& track = trackOf(pad);
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS)
        return track.takeCaps(pad, parent, event);
    if (track.passes(event))
        return gst_pad_event_default(pad, parent, event);
    gst_event_unref(event);
    return TRUE;
}

} // namespace onvif
