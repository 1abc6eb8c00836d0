#pragma once

#include "net/eventloop.hpp"
#include "web/endpoint.hpp"
#include "web/gstdatachannel.hpp"
#include "web/gsttrack.hpp"
#include "web/gstwebrtcbin.hpp"
#include "web/session.hpp"
#include "web/whepsettings.hpp"

#include <gst/webrtc/webrtc.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// One browser: a stock webrtcbin in a pipeline of its own, so that nothing that goes wrong in it
/// reaches the one that encodes. Lives in the loop's thread; webrtcbin's many threads only post
/// there.
///
/// begin() -> set-remote-description -> create-answer -> set-local-description -> candidates
/// gathered (at most 400 ms) -> `answered` -> connected, certificate checked -> packets flow ->
/// `gone`.
class Viewer : public std::enable_shared_from_this<Viewer> {
public:
    using Clock = std::chrono::steady_clock;

    struct Wishes {
        std::function<void(JoinResult)> answered;         ///< once
        std::function<void(const std::string& why)> gone; ///< once, after `answered`
        std::function<void(Track&)> needsKeyFrame;
        /// What was found last in that track, or nothing.
        std::function<DataChannel::Text(const Track&)> newest;
    };

    Viewer(std::shared_ptr<net::EventLoop> loop, const WhepSettings& settings, std::string id,
           Offer offer, std::vector<Served> served, std::vector<std::shared_ptr<Track>> tracks);
    ~Viewer();

    /// `model` lends its clock and base time: the sink that is being watched.
    void begin(GstElement* model, Wishes wishes);
    /// False when the fragment is of another ICE generation.
    bool trickle(const Trickle& fragment);
    /// Ends it all and waits for the threads: 2-25 ms, 70 at most.
    void close();

    /// What was found in a frame of `track`, for who watches it and has a channel for it.
    void tell(const Track& track, const DataChannel::Text& text);

    /// Connected once, and not a packet from it for longer than `limit`.
    bool isSilent(std::chrono::seconds limit) const;
    const std::string& id() const { return id_; }
    /// The viewer's part of the "stats" property.
    GstStructure* stats() const;

private:
    using Step = void (Viewer::*)(const GstStructure* reply);

    bool build(GstElement* model);
    bool addSource(std::size_t index);
    void connectSignals();
    GstPromise* promise(Step step);
    void post(std::function<void(Viewer&)> work);
    void onRemoteSet(const GstStructure* reply);
    void onAnswer(const GstStructure* reply);
    void onLocalSet(const GstStructure* reply);
    void onState();
    void sendAnswer();
    void open();
    void takeChannel(std::shared_ptr<GstWebRTCDataChannel> channel);
    const Track* picture() const;
    void fail(const std::string& why);

    std::shared_ptr<net::EventLoop> loop_;
    WhepSettings settings_;
    std::string id_;
    Offer offer_;
    std::vector<Served> served_;
    std::vector<std::shared_ptr<Track>> tracks_; ///< by index of Served::input
    std::vector<std::shared_ptr<Feed>> feeds_;   ///< by index of served_
    Wishes wishes_;
    glue::Ref<GstElement> pipeline_;
    GstElement* webrtc_ = nullptr; ///< the pipeline's
    std::vector<gulong> handlers_;
    std::unique_ptr<DataChannel> channel_;
    net::Timer gathering_, connecting_, replaying_;
    std::shared_ptr<Stamp> heard_ = std::make_shared<Stamp>(0); ///< last packet from the viewer
    Clock::time_point born_ = Clock::now();
    unsigned trickled_ = 0;
    bool answered_ = false;
    bool localSet_ = false;
    bool open_ = false;
    bool closed_ = false;
};

} // namespace web
