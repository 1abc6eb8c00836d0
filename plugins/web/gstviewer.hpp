#pragma once

#include "net/eventloop.hpp"
#include "web/endpoint.hpp"
#include "web/gstdatachannel.hpp"
#include "web/gstsizes.hpp"
#include "web/gstwebrtcbin.hpp"
#include "web/health.hpp"
#include "web/playoutdelay.hpp"
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
        Courier* courier = nullptr;                       ///< for its packets
        std::function<void(Track&)> needsKeyFrame;
        /// What was found last in that track, or nothing.
        std::function<DataChannel::Text(const Track&)> newest;
    };

    /// `tracks` has those that can take turns in each of `served`.
    Viewer(std::shared_ptr<net::EventLoop> loop, const WhepSettings& settings, std::string id,
           Offer offer, std::vector<Served> served, std::vector<Sizes::Tracks> tracks);
    ~Viewer();

    /// `model` lends its clock and base time: the sink that is being watched. `number` counts the
    /// viewers that came.
    void begin(GstElement* model, guint64 number, Wishes wishes);
    /// False when the fragment is of another ICE generation.
    bool trickle(const Trickle& fragment);
    /// Ends it all and waits for the threads: 2-25 ms, 70 at most.
    void close();

    /// What was found in a frame of `track`, for who watches it and has a channel for it.
    void tell(const Track& track, const DataChannel::Text& text);
    /// The sizes of the picture, to be chosen from; null when there is one only.
    Sizes* sizes();
    /// Counts what was sent. Once a second.
    void look();
    double loss() const { return loss_; }        ///< in the last second or two, 0 to 1
    guint64 bitrate() const { return bitrate_; } ///< bits sent in the last second
    /// All but what the audience knows.
    Health health() const;

    /// Connected once, and not a packet from it for longer than `limit`.
    bool isSilent(std::chrono::seconds limit) const;
    const std::string& id() const { return id_; }
    guint64 number() const { return number_; }
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
    void watchReports();
    void take(const ReportBlock& report, std::chrono::microseconds now);
    void takeChannel(std::shared_ptr<GstWebRTCDataChannel> channel);
    Sizes* picture() const;
    void askForKeyFrame(const Track* track);
    void fail(const std::string& why);

    std::shared_ptr<net::EventLoop> loop_;
    WhepSettings settings_;
    std::string id_;
    guint64 number_ = 0;
    Offer offer_;
    std::vector<Served> served_;
    std::vector<Sizes::Tracks> tracks_;         ///< by index of served_
    std::vector<std::unique_ptr<Sizes>> sizes_; ///< by index of served_
    Wishes wishes_;
    glue::Ref<GstElement> pipeline_;
    GstElement* webrtc_ = nullptr; ///< the pipeline's
    std::vector<gulong> handlers_;
    std::unique_ptr<DataChannel> channel_;
    net::Timer gathering_, connecting_, replaying_;
    std::shared_ptr<Stamp> heard_ = std::make_shared<Stamp>(0); ///< last packet from the viewer
    Clock::time_point born_ = Clock::now();
    std::shared_ptr<GObject> session_; ///< while open
    gulong reports_ = 0;
    ReportBlock report_;
    LossMeter lossMeter_;
    double loss_ = 0; ///< 0 to 1
    std::chrono::milliseconds roundTrip_{0};
    PlayoutDelay playoutDelay_;
    guint64 bytesBefore_ = 0, bitrate_ = 0;
    unsigned trickled_ = 0;
    bool answered_ = false;
    bool localSet_ = false;
    bool open_ = false;
    bool closed_ = false;
};

} // namespace web
