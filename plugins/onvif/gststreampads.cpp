#include "gststreampads.hpp"

#include <algorithm>

namespace onvif {

namespace {

glue::Ref<GstCaps> capsOf(GstPad* pad) {
    GstCaps* caps = gst_pad_get_current_caps(pad);
    return glue::Ref<GstCaps>(caps ? caps : gst_pad_query_caps(pad, nullptr));
}

gboolean copySticky(GstPad*, GstEvent** event, gpointer to) {
    gst_pad_store_sticky_event(GST_PAD(to), *event);
    return TRUE;
}

std::string textOf(const GstCaps* caps, const char* field) {
    if (!caps || gst_caps_is_empty(caps) || gst_caps_is_any(caps))
        return {};
    const char* text = gst_structure_get_string(gst_caps_get_structure(caps, 0), field);
    return text ? text : "";
}

} // namespace

std::string mediaOf(const GstCaps* caps) {
    const std::string media = textOf(caps, "media");
    // Plain, zipped and EXI, by the name in front.
    const bool metadata =
        media == "application" && textOf(caps, "encoding-name").rfind("VND.ONVIF.METADATA", 0) == 0;
    return media == "video" || media == "audio" || metadata ? media : "";
}

struct StreamPads::Track {
    StreamPads* pads = nullptr;
    GstPad* ghost = nullptr;  ///< owns this
    GstPad* source = nullptr; ///< to compare with only
    std::string media;
    bool exposed = false;
    std::string encoding;
    PadCount count;
};

void StreamPads::start(std::chrono::milliseconds patience, bool metadata) {
    const std::lock_guard<std::mutex> lock(mutex_);
    patience_ = patience;
    metadata_ = metadata;
    videoAwaited_ = 0;
    made_.clear();
    complete_ = linked_ = reported_ = false;
    first_ = completed_ = Clock::time_point();
    gone_.clear();
}

bool StreamPads::wants(unsigned, const GstCaps* caps) {
    const std::string media = mediaOf(caps);
    const std::lock_guard<std::mutex> lock(mutex_);
    videoAwaited_ += media == "video";
    return !media.empty() && (metadata_ || media != "application");
}

void StreamPads::add(GstPad* source) {
    const glue::Ref<GstCaps> caps = capsOf(source);
    const std::string media = mediaOf(caps.get());
    if (media.empty())
        return;
    auto* track = new Track;
    track->pads = this;
    track->source = source;
    track->media = media;
    track->encoding = textOf(caps.get(), "encoding-name");
    std::string name;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        name = media + "_" + std::to_string(made_[media]++);
        if (first_ == Clock::time_point())
            first_ = Clock::now();
    }
    GstPadTemplate* templ = gst_element_get_pad_template(owner_, (media + "_%u").c_str());
    track->ghost = gst_ghost_pad_new_from_template(name.c_str(), source, templ);
    gst_object_ref_sink(track->ghost); // ours until clear()
    g_object_set_data_full(G_OBJECT(track->ghost), "onvifsrc-track", track,
                           [](gpointer t) { delete static_cast<Track*>(t); });
    auto* internal = GST_PAD(gst_proxy_pad_get_internal(GST_PROXY_PAD(track->ghost)));
    gst_pad_set_element_private(internal, track);
    gst_pad_set_chain_function(internal, chain);
    gst_pad_set_chain_list_function(internal, chainList);
    gst_object_unref(internal);
    gst_pad_set_active(track->ghost, TRUE);
    gst_pad_sticky_events_foreach(source, copySticky, track->ghost);
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tracks_.push_back(track);
    }
    exposeReady(false);
}

/// Adds to the element what may be seen by now. The application hears of it at once.
void StreamPads::exposeReady(bool all) {
    const std::lock_guard<std::mutex> oneAtATime(exposing_);
    std::vector<GstPad*> ready;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const unsigned videoThere = static_cast<unsigned>(std::count_if(
            tracks_.begin(), tracks_.end(), [](const Track* t) { return t->media == "video"; }));
        all |= complete_ || videoThere >= videoAwaited_ || Clock::now() - first_ > patience_;
        for (const char* media : {"video", "audio", "application"})
            for (Track* track : tracks_)
                if (track->media == media && !track->exposed && (all || track->media == "video")) {
                    track->exposed = true;
                    ready.push_back(static_cast<GstPad*>(gst_object_ref(track->ghost)));
                }
    }
    for (GstPad* pad : ready) {
        gst_element_add_pad(owner_, pad);
        gst_object_unref(pad);
    }
}

void StreamPads::complete() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        complete_ = true;
        completed_ = Clock::now();
    }
    hooks_.playing();
    exposeReady(true);
    gst_element_no_more_pads(owner_);
}

void StreamPads::remove(GstPad* source) {
    Track* track = nullptr;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto it = std::find_if(tracks_.begin(), tracks_.end(),
                                     [&](const Track* t) { return t->source == source; });
        if (it == tracks_.end())
            return;
        track = *it;
        tracks_.erase(it);
        gone_[track->media].packets += track->count.packets;
        gone_[track->media].bytes += track->count.bytes;
    }
    GstPad* ghost = track->ghost;
    gst_pad_set_active(ghost, FALSE);
    if (track->exposed)
        gst_element_remove_pad(owner_, ghost);
    gst_object_unref(ghost); // track ends here
}

void StreamPads::clear() {
    for (;;) {
        GstPad* source = nullptr;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!tracks_.empty())
                source = tracks_.back()->source;
        }
        if (!source)
            break;
        remove(source);
    }
}

void StreamPads::arrived(Track& track, std::size_t packets, std::size_t bytes) {
    bool waiting = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        track.count.packets += packets;
        track.count.bytes += bytes;
        waiting = !track.exposed;
    }
    if (waiting)
        exposeReady(false);
}

GstFlowReturn StreamPads::judge(Track&, GstFlowReturn result) {
    bool report = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        linked_ |= result != GST_FLOW_NOT_LINKED;
        if (result != GST_FLOW_NOT_LINKED)
            return result;
        if (linked_ || !complete_ || Clock::now() - completed_ < patience_)
            return GST_FLOW_OK;
        report = !reported_;
        reported_ = true;
    }
    if (report)
        hooks_.unused(description());
    return GST_FLOW_NOT_LINKED;
}

std::string StreamPads::description() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string text;
    for (const Track* track : tracks_) {
        char* name = gst_pad_get_name(track->ghost);
        text += (text.empty() ? "" : ", ") + std::string(name) + " (" + track->encoding + ")";
        g_free(name);
    }
    return text;
}

GstFlowReturn StreamPads::chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
    auto* track = static_cast<Track*>(gst_pad_get_element_private(pad));
    track->pads->arrived(*track, 1, gst_buffer_get_size(buffer));
    return track->pads->judge(*track, gst_proxy_pad_chain_default(pad, parent, buffer));
}

GstFlowReturn StreamPads::chainList(GstPad* pad, GstObject* parent, GstBufferList* list) {
    auto* track = static_cast<Track*>(gst_pad_get_element_private(pad));
    track->pads->arrived(*track, gst_buffer_list_length(list),
                         gst_buffer_list_calculate_size(list));
    return track->pads->judge(*track, gst_proxy_pad_chain_list_default(pad, parent, list));
}

PadCount StreamPads::count(const std::string& media) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto gone = gone_.find(media);
    PadCount sum = gone == gone_.end() ? PadCount() : gone->second;
    for (const Track* track : tracks_)
        if (track->media == media)
            sum.packets += track->count.packets, sum.bytes += track->count.bytes;
    return sum;
}

} // namespace onvif
