#include "web/gstpacketinput.hpp"

#include "base/error.hpp"
#include "glue/feeding.hpp"
#include "web/gstformats.hpp"

namespace web {
namespace {

using glue::Ref;

/// Marks the elements that prepare sound.
constexpr const char* soundMark = "video-stream-sound";

Ref<GstElement> make(const char* factory) {
    GstElement* made = gst_element_factory_make(factory, nullptr);
    if (!made)
        throw base::Error(base::ErrorKind::NotFound,
                          std::string("The element ") + factory +
                              " is missing: install gstreamer1.0-plugins-base.");
    return Ref<GstElement>(GST_ELEMENT(gst_object_ref_sink(made)));
}

/// RTP timestamps of all inputs are running time from one beginning: the sizes of a picture can
/// follow each other.
void shareTimestamps(GstElement* chain) {
    static const guint32 beginning = g_random_int_range(1, G_MAXINT32);
    if (const Ref<GstElement> packer{gst_bin_get_by_name(GST_BIN(chain), packerName)})
        g_object_set(packer.get(), "timestamp-offset", beginning, nullptr);
}

bool prepareSound(GstObject* object) {
    Ref<GstObject> at(object ? GST_OBJECT(gst_object_ref(object)) : nullptr);
    while (at && !g_object_get_data(G_OBJECT(at.get()), soundMark))
        at.reset(gst_object_get_parent(at.get()));
    return at != nullptr;
}

} // namespace

PacketInput::PacketInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName,
                         Arrived arrived, Flushed flushed)
    : bin_(bin), arrived_(std::move(arrived)), flushed_(std::move(flushed)),
      filter_(make("capsfilter")), sink_(make("appsink")) {
    const Ref<GstCaps> caps(gst_pad_template_get_caps(padTemplate));
    g_object_set(filter_.get(), "caps", caps.get(), nullptr);
    // Not async: an input that never gets anything, a camera without a microphone, would keep all
    // the others from playing.
    g_object_set(sink_.get(), "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE,
                 "buffer-list", TRUE, nullptr);
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = onSample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink_.get()), &callbacks, this, nullptr);
    gst_bin_add_many(bin, filter_.get(), sink_.get(), nullptr);

    const Ref<GstPad> in(gst_element_get_static_pad(filter_.get(), "sink"));
    const Ref<GstPad> out(gst_element_get_static_pad(filter_.get(), "src"));
    gst_pad_add_probe(in.get(),
                      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                                                   GST_PAD_PROBE_TYPE_EVENT_FLUSH),
                      onEvent, this, nullptr);
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, onQuery, nullptr, nullptr);
    pad_ = gst_ghost_pad_new_from_template(padName, in.get(), padTemplate);
    gst_pad_set_element_private(pad_, this);
    gst_pad_set_chain_function(pad_, onBuffer);
    gst_pad_set_chain_list_function(pad_, onList);
    gst_element_sync_state_with_parent(sink_.get());
    gst_element_sync_state_with_parent(filter_.get());
}

void PacketInput::removeFromBin(GstElement* element) {
    gst_element_set_state(element, GST_STATE_NULL);
    if (GST_OBJECT_PARENT(element) == GST_OBJECT(bin_))
        gst_bin_remove(bin_, element);
}

void PacketInput::dispose() {
    removeFromBin(sink_.get());
    removeFromBin(filter_.get());
    dropChain();
}

GstPadProbeReturn PacketInput::onQuery(GstPad*, GstPadProbeInfo* info, gpointer) {
    // What upstream may send is decided by the pad template alone, never by the chain that happens
    // to be there now: another codec may follow.
    GstQuery* query = GST_PAD_PROBE_INFO_QUERY(info);
    if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS)
        return GST_PAD_PROBE_OK;
    GstCaps* filter = nullptr;
    gst_query_parse_caps(query, &filter);
    const Ref<GstCaps> any(filter ? gst_caps_ref(filter) : gst_caps_new_any());
    gst_query_set_caps_result(query, any.get());
    return GST_PAD_PROBE_HANDLED;
}

GstPadProbeReturn PacketInput::onEvent(GstPad*, GstPadProbeInfo* info, gpointer self) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    auto* input = static_cast<PacketInput*>(self);
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
        input->flushed_();
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    input->configure(caps);
    return GST_PAD_PROBE_OK;
}

// --- what is between pad and appsink -----------------------------------------------------------

void PacketInput::configure(GstCaps* caps) {
    const Ref<GstPad> in(gst_element_get_static_pad(filter_.get(), "sink"));
    glue::paceBySource(sink_.get(), in.get());
    sound_ = isSound(caps);
    const std::string wanted = chainFor(caps);
    if (wanted == description_ && !failed_)
        return;
    dropChain();
    failed_ = !buildChain(wanted);
    if (!failed_) {
        description_ = wanted;
        return;
    }
    dropChain(); // no half of one
    complain(wanted);
}

void PacketInput::complain(const std::string& description) {
    if (sound_)
        GST_ELEMENT_WARNING(
            bin_, CORE, MISSING_PLUGIN,
            ("The sound is left out, for an element that makes it fit for browsers is missing: "
             "install gstreamer1.0-plugins-base, gstreamer1.0-plugins-good and "
             "gstreamer1.0-libav."),
            ("%s", description.c_str()));
    else
        GST_ELEMENT_ERROR(bin_, CORE, MISSING_PLUGIN,
                          ("An element that packs this stream for browsers is missing: install "
                           "gstreamer1.0-plugins-good and gstreamer1.0-plugins-bad."),
                          ("%s", description.c_str()));
}

void PacketInput::dropChain() {
    const Ref<GstPad> out(gst_element_get_static_pad(filter_.get(), "src"));
    if (const Ref<GstPad> peer{gst_pad_get_peer(out.get())})
        gst_pad_unlink(out.get(), peer.get());
    if (chain_)
        removeFromBin(chain_.get());
    chain_.reset();
    description_ = "?";
}

bool PacketInput::buildChain(const std::string& description) {
    GstElement* first = sink_.get();
    if (!description.empty()) {
        GError* error = nullptr;
        GstElement* made = gst_parse_bin_from_description(description.c_str(), TRUE, &error);
        const Ref<GError> owned(error);
        if (!made)
            return false;
        chain_.reset(GST_ELEMENT(gst_object_ref_sink(made)));
        shareTimestamps(made);
        if (sound_)
            g_object_set_data(G_OBJECT(made), soundMark, made);
        gst_bin_add(bin_, made);
        if (error || !gst_element_link(made, sink_.get()) ||
            !gst_element_sync_state_with_parent(made))
            return false;
        first = made;
    }
    return gst_element_link(filter_.get(), first);
}

PacketInput::Size PacketInput::size() const {
    const Ref<GstElement> packer(chain_ ? gst_bin_get_by_name(GST_BIN(chain_.get()), packerName)
                                        : nullptr);
    const Ref<GstPad> pad(packer ? gst_element_get_static_pad(packer.get(), "sink") : nullptr);
    const Ref<GstCaps> caps(pad ? gst_pad_get_current_caps(pad.get()) : nullptr);
    Size size;
    if (caps) {
        const GstStructure* s = gst_caps_get_structure(caps.get(), 0);
        gst_structure_get_int(s, "width", &size.width);
        gst_structure_get_int(s, "height", &size.height);
    }
    return size;
}

// --- what flows --------------------------------------------------------------------------------

GstFlowReturn PacketInput::onBuffer(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
    auto* self = static_cast<PacketInput*>(gst_pad_get_element_private(pad));
    return self->tolerated(gst_proxy_pad_chain_default(pad, parent, buffer));
}

GstFlowReturn PacketInput::onList(GstPad* pad, GstObject* parent, GstBufferList* list) {
    auto* self = static_cast<PacketInput*>(gst_pad_get_element_private(pad));
    return self->tolerated(gst_proxy_pad_chain_list_default(pad, parent, list));
}

GstFlowReturn PacketInput::tolerated(GstFlowReturn result) {
    if (!sound_ || result > GST_FLOW_NOT_LINKED || result == GST_FLOW_FLUSHING ||
        result == GST_FLOW_EOS)
        return result;
    if (!failed_.exchange(true)) // the next caps get new elements
        GST_ELEMENT_WARNING(bin_, STREAM, FORMAT,
                            ("The sound is left out, for it cannot be made fit for browsers: set "
                             "the camera's audio to G.711 or AAC-LC, or encode it as Opus."),
                            ("%s: %s", description_.c_str(), gst_flow_get_name(result)));
    return GST_FLOW_OK;
}

GstFlowReturn PacketInput::onSample(GstAppSink* sink, gpointer self) {
    if (const Ref<GstSample> sample{gst_app_sink_try_pull_sample(sink, 0)})
        static_cast<PacketInput*>(self)->arrived_(sample.get());
    return GST_FLOW_OK;
}

bool PacketInput::askForKeyFrame() { return glue::askForKeyFrame(sink_.get()); }

bool PacketInput::isSoundFailure(GstMessage* message) {
    return GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR && prepareSound(GST_MESSAGE_SRC(message));
}

} // namespace web
