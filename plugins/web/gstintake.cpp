#include "web/gstintake.hpp"

#include "base/error.hpp"
#include "web/advertised.hpp"
#include "web/gstwebrtcbin.hpp"
#include "web/iceserver.hpp"
#include "web/problem.hpp"
#include "web/whip.hpp"

#include <algorithm>

GST_DEBUG_CATEGORY_EXTERN(whiplistensrc_debug);
#define GST_CAT_DEFAULT whiplistensrc_debug

namespace web {
namespace {

using namespace std::chrono_literals;

std::string mediaTypeOf(const Codec& codec) {
    return codec.encoding == "VP8"   ? "video/x-vp8"
           : codec.encoding == "VP9" ? "video/x-vp9"
                                     : "video/x-h264";
}

} // namespace

GstIntake::GstIntake(GstElement* source, const WhipSettings& settings)
    : source_(source), settings_(settings), codecs_(receivable(settings.codecs)),
      keys_(settings.keyInterval) {
    settings_.path = Site::nameOf(settings.path);
    settings.check();
    readAddresses(settings.advertiseAddress);
    EndpointSettings endpoint;
    endpoint.name = settings_.path;
    endpoint.purpose = Purpose::Publish;
    endpoint.allowOrigin = settings_.access.allowOrigin;
    endpoint.links = [s = settings_] {
        return IceServer::links(s.stunServer, s.turnServer, s.turnSecret);
    };
    endpoint.links(); // throws now or never
    endpoint.loopback = net::isLoopback(settings_.address);
    endpoint_ = std::make_unique<Endpoint>(*this, endpoint);
    loop_ = std::make_shared<net::EventLoop>("whiplistensrc");
    try {
        lease_ = Site::rent(settings_.address, settings_.port, tenant());
    } catch (...) {
        loop_->stop();
        throw;
    }
    loop_->post(warmUpDtls);
    loop_->post([this] { patrol_ = loop_->every(1s, [this] { patrol(); }); });
}

Site::Tenant GstIntake::tenant() {
    Site::Tenant tenant;
    tenant.stream = settings_.path;
    tenant.kind = "whip";
    tenant.loop = loop_;
    tenant.access = settings_.access;
    for (const char* word : {"", "whip", "status"})
        tenant.places[word] = [this](const Site::Exchange& exchange) {
            endpoint_->handle(exchange);
        };
    tenant.status = [this] { return statusJson(); };
    tenant.metrics = [this] { return metrics(); };
    return tenant;
}

GstIntake::~GstIntake() {
    lease_.reset();
    loop_->call([this] {
        patrol_ = {};
        later_ = {};
        dismiss("the pipeline ends");
        endpoint_.reset();
    });
    loop_->stop();
}

void GstIntake::open() {
    loop_->call([this] { open_ = true; });
}

void GstIntake::close() {
    loop_->call([this] {
        open_ = false;
        dismiss("the pipeline does not play any more");
    });
}

void GstIntake::removePads() {
    std::vector<std::shared_ptr<Outlet>> gone;
    {
        const std::lock_guard lock(mutex_);
        gone.swap(outlets_);
    }
    for (const auto& outlet : gone)
        outlet->dispose();
    loop_->call([this] { ended_ = false; });
}

// --- who comes ---------------------------------------------------------------------------------

/// What flows already comes first, so that a decoder behind the pad need not change.
std::vector<Codec> GstIntake::preferred() const {
    std::vector<Codec> codecs = codecs_;
    if (const auto outlet = outletOf(Kind::Video))
        std::stable_partition(codecs.begin(), codecs.end(),
                              [flows = outlet->mediaType()](const Codec& codec) {
                                  return codec.kind == Kind::Video && mediaTypeOf(codec) == flows;
                              });
    return codecs;
}

void GstIntake::join(Offer offer, std::function<void(JoinResult)> done) {
    const auto refuse = [&](int status, const char* detail) {
        refused_++;
        done(JoinResult::refusal(status, detail));
    };
    if (ended_)
        return refuse(409, "The stream has ended with its publisher (eos-on-leave).");
    if (!open_)
        return refuse(409, "The pipeline does not play yet. Try again in a moment.");
    if (publisher_)
        return refuse(409, "Somebody else publishes here already. Stop that one first, or "
                           "publish under another path.");
    std::vector<Codec> codecs = preferred();
    std::vector<Served> taken = choose(offer, codecs);
    const auto pictured = std::any_of(taken.begin(), taken.end(), [&](const Served& served) {
        return codecs[served.input].kind == Kind::Video;
    });
    const auto offersVideo =
        std::any_of(offer.medias.begin(), offer.medias.end(), [](const OfferedMedia& media) {
            return media.kind == Kind::Video && media.usable;
        });
    if (taken.empty() || (offersVideo && !pictured)) {
        refused_++;
        return done(JoinResult::refusal(406, "Taken are " + describe(codecs) +
                                                 ", and the offer has no format that fits."));
    }
    admit(std::move(offer), std::move(taken), std::move(codecs), std::move(done));
}

void GstIntake::admit(Offer offer, std::vector<Served> taken, std::vector<Codec> codecs,
                      std::function<void(JoinResult)> done) {
    const std::string id = newSessionId();
    publisher_ = std::make_shared<Publisher>(loop_, settings_, id, std::move(offer),
                                             std::move(taken), std::move(codecs));
    joined_++;
    GST_INFO_OBJECT(source_, "publisher %.8s comes", id.c_str());
    Publisher::Wishes wishes;
    wishes.answered = std::move(done);
    wishes.opened = [this] { opened(); };
    wishes.needsKeyFrame = [this] { askForKeyFrame(); };
    wishes.gone = [this, id](const std::string& why) {
        if (isMember(id))
            dismiss(why);
    };
    const auto publisher = publisher_; // it may be gone before begin() ends
    publisher->begin(source_, std::move(wishes));
}

std::shared_ptr<Outlet> GstIntake::outletOf(Kind kind) const {
    const std::lock_guard lock(mutex_);
    for (const auto& outlet : outlets_)
        if (outlet->kind() == kind)
            return outlet;
    return nullptr;
}

void GstIntake::opened() {
    const auto publisher = publisher_; // who hears of the pads, or of it, may have it sent away
    std::vector<std::shared_ptr<Outlet>> fed;
    bool added = false;
    for (const Kind kind : {Kind::Video, Kind::Audio}) { // in an order that applications can trust
        const auto& taken = publisher->taken();
        if (std::none_of(taken.begin(), taken.end(),
                         [&](const Served& t) { return publisher->kindOf(t) == kind; }))
            continue;
        auto outlet = outletOf(kind);
        if (!outlet) {
            const bool video = kind == Kind::Video;
            outlet =
                Outlet::make(GST_BIN(source_),
                             gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(source_),
                                                                video ? "video_%u" : "audio_%u"),
                             video ? "video_0" : "audio_0", kind, settings_.latency * GST_MSECOND,
                             [this, loop = loop_] { loop->post([this] { askForKeyFrame(); }); });
            if (!outlet)
                continue;
            added = true;
            const std::lock_guard lock(mutex_);
            outlets_.push_back(outlet);
        }
        outlet->begin();
        fed.push_back(outlet);
    }
    if (added)
        gst_element_no_more_pads(source_);
    live_ = true;
    tell(true, "");
    publisher->feed(std::move(fed));
}

bool GstIntake::trickle(const std::string& id, const Trickle& fragment) {
    return isMember(id) && publisher_->trickle(fragment);
}

void GstIntake::leave(const std::string& id) {
    if (isMember(id))
        dismiss("it has left");
}

void GstIntake::dismiss(const std::string& why) {
    const auto leaving = std::exchange(publisher_, nullptr);
    if (!leaving)
        return;
    const bool wasOpen = leaving->isOpen();
    leaving->close();
    live_ = false;
    GST_INFO_OBJECT(source_, "publisher %.8s is gone: %s", leaving->id().c_str(), why.c_str());
    if (!wasOpen)
        return;
    tell(false, why);
    if (!settings_.eosOnLeave)
        return;
    ended_ = true;
    const std::lock_guard lock(mutex_);
    for (const auto& outlet : outlets_)
        outlet->end();
}

void GstIntake::patrol() {
    if (publisher_ && publisher_->isSilent(settings_.silenceTimeout))
        dismiss("nothing has come from it for a while");
}

void GstIntake::askForKeyFrame() {
    const auto wait = keys_.wanted(base::KeyRequests::Clock::now());
    if (!wait)
        return;
    const auto ask = [this] {
        keys_.asked(base::KeyRequests::Clock::now());
        if (publisher_)
            publisher_->askForKeyFrame();
    };
    if (wait->count() == 0)
        ask();
    else
        later_ = loop_->after(*wait, ask);
}

// --- what there is to know ---------------------------------------------------------------------

void GstIntake::tell(bool live, const std::string& why) const {
    GstStructure* told =
        gst_structure_new("whiplistensrc-publisher", "live", G_TYPE_BOOLEAN, live, nullptr);
    if (!why.empty())
        gst_structure_set(told, "reason", G_TYPE_STRING, why.c_str(), nullptr);
    gst_element_post_message(source_, gst_message_new_element(GST_OBJECT(source_), told));
}

Outlet::Counters GstIntake::counters() const {
    Outlet::Counters sum;
    const std::lock_guard lock(mutex_);
    for (const auto& outlet : outlets_) {
        const Outlet::Counters c = outlet->counters();
        sum.frames += outlet->kind() == Kind::Video ? c.frames : 0;
        sum.bytes += c.bytes;
        sum.keyFrames += c.keyFrames;
        sum.drops += c.drops;
    }
    return sum;
}

GstStructure* GstIntake::stats() {
    const Outlet::Counters c = counters();
    return gst_structure_new(
        "application/x-whiplistensrc-stats", "live", G_TYPE_BOOLEAN, live_.load(), "joined",
        G_TYPE_UINT64, joined_.load(), "refused", G_TYPE_UINT64, refused_.load(), "frames",
        G_TYPE_UINT64, static_cast<guint64>(c.frames), "keyframes", G_TYPE_UINT64,
        static_cast<guint64>(c.keyFrames), "bytes", G_TYPE_UINT64, static_cast<guint64>(c.bytes),
        "drops", G_TYPE_UINT64, static_cast<guint64>(c.drops), nullptr);
}

std::string GstIntake::statusJson() const {
    return std::string("{\"live\":") + (live_ ? "true" : "false") +
           ",\"publishers\":" + std::to_string(joined_) +
           ",\"frames\":" + std::to_string(counters().frames) + "}\n";
}

std::string GstIntake::metrics() const {
    const Outlet::Counters c = counters();
    std::string text;
    const auto add = [&](const char* name, guint64 value) {
        text += std::string("video_stream_whip_") + name + "{stream=" + jsonString(settings_.path) +
                "} " + std::to_string(value) + "\n";
    };
    add("live", live_ ? 1 : 0);
    add("publishers_total", joined_);
    add("refused_total", refused_);
    add("frames_total", c.frames);
    add("keyframes_total", c.keyFrames);
    add("bytes_total", c.bytes);
    add("dropped_frames_total", c.drops);
    return text;
}

} // namespace web
