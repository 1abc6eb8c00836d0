#pragma once

#include "web/gstdatachannel.hpp"
#include "web/gstpeer.hpp"
#include "web/gstsizes.hpp"
#include "web/health.hpp"
#include "web/playoutdelay.hpp"
#include "web/session.hpp"
#include "web/whepsettings.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// One who watches: what it is sent, in which size, and what it is told.
class Viewer : public Peer {
public:
    struct Wishes : Peer::Wishes {
        Courier* courier = nullptr; ///< for its packets
        std::function<void(Track&)> needsKeyFrame;
        /// What was found last in that track, or nothing.
        std::function<DataChannel::Text(const Track&)> newest;
    };

    /// `tracks` has those that can take turns in each of `served`.
    Viewer(std::shared_ptr<net::EventLoop> loop, const WhepSettings& settings, std::string id,
           Offer offer, std::vector<Served> served, std::vector<Sizes::Tracks> tracks);
    ~Viewer() override;

    /// `number` counts the viewers that came.
    void begin(GstElement* model, guint64 number, Wishes wishes);

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

    guint64 number() const { return number_; }
    /// The viewer's part of the "stats" property.
    GstStructure* stats() const;

private:
    bool prepare() override;
    void started() override;
    std::string offerToUse() const override;
    std::string answerToSend(const std::string& made) const override;
    void opened() override;
    void closing() override;

    bool addSource(std::size_t index);
    void watchReports();
    void prepareRepairs();
    void take(const ReportBlock& report, std::chrono::microseconds now);
    void missed(std::chrono::milliseconds age);
    void takeChannel(std::shared_ptr<GstWebRTCDataChannel> channel);
    Sizes* picture() const;
    void askForKeyFrame(const Track* track);

    WhepSettings settings_;
    guint64 number_ = 0;
    std::vector<Served> served_;
    std::vector<Sizes::Tracks> tracks_;         ///< by index of served_
    std::vector<std::unique_ptr<Sizes>> sizes_; ///< by index of served_
    Wishes wishes_;
    std::unique_ptr<DataChannel> channel_;
    net::Timer replaying_;
    std::shared_ptr<GObject> session_; ///< while open
    gulong reports_ = 0;
    ReportBlock report_;
    LossMeter lossMeter_;
    double loss_ = 0; ///< 0 to 1
    std::chrono::milliseconds roundTrip_{0};
    PlayoutDelay playoutDelay_;
    guint64 bytesBefore_ = 0, bitrate_ = 0;
};

} // namespace web
