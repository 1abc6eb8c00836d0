#include "web/gstviewer.hpp"

#include "base/error.hpp"
#include "web/advertised.hpp"

#include <gst/video/video.h>

#include <algorithm>

GST_DEBUG_CATEGORY_EXTERN(whepsink_debug);
#define GST_CAT_DEFAULT whepsink_debug

namespace web {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

/// How long an encoder that was asked for a key frame has, before the cached one is played.
constexpr auto keyFrameTime = 300ms;

/// What comes back from webrtcbin to a feed.
struct Upstream {
    std::function<void()> needsKeyFrame;
    std::function<void(std::chrono::milliseconds)> missed; ///< a newcomer a packet, that old
    std::weak_ptr<Feed> feed;                              ///< which has the pad
};

void resend(const Upstream& upstream, const GstStructure* request) {
    guint ssrc = 0, sequence = 0;
    const auto feed = upstream.feed.lock();
    if (feed && gst_structure_get_uint(request, "ssrc", &ssrc) && ssrc == feed->rewrite.ssrc &&
        gst_structure_get_uint(request, "seqnum", &sequence))
        if (const auto age = feed->resend(static_cast<std::uint16_t>(sequence)))
            upstream.missed(*age);
}

GstPadProbeReturn onUpstream(GstPad*, GstPadProbeInfo* info, gpointer data) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    const auto& upstream = *static_cast<Upstream*>(data);
    if (gst_video_event_is_force_key_unit(event))
        upstream.needsKeyFrame();
    else if (gst_event_has_name(event, "GstRTPRetransmissionRequest"))
        resend(upstream, gst_event_get_structure(event));
    else
        return GST_PAD_PROBE_OK;
    return GST_PAD_PROBE_DROP;
}

} // namespace

Viewer::Viewer(std::shared_ptr<net::EventLoop> loop, const WhepSettings& settings, std::string id,
               Offer offer, std::vector<Served> served, std::vector<Sizes::Tracks> tracks)
    : Peer(std::move(loop), {std::move(id), std::move(offer), settings}, whepsink_debug, "viewer"),
      settings_(settings), served_(std::move(served)), tracks_(std::move(tracks)),
      playoutDelay_(std::chrono::milliseconds(settings.playoutDelay),
                    std::chrono::milliseconds(settings.maxPlayoutDelay)) {}

Viewer::~Viewer() { close(); }

void Viewer::begin(GstElement* model, guint64 number, Wishes wishes) {
    number_ = number;
    wishes_ = wishes;
    Peer::begin(model, std::move(wishes));
}

bool Viewer::prepare() {
    keep(watchDataChannels(webrtc(), later([this](const auto& channel) { takeChannel(channel); })));
    for (std::size_t i = 0; i < served_.size(); i++)
        if (!addSource(i))
            return false;
    return true;
}

void Viewer::started() {
    for (const auto& sizes : sizes_)
        sizes->announce();
}

std::string Viewer::offerToUse() const { return offerToAnswer(offer(), served_); }

std::string Viewer::answerToSend(const std::string& made) const {
    if (!sendsEverything(made, served_.size()))
        throw base::Error(base::ErrorKind::Failed, "webrtcbin refused the codec", made);
    return finishAnswer(offer(), served_, made, readAddresses(settings_.advertiseAddress));
}

bool Viewer::addSource(std::size_t index) {
    const Served& served = served_[index];
    const auto codec = tracks_[index].front()->codec();
    auto feed = codec
                    ? makeFeed(pipeline(), *wishes_.courier, served, *codec, settings_.playoutDelay)
                    : nullptr;
    if (!feed)
        return false;
    // The track may be gone by then.
    feed->starved = [ask = later([this](const Track* track) { askForKeyFrame(track); })](
                        const Track& track) { ask(&track); };
    const std::string name = "sink_" + std::to_string(index);
    GstPadTemplate* pads =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(webrtc()), "sink_%u");
    const Ref<GstPad> pad(gst_element_request_pad(webrtc(), pads, name.c_str(), feed->caps.get()));
    if (!pad)
        return false;
    configureTransceiver(pad.get(), served, *codec, feed->rewrite.ssrc);
    GstPad* out = feed->source.get();
    const auto asked = later([this, index] {
        if (isOpen())
            sizes_[index]->askForKeyFrame();
    });
    const auto missed = later([this, index](std::chrono::milliseconds age) {
        if (isOpen() && sizes_[index].get() == picture())
            this->missed(age);
    });
    gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onUpstream,
                      new Upstream{asked, missed, feed},
                      [](gpointer data) { delete static_cast<Upstream*>(data); });
    sizes_.push_back(std::make_unique<Sizes>(tracks_[index], feed, [this](Track& track) {
        if (wishes_.needsKeyFrame)
            wishes_.needsKeyFrame(track);
    }));
    return gst_pad_link(out, pad.get()) == GST_PAD_LINK_OK;
}

void Viewer::askForKeyFrame(const Track* track) {
    for (const auto& sizes : sizes_)
        if (sizes->has(*track))
            sizes->askForKeyFrame();
}

// --- life --------------------------------------------------------------------------------------

void Viewer::opened() {
    // The transport was added after the pipeline had begun to play; without a latency rtpsession
    // cannot say when a packet was sent, and sound and picture drift apart.
    gst_bin_recalculate_latency(GST_BIN(pipeline()));
    watchReports();
    for (const auto& sizes : sizes_)
        leaveOutErrorCorrection(webrtc(), sizes->feed().source.get());
    prepareRepairs();
    for (const auto& sizes : sizes_)
        sizes->open();
    replaying_ = loop().after(keyFrameTime, [this] {
        for (const auto& sizes : sizes_)
            sizes->replayIfWaiting();
    });
}

void Viewer::prepareRepairs() {
    const std::string answer = localDescription(webrtc());
    const auto wanted = [](const auto& sizes) { return sizes->feed().repair.payloadType >= 0; };
    const bool ours =
        std::any_of(sizes_.begin(), sizes_.end(), wanted) && leaveOutRetransmission(webrtc());
    for (const auto& sizes : sizes_) {
        Feed& feed = sizes->feed();
        feed.repair.ssrc = repairOf(answer, feed.rewrite.ssrc);
        if (!ours || feed.repair.ssrc == 0)
            feed.repair.payloadType = -1;
    }
}

void Viewer::takeChannel(std::shared_ptr<GstWebRTCDataChannel> channel) {
    // Each channel costs a queue and, in 1.22, elements that stay until the session ends.
    if (channel_ || DataChannel::labelOf(channel.get()) != "detections")
        return fail("it opened another data channel than the one for detections");
    const auto changed = later([this] {
        if (channel_)
            channel_->resume();
    });
    channel_ = std::make_unique<DataChannel>(std::move(channel), changed);
    const Sizes* picture = this->picture();
    if (const auto newest = picture ? wishes_.newest(*picture->shown()) : nullptr)
        channel_->send(newest);
}

/// What this viewer sees.
Sizes* Viewer::picture() const {
    for (std::size_t i = 0; i < sizes_.size(); i++)
        if (offer().medias[served_[i].media].kind == Kind::Video)
            return sizes_[i].get();
    return nullptr;
}

Sizes* Viewer::sizes() {
    Sizes* picture = this->picture();
    return picture && picture->isChoice() ? picture : nullptr;
}

void Viewer::tell(const Track& track, const DataChannel::Text& text) {
    const Sizes* picture = isOpen() && channel_ ? this->picture() : nullptr;
    if (!picture || picture->isShifted() || !picture->has(track))
        return;
    // A size in which nothing is ever looked for has the timestamps of the others.
    const Track* shown = picture->shown();
    if (shown == &track || !wishes_.newest(*shown))
        channel_->send(text);
}

void Viewer::closing() {
    replaying_ = {};
    channel_.reset();
    sizes_.clear();
    if (session_)
        g_signal_handler_disconnect(session_.get(), reports_);
    session_.reset();
    wishes_ = {};
}

} // namespace web
