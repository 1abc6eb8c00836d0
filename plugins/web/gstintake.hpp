#pragma once

#include "base/keyrequests.hpp"
#include "net/eventloop.hpp"
#include "web/endpoint.hpp"
#include "web/gstoutlet.hpp"
#include "web/gstpublisher.hpp"
#include "web/site.hpp"
#include "web/whipsettings.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace web {

/// What one whiplistensrc serves at its site: the page that shares a camera and the WHIP endpoint
/// (RFC 9725). Whoever is let in feeds the element's pads, one at a time, in the one thread in
/// which all of it lives. The pads appear with the first publisher and stay for the next.
class GstIntake : public Audience {
public:
    /// Serves from here on; throws base::Error when it cannot.
    GstIntake(GstElement* source, const WhipSettings& settings);
    /// Sends the publisher home and waits for the thread.
    ~GstIntake() override;

    std::string url() const { return lease_->url(); }
    unsigned port() const { return lease_->site().port(); }
    const Site& site() const { return lease_->site(); }

    /// Publishers are let in: the pipeline plays.
    void open();
    /// They are not any more; the one that is there is sent away before this returns.
    void close();
    /// The pads go. After close().
    void removePads();
    GstStructure* stats();

    // The endpoint asks, in the loop's thread.
    void join(Offer offer, std::function<void(JoinResult)> done) override;
    bool isMember(const std::string& id) const override {
        return publisher_ && publisher_->id() == id;
    }
    bool trickle(const std::string& id, const Trickle& fragment) override;
    void leave(const std::string& id) override;
    std::string statusJson() const override;

private:
    Site::Tenant tenant();
    std::vector<Codec> preferred() const;
    void admit(Offer offer, std::vector<Served> taken, std::vector<Codec> codecs,
               std::function<void(JoinResult)> done);
    void opened();
    void dismiss(const std::string& why);
    void patrol();
    void askForKeyFrame();
    std::shared_ptr<Outlet> outletOf(Kind kind) const;
    void tell(bool live, const std::string& why) const;
    Outlet::Counters counters() const;
    std::string metrics() const;

    GstElement* source_;
    WhipSettings settings_;
    const std::vector<Codec> codecs_;
    std::shared_ptr<net::EventLoop> loop_;
    std::atomic<bool> live_{false};
    std::atomic<guint64> joined_{0}, refused_{0};

    mutable std::mutex mutex_; ///< of the next
    std::vector<std::shared_ptr<Outlet>> outlets_;

    // The loop's thread only.
    std::unique_ptr<Endpoint> endpoint_;
    std::shared_ptr<Publisher> publisher_;
    base::KeyRequests keys_;
    net::Timer later_, patrol_;
    bool open_ = false;
    bool ended_ = false; ///< EOS has been sent

    std::unique_ptr<Site::Lease> lease_; ///< last: its handlers use the rest
};

} // namespace web
