#include "web/gstaudience.hpp"

#include "base/error.hpp"
#include "web/advertised.hpp"
#include "web/detectionjson.hpp"
#include "web/gstwebrtcbin.hpp"
#include "web/iceserver.hpp"
#include "web/problem.hpp"

#include <algorithm>

GST_DEBUG_CATEGORY_EXTERN(whepsink_debug);
#define GST_CAT_DEFAULT whepsink_debug

namespace web {
namespace {

using namespace std::chrono_literals;

/// How long one input may lag behind the other before viewers are let in without it.
constexpr auto settlingTime = 2s;

/// Messages on their way into the loop at most: when it is that late, so are they.
constexpr unsigned passingLimit = 256;

/// Seconds from 1900, where NTP begins, to 1970.
constexpr std::chrono::seconds ntpToUnix{2208988800};

} // namespace

GstAudience::GstAudience(GstElement* sink, const WhepSettings& settings)
    : sink_(sink), settings_(settings), loop_(std::make_shared<net::EventLoop>("whepsink")) {
    settings_.path = Site::nameOf(settings.path);
    settings.check();
    readAddresses(settings.advertiseAddress);
    EndpointSettings endpoint;
    endpoint.name = settings_.path;
    endpoint.allowOrigin = settings_.access.allowOrigin;
    endpoint.links = [s = settings_] {
        return IceServer::links(s.stunServer, s.turnServer, s.turnSecret);
    };
    endpoint.links(); // throws now or never
    endpoint.viewersPerAddress = settings_.viewersPerAddress;
    endpoint.loopback = net::isLoopback(settings_.address);
    endpoint_ = std::make_unique<Endpoint>(*this, endpoint);
    try {
        lease_ = Site::rent(settings_.address, settings_.port, tenant());
    } catch (...) {
        loop_->stop();
        throw;
    }
    siteLoop_ = lease_->site().loop();
    siteLoop_->call([this, &endpoint] {
        events_ = std::make_shared<Events>(*siteLoop_,
                                           OriginPolicy{endpoint.allowOrigin, endpoint.loopback});
    });
    listeners_ = events_;
    loop_->post([this] { patrol_ = loop_->every(1s, [this] { patrol(); }); });
    loop_->post(warmUpDtls);
}

/// The page, the WHEP endpoint and the status, all in the viewers' own thread.
Site::Tenant GstAudience::tenant() {
    Site::Tenant tenant;
    tenant.stream = settings_.path;
    tenant.kind = "whep";
    tenant.loop = loop_;
    tenant.access = settings_.access;
    for (const char* word : {"", "whep", "status"})
        tenant.places[word] = [this](const Site::Exchange& exchange) {
            endpoint_->handle(exchange);
        };
    tenant.streaming["events"] = [this](const Site::Exchange& exchange) { listen(exchange); };
    tenant.status = [this] { return statusJson(); };
    tenant.metrics = [this] { return metrics(); };
    return tenant;
}

GstAudience::~GstAudience() {
    siteLoop_->call([this] { events_.reset(); });
    lease_.reset();
    loop_->call([this] {
        patrol_ = {};
        keys_.clear();
        clear();
        endpoint_.reset();
    });
    loop_->stop();
}

void GstAudience::setTracks(std::vector<std::shared_ptr<Track>> tracks) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tracks_ = std::move(tracks);
}

std::vector<std::shared_ptr<Track>> GstAudience::tracks() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tracks_;
}

void GstAudience::clear() {
    const auto leaving = std::move(viewers_);
    viewers_.clear();
    viewerCount_ = 0;
    firstReady_.reset();
    newest_.clear();
    for (const auto& [id, viewer] : leaving)
        viewer->close();
    // A track that is no more takes its request along: another may be made at the same address.
    const auto known = tracks();
    for (auto i = keys_.begin(); i != keys_.end();) {
        const bool alive = std::any_of(known.begin(), known.end(),
                                       [&](const auto& track) { return track.get() == i->first; });
        i = alive ? std::next(i) : keys_.erase(i);
    }
}

void GstAudience::dismissAll() {
    // Posted: it is called by those whose locks the viewers' end needs. The loop outlives the work.
    loop_->post([this] { clear(); });
}

void GstAudience::dismissAllNow() {
    loop_->call([this] { clear(); });
}

// --- who comes ---------------------------------------------------------------------------------

bool GstAudience::isSettled(std::size_t ready, std::size_t all) {
    if (ready == 0)
        return false;
    if (!firstReady_)
        firstReady_ = Viewer::Clock::now();
    return ready == all || Viewer::Clock::now() - *firstReady_ > settlingTime;
}

void GstAudience::join(Offer offer, std::function<void(JoinResult)> done) {
    const auto all = tracks();
    std::vector<std::shared_ptr<Track>> ready;
    std::vector<Codec> codecs;
    bool pictureSeen = false;
    for (const auto& track : all)
        if (auto codec = track->codec()) {
            const bool first = codec->kind == Kind::Video && track->role() == Track::Role::Own &&
                               !std::exchange(pictureSeen, true);
            codec->group = first || track->role() == Track::Role::Quality ? 0 : -1;
            ready.push_back(track);
            codecs.push_back(*codec);
        }
    if (!isSettled(ready.size(), all.size()))
        return done(JoinResult::refusal(
            409, "There is no picture yet: the camera or file has not sent any. Try "
                 "again in a moment."));
    if (viewers_.size() >= settings_.maxViewers)
        return done(
            JoinResult::refusal(503, "All places are taken (max-viewers). Try again later."));
    auto served = match(offer, codecs);
    const auto has = [](const auto& list, Kind kind) {
        return std::any_of(list.begin(), list.end(), [&](const auto& c) { return c.kind == kind; });
    };
    const bool pictured = std::any_of(served.begin(), served.end(), [&](const Served& s) {
        return codecs[s.input].kind == Kind::Video;
    });
    // Sound without the picture that was asked for would look like a fault.
    if (served.empty() || (has(codecs, Kind::Video) && has(offer.medias, Kind::Video) && !pictured))
        return done(JoinResult::refusal(406, "The stream is " + describe(codecs) +
                                                 ", and the offer has no format that fits."));
    std::vector<Sizes::Tracks> turns(served.size());
    for (std::size_t s = 0; s < served.size(); s++)
        for (const std::size_t input : alternatives(codecs, served[s].input))
            turns[s].push_back(ready[input]);
    admit(std::move(offer), std::move(served), std::move(turns), std::move(done));
}

void GstAudience::admit(Offer offer, std::vector<Served> served, std::vector<Sizes::Tracks> tracks,
                        std::function<void(JoinResult)> done) {
    const std::string id = newSessionId();
    auto viewer = std::make_shared<Viewer>(loop_, settings_, id, std::move(offer),
                                           std::move(served), std::move(tracks));
    viewers_[id] = viewer;
    viewerCount_ = viewers_.size();
    joined_++;
    GST_INFO_OBJECT(sink_, "viewer %.8s joins, %zu now", id.c_str(), viewers_.size());
    Viewer::Wishes wishes;
    wishes.courier = &couriers_.next();
    wishes.answered = [done = std::move(done),
                       viewer = std::weak_ptr<Viewer>(viewer)](JoinResult result) {
        const auto alive = viewer.lock();
        result.layers = alive && alive->sizes();
        done(std::move(result));
    };
    wishes.gone = [this, id](const std::string&) { remove(id); };
    wishes.needsKeyFrame = [this](Track& track) {
        for (const auto& known : this->tracks())
            if (known.get() == &track)
                askForKeyFrame(known);
    };
    wishes.newest = [this](const Track& track) {
        const auto known = newest_.find(&track);
        return known == newest_.end() ? nullptr : known->second;
    };
    viewer->begin(sink_, joined_, std::move(wishes));
}

bool GstAudience::trickle(const std::string& id, const Trickle& fragment) {
    const auto found = viewers_.find(id);
    return found != viewers_.end() && found->second->trickle(fragment);
}

void GstAudience::leave(const std::string& id) { remove(id); }

void GstAudience::remove(const std::string& id) {
    const auto found = viewers_.find(id);
    if (found == viewers_.end())
        return;
    const auto viewer = found->second;
    viewers_.erase(found);
    viewerCount_ = viewers_.size();
    viewer->close();
    GST_INFO_OBJECT(sink_, "viewer %.8s is gone, %zu left", id.c_str(), viewers_.size());
}

std::string GstAudience::layers(const std::string& id) const {
    const auto found = viewers_.find(id);
    const Sizes* sizes = found == viewers_.end() ? nullptr : found->second->sizes();
    return sizes ? sizes->json() : "";
}

bool GstAudience::chooseLayer(const std::string& id, const std::string& layer) {
    const auto found = viewers_.find(id);
    Sizes* sizes = found == viewers_.end() ? nullptr : found->second->sizes();
    return sizes && sizes->choose(layer);
}

void GstAudience::patrol() {
    for (const auto& [id, viewer] : viewers_)
        viewer->look();
    dropSilent();
    writeMetrics();
}

void GstAudience::dropSilent() {
    std::vector<std::string> silent;
    for (const auto& [id, viewer] : viewers_)
        if (viewer->isSilent(settings_.silenceTimeout))
            silent.push_back(id);
    for (const std::string& id : silent)
        remove(id);
}

void GstAudience::askForKeyFrame(const std::shared_ptr<Track>& track) {
    Keys& keys = keys_.try_emplace(track.get(), settings_.keyInterval).first->second;
    const auto wait = keys.requests.wanted(base::KeyRequests::Clock::now());
    if (!wait)
        return;
    const auto ask = [this, weak = std::weak_ptr<Track>(track)] {
        const auto alive = weak.lock();
        if (!alive)
            return;
        keys_.at(alive.get()).requests.asked(base::KeyRequests::Clock::now());
        alive->askForKeyFrame();
    };
    if (wait->count() == 0)
        ask();
    else
        keys.later = loop_->after(*wait, ask);
}

// --- what was found ----------------------------------------------------------------------------

void GstAudience::place(const base::Detections& detections, const Moment& when) {
    for (const auto& track : tracks())
        track->place(detections, when);
}

/// The camera's clock where it is known, else ours.
std::chrono::milliseconds GstAudience::timeOf(const Moment& when) const {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    if (when.ntp >= 0)
        return duration_cast<milliseconds>(std::chrono::nanoseconds(when.ntp) - ntpToUnix);
    const GstClockTime now = gst_element_get_current_running_time(sink_);
    const auto wall = duration_cast<milliseconds>(std::chrono::microseconds(g_get_real_time()));
    if (when.running < 0 || !GST_CLOCK_TIME_IS_VALID(now))
        return wall;
    return wall - duration_cast<milliseconds>(
                      std::chrono::nanoseconds(static_cast<std::int64_t>(now) - when.running));
}

void GstAudience::tell(const Track& track, const base::Detections& detections, std::uint32_t rtp,
                       const Moment& when) {
    if (passing_ >= passingLimit)
        return;
    passing_++;
    found_++;
    const auto text =
        std::make_shared<const std::string>(detectionsJson(detections, {rtp, timeOf(when)}));
    loop_->post([this, track = &track, text] {
        passing_--;
        pass(track, text);
    });
}

/// Programs hear of one picture: its timestamps are what they can compare.
bool GstAudience::isFirst(const Track* track) const {
    for (const auto& known : tracks())
        if (const auto codec = known->codec();
            codec && codec->kind == Kind::Video && known->role() == Track::Role::Own)
            return known.get() == track;
    return false;
}

void GstAudience::listen(const Site::Exchange& exchange) {
    if (!events_)
        return exchange->reply(problem(503, "The stream is only starting, or has ended."));
    events_->handle(exchange);
}

void GstAudience::pass(const Track* track, const DataChannel::Text& text) {
    newest_[track] = text;
    for (const auto& [id, viewer] : viewers_)
        viewer->tell(*track, text);
    if (isFirst(track))
        siteLoop_->post([weak = listeners_, text] {
            if (const auto events = weak.lock())
                events->publish(*text);
        });
}

} // namespace web
