#pragma once

#include "base/keyrequests.hpp"
#include "net/eventloop.hpp"
#include "web/endpoint.hpp"
#include "web/events.hpp"
#include "web/gstcourier.hpp"
#include "web/gsttrack.hpp"
#include "web/gstviewer.hpp"
#include "web/site.hpp"
#include "web/whepsettings.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace web {

/// What one whepsink serves at its site, its viewers, and the one thread in which they live.
class GstAudience : public Audience {
public:
    /// Serves from here on; throws base::Error when it cannot.
    GstAudience(GstElement* sink, const WhepSettings& settings);
    /// Sends everybody home and waits for the thread.
    ~GstAudience() override;

    std::string url() const { return lease_->url(); }
    const Site& site() const { return lease_->site(); }
    unsigned port() const { return lease_->site().port(); }

    /// From any thread.
    void setTracks(std::vector<std::shared_ptr<Track>> tracks);
    /// The streams are over or have become others: all viewers are sent away; their pages come
    /// back.
    void dismissAll();
    /// The same, and waits until it is done.
    void dismissAllNow();
    GstStructure* stats();

    // From streaming threads; neither waits.
    /// Found in a stream beside the tracks: each track tells it of its own frame of that moment.
    void place(const base::Detections& detections, const Moment& when);
    /// Found in the frame of `track` with that RTP timestamp: every viewer of it and who listens to
    /// the events hears of it.
    void tell(const Track& track, const base::Detections& detections, std::uint32_t rtp,
              const Moment& when);

    // The endpoint asks, in the loop's thread.
    void join(Offer offer, std::function<void(JoinResult)> done) override;
    bool isMember(const std::string& id) const override { return viewers_.count(id) > 0; }
    bool trickle(const std::string& id, const Trickle& fragment) override;
    void leave(const std::string& id) override;
    std::string layers(const std::string& id) const override;
    bool chooseLayer(const std::string& id, const std::string& layer) override;
    std::string health(const std::string& id) const override;
    std::string statusJson() const override;

private:
    struct Keys {
        explicit Keys(std::chrono::milliseconds gap) : requests(gap) {}
        base::KeyRequests requests;
        net::Timer later;
    };

    Site::Tenant tenant();
    void clear();
    void remove(const std::string& id);
    void askForKeyFrame(const std::shared_ptr<Track>& track);
    void patrol();
    void dropSilent();
    std::string metrics() const;
    void writeMetrics();
    Track::Counters counters() const;
    std::vector<std::shared_ptr<Track>> tracks() const;
    bool isSettled(std::size_t ready, std::size_t all);
    void admit(Offer offer, std::vector<Served> served, std::vector<Sizes::Tracks> tracks,
               std::function<void(JoinResult)> done);

    void listen(const Site::Exchange& exchange);
    std::chrono::milliseconds timeOf(const Moment& when) const;
    void pass(const Track* track, const DataChannel::Text& text);
    bool isFirst(const Track* track) const;

    GstElement* sink_;
    WhepSettings settings_;
    std::shared_ptr<net::EventLoop> loop_;
    Couriers couriers_;

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Track>> tracks_;

    std::atomic<std::size_t> viewerCount_{0};

    // The loop's thread only.
    std::unique_ptr<Endpoint> endpoint_;
    std::map<std::string, std::shared_ptr<Viewer>> viewers_;
    std::map<Track*, Keys> keys_;
    net::Timer patrol_;
    std::optional<Viewer::Clock::time_point> firstReady_;
    guint64 joined_ = 0;
    std::map<const Track*, DataChannel::Text> newest_; ///< what was found last

    mutable std::mutex metricsMutex_;
    std::string metrics_; ///< as of the last patrol

    std::atomic<guint64> found_{0};    ///< messages made
    std::atomic<unsigned> passing_{0}; ///< messages on their way to the loop

    std::shared_ptr<net::EventLoop> siteLoop_;
    std::shared_ptr<Events> events_;  ///< the site's loop only
    std::weak_ptr<Events> listeners_; ///< the same, for any thread: stays as it is

    std::unique_ptr<Site::Lease> lease_; ///< last: its handlers use the rest
};

} // namespace web
