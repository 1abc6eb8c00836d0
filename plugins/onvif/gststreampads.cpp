#include "gststreampads.hpp"

#include <algorithm>
#include <cstdio>

namespace onvif {

namespace {

constexpr unsigned longestAudioPatience = 64;

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

void StreamPads::start(const SourceSettings& settings) {
    const std::lock_guard<std::mutex> lock(mutex_);
    settings_ = settings;
    group_ = gst_util_group_id_next();
    audioPatience_ = 1;
    announced_ = complete_ = linked_ = reported_ = ended_ = false;
    first_ = completed_ = Clock::time_point();
}

void StreamPads::connect() {
    const std::lock_guard<std::mutex> lock(mutex_);
    places_.clear();
    described_.clear();
    flowing_ = false;
}

void StreamPads::disconnect() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& track : tracks_)
        track->detach();
}

void StreamPads::clear() {
    std::vector<std::unique_ptr<StreamTrack>> gone;
    const std::lock_guard<std::mutex> lock(mutex_);
    gone.swap(tracks_);
}

void StreamPads::end() {
    std::vector<StreamTrack*> all;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ended_ = true;
        for (const auto& track : tracks_)
            all.push_back(track.get());
    }
    for (StreamTrack* track : all)
        track->end();
}

bool StreamPads::wants(unsigned number, const GstCaps* caps) {
    const std::string media = mediaOf(caps);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (media.empty() || (media == "application" && !settings_.metadata))
        return false;
    if (places_.count(number) == 0)
        places_[number] = {media, described_[media]++};
    return true;
}

/// rtpbin's name for a pad begins with the stream's number.
StreamPads::Place StreamPads::placeOf(GstPad* source) {
    unsigned number = 0;
    const glue::Ref<char> name(gst_pad_get_name(source));
    if (std::sscanf(name.get(), "recv_rtp_src_%u_", &number) != 1)
        std::sscanf(name.get(), "stream_%u", &number);
    const auto found = places_.find(number);
    return found == places_.end() ? Place() : found->second;
}

StreamTrack& StreamPads::trackAt(const Place& place) {
    for (const auto& track : tracks_)
        if (track->media() == place.media && track->index() == place.index)
            return *track;
    const GstClockTime latency =
        static_cast<GstClockTime>(std::chrono::nanoseconds(settings_.latency).count());
    tracks_.push_back(std::make_unique<StreamTrack>(
        element_, *this, StreamTrack::Identity{place.media, place.index, group_, latency}));
    return *tracks_.back();
}

/// Also where a camera goes on under a new SSRC: the pad is taken over from the old one.
void StreamPads::add(GstPad* source) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const Place place = placeOf(source);
        if (place.media.empty())
            return;
        if (first_ == Clock::time_point())
            first_ = Clock::now();
        trackAt(place).attach(source);
    }
    exposeReady(false);
    finish();
}

/// What may be seen by now, pictures first.
std::vector<StreamTrack*> StreamPads::readyTracks(bool all) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto pictures = std::count_if(tracks_.begin(), tracks_.end(), [](const auto& track) {
        return track->media() == "video";
    });
    all |= complete_ || pictures >= static_cast<std::ptrdiff_t>(described_["video"]) ||
           Clock::now() - first_ > settings_.timeout;
    std::vector<StreamTrack*> ready;
    for (const char* media : {"video", "audio", "application"})
        for (const auto& track : tracks_)
            if (track->media() == media && !track->exposed() && (all || track->media() == "video"))
                ready.push_back(track.get());
    return ready;
}

/// The application hears of a pad at once.
void StreamPads::exposeReady(bool all) {
    const std::lock_guard<std::mutex> oneAtATime(exposing_);
    for (StreamTrack* track : readyTracks(all))
        track->expose();
}

void StreamPads::complete() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        announced_ = true;
    }
    finish();
}

/// rtspsrc can announce the end of its pads in one thread while another is bringing the last.
void StreamPads::finish() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const bool whole =
            tracks_.size() >= places_.size() || Clock::now() - first_ > settings_.timeout;
        if (complete_ || !announced_ || !whole)
            return;
        complete_ = true;
        completed_ = Clock::now();
    }
    exposeReady(true);
    gst_element_no_more_pads(element_);
}

void StreamPads::remove(GstPad* source) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& track : tracks_)
        if (track->isAttachedTo(source))
            track->detach();
}

void StreamPads::arrived(StreamTrack& track) {
    bool begins = false, pending = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        pending = announced_ && !complete_;
        begins = !flowing_ && (track.media() == "video" || described_["video"] == 0);
        flowing_ |= begins;
    }
    if (begins)
        hooks_.flowing();
    if (!track.exposed())
        exposeReady(false);
    if (pending)
        finish();
}

GstFlowReturn StreamPads::judge(StreamTrack& track, GstFlowReturn result) {
    bool report = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        linked_ |= result != GST_FLOW_NOT_LINKED;
        if (ended_)
            return GST_FLOW_EOS;
        if (result == GST_FLOW_NOT_LINKED) {
            if (linked_ || !complete_ || Clock::now() - completed_ < settings_.timeout)
                return GST_FLOW_OK;
            report = !reported_;
            reported_ = true;
        }
    }
    if (report)
        hooks_.unused(description());
    if (result == GST_FLOW_NOT_NEGOTIATED)
        hooks_.refused(track.name(), track.encoding());
    return result;
}

/// The end of sound alone is a silence like any other. Where downstream has had enough, rtspsrc
/// ends everything.
void StreamPads::ended(StreamTrack& track) {
    bool enough = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (const auto& each : tracks_)
            enough |= each->finished();
    }
    if (enough)
        hooks_.enough();
    else if (track.media() == "video" || count("video").packets == 0)
        hooks_.ended();
}

void StreamPads::refused(StreamTrack& track, const GstCaps* caps) {
    hooks_.refused(track.name(), textOf(caps, "encoding-name"));
}

std::string StreamPads::silent(Clock::time_point since) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& track : tracks_) {
        const bool audio = track->media() == "audio";
        if (!track->silent(since, settings_.timeout * (audio ? audioPatience_ : 1)))
            continue;
        if (audio)
            audioPatience_ = std::min(audioPatience_ * 2, longestAudioPatience);
        return track->name();
    }
    return {};
}

std::string StreamPads::description() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string text;
    for (const auto& track : tracks_)
        text += (text.empty() ? "" : ", ") + track->name() + " (" + track->encoding() + ")";
    return text;
}

PadCount StreamPads::count(const std::string& media) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    PadCount sum;
    for (const auto& track : tracks_) {
        const PadCount count = track->media() == media ? track->count() : PadCount();
        sum.packets += count.packets;
        sum.bytes += count.bytes;
    }
    return sum;
}

void StreamPads::addFacts(GstStructure* stats) const {
    GValue all = G_VALUE_INIT, one = G_VALUE_INIT;
    gst_value_array_init(&all, 0);
    g_value_init(&one, GST_TYPE_STRUCTURE);
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& track : tracks_) {
        g_value_take_boxed(&one, track->facts());
        gst_value_array_append_value(&all, &one);
    }
    g_value_unset(&one);
    gst_structure_take_value(stats, "tracks", &all);
}

} // namespace onvif
