#pragma once

#include "glue/ref.hpp"
#include "net/eventloop.hpp"
#include "web/endpoint.hpp"
#include "web/gstoutlet.hpp"
#include "web/session.hpp"
#include "web/whipsettings.hpp"

#include <gst/app/gstappsink.h>
#include <gst/webrtc/webrtc.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace web {

/// One who publishes: a stock webrtcbin that receives, in a pipeline of its own, so that nothing
/// that goes wrong in it reaches the one that is fed. Lives in the loop's thread; webrtcbin's many
/// threads only post there.
///
/// begin() -> set-remote-description -> create-answer -> set-local-description -> candidates
/// gathered (at most 400 ms) -> `answered` -> connected, certificate checked -> `opened` -> frames
/// flow into the outlets -> `gone`.
class Publisher : public std::enable_shared_from_this<Publisher> {
public:
    using Clock = std::chrono::steady_clock;

    struct Wishes {
        std::function<void(JoinResult)> answered;         ///< once
        std::function<void()> opened;                     ///< once: feed() may be called
        std::function<void(const std::string& why)> gone; ///< once, after `answered`
    };

    Publisher(std::shared_ptr<net::EventLoop> loop, const WhipSettings& settings, std::string id,
              Offer offer, std::vector<Served> taken, std::vector<Codec> codecs);
    ~Publisher();

    /// `model` lends its clock and base time: the element that is fed.
    void begin(GstElement* model, Wishes wishes);
    /// False when the fragment is of another ICE generation.
    bool trickle(const Trickle& fragment);
    /// Where what comes goes to, from now on.
    void feed(std::vector<std::shared_ptr<Outlet>> outlets);
    void askForKeyFrame();
    /// Ends it all and waits for the threads.
    void close();

    /// Connected once, and not a packet from it for longer than `limit`.
    bool isSilent(std::chrono::seconds limit) const;
    bool isOpen() const { return open_; }
    const std::string& id() const { return id_; }
    const std::vector<Served>& taken() const { return taken_; }
    Kind kindOf(const Served& served) const { return codecs_[served.input].kind; }
    std::chrono::milliseconds age() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - born_);
    }

private:
    /// What webrtcbin's threads share with the loop's: outlives both.
    struct Inlet {
        std::mutex mutex;
        std::vector<std::shared_ptr<Outlet>> outlets; ///< nothing until the peer is known
        std::vector<glue::Ref<GstPad>> pads;          ///< of the sinks of video
        bool video = false, audio = false;            ///< there is a pad already

        std::shared_ptr<Outlet> outlet(Kind kind);
    };
    struct Ear {
        std::shared_ptr<Inlet> inlet;
        Kind kind;
    };
    using Step = void (Publisher::*)(const GstStructure* reply);
    using Stamp = std::atomic<Clock::rep>;

    bool build(GstElement* model);
    void connectSignals();
    GstPromise* promise(Step step);
    void onRemoteSet(const GstStructure* reply);
    void onAnswer(const GstStructure* reply);
    void onLocalSet(const GstStructure* reply);
    void onState();
    void sendAnswer();
    void open();
    void fail(const std::string& why);
    static void onPad(GstElement* webrtc, GstPad* pad, gpointer inlet);
    static bool listen(GstElement* webrtc, GstPad* pad, const std::shared_ptr<Inlet>& inlet);
    static GstFlowReturn onSample(GstAppSink* sink, gpointer ear);

    std::shared_ptr<net::EventLoop> loop_;
    WhipSettings settings_;
    std::string id_;
    Offer offer_;
    std::vector<Served> taken_;
    std::vector<Codec> codecs_; ///< by index of Served::input
    Wishes wishes_;
    glue::Ref<GstElement> pipeline_;
    GstElement* webrtc_ = nullptr; ///< the pipeline's
    std::vector<gulong> handlers_;
    net::Timer gathering_, connecting_;
    std::shared_ptr<Stamp> heard_ = std::make_shared<Stamp>(0); ///< last packet
    std::shared_ptr<Inlet> inlet_ = std::make_shared<Inlet>();
    Clock::time_point born_ = Clock::now();
    unsigned trickled_ = 0;
    bool answered_ = false;
    bool localSet_ = false;
    bool open_ = false;
    bool closed_ = false;
};

} // namespace web
