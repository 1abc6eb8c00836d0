#pragma once

#include "glue/ref.hpp"
#include "net/eventloop.hpp"
#include "web/endpoint.hpp"
#include "web/gstwebrtcbin.hpp"
#include "web/offer.hpp"
#include "web/rtcsettings.hpp"

#include <gst/webrtc/webrtc.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// One session that began with an offer over HTTP: a stock webrtcbin in a pipeline of its own, so
/// that nothing that goes wrong in it reaches the element that it belongs to. Lives in the loop's
/// thread; webrtcbin's many threads only post there.
///
/// begin() -> set-remote-description -> create-answer -> set-local-description -> candidates
/// gathered (at most 400 ms) -> `answered` -> connected, certificate checked -> opened() -> `gone`.
class Peer : public std::enable_shared_from_this<Peer> {
public:
    using Clock = std::chrono::steady_clock;

    /// Who it is, as its offer and the user's settings have it.
    struct Terms {
        std::string id;
        Offer offer;
        RtcSettings settings;
    };
    struct Wishes {
        std::function<void(JoinResult)> answered;         ///< once
        std::function<void(const std::string& why)> gone; ///< once, after `answered`
    };

    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// False when the fragment is of another ICE generation.
    bool trickle(const Trickle& fragment);
    /// Ends it all and waits for the threads: 2-25 ms, 70 at most.
    void close();

    /// Connected once, and not a packet from it for longer than `limit`.
    bool isSilent(std::chrono::seconds limit) const;
    bool isOpen() const { return open_ && !closed_; }
    const std::string& id() const { return terms_.id; }
    std::chrono::milliseconds age() const;

protected:
    /// `kind` is what the log calls it.
    Peer(std::shared_ptr<net::EventLoop> loop, Terms terms, GstDebugCategory* log,
         const char* kind);
    /// A kind closes itself in its own destructor: what it does at the end is no more in here.
    virtual ~Peer() = default;

    /// `model` lends its clock and base time: the element that it belongs to.
    void begin(GstElement* model, Wishes wishes);
    void fail(const std::string& why);

    // Wherein kinds differ. All in the loop's thread.
    /// Between the making of webrtcbin and its start. False when an element is missing.
    virtual bool prepare() = 0;
    /// The pipeline plays.
    virtual void started() {}
    /// The offer in our own words: all that webrtcbin gets to see.
    virtual std::string offerToUse() const = 0;
    /// The answer to send, out of webrtcbin's; throws base::Error when that one is of no use.
    virtual std::string answerToSend(const std::string& made) const = 0;
    virtual void opened() = 0;
    /// The pipeline is about to stop.
    virtual void closing() = 0;

    /// `work`, to be called from any thread and with anything that can be copied: it runs in the
    /// loop, if this is not closed by then. Holds this weakly: anything stronger makes a cycle that
    /// costs a thread and ten descriptors per session, for ever.
    template <class Work>
    auto later(Work work) {
        return [loop = loop_, weak = weak_from_this(), work = std::move(work)](auto... with) {
            loop->post([weak, work, with...] {
                const auto alive = weak.lock();
                if (alive && !alive->closed_)
                    work(with...);
            });
        };
    }
    /// A handler of webrtcbin's that close() shall disconnect.
    void keep(gulong handler) { handlers_.push_back(handler); }

    net::EventLoop& loop() { return *loop_; }
    const Offer& offer() const { return terms_.offer; }
    GstElement* pipeline() const { return pipeline_.get(); }
    GstElement* webrtc() const { return webrtc_; }

private:
    using Step = void (Peer::*)(const GstStructure* reply);

    bool build(GstElement* model);
    void connectSignals();
    GstPromise* promise(Step step);
    void onRemoteSet(const GstStructure* reply);
    void onAnswer(const GstStructure* reply);
    void onLocalSet(const GstStructure* reply);
    void onState();
    void sendAnswer();
    void open();

    std::shared_ptr<net::EventLoop> loop_;
    const Terms terms_;
    GstDebugCategory* log_;
    const char* kind_;
    Wishes wishes_;
    glue::Ref<GstElement> pipeline_;
    GstElement* webrtc_ = nullptr; ///< the pipeline's
    std::vector<gulong> handlers_;
    net::Timer gathering_, connecting_;
    std::shared_ptr<Stamp> heard_ = std::make_shared<Stamp>(0); ///< last packet
    Clock::time_point born_ = Clock::now();
    unsigned trickled_ = 0;
    bool answered_ = false;
    bool localSet_ = false;
    bool open_ = false;
    bool closed_ = false;
};

} // namespace web
