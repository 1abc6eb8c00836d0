#pragma once

#include "web/gstoutlet.hpp"
#include "web/gstpeer.hpp"
#include "web/session.hpp"
#include "web/standstill.hpp"
#include "web/whipsettings.hpp"

#include <gst/app/gstappsink.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace web {

/// One who publishes: what comes flows into the outlets, as frames.
class Publisher : public Peer {
public:
    struct Wishes : Peer::Wishes {
        std::function<void()> opened;        ///< once: feed() may be called
        std::function<void()> needsKeyFrame; ///< packets come, and no picture
    };

    Publisher(std::shared_ptr<net::EventLoop> loop, const WhipSettings& settings, std::string id,
              Offer offer, std::vector<Served> taken, std::vector<Codec> codecs);
    ~Publisher() override;

    void begin(GstElement* model, Wishes wishes);
    /// Where what comes goes to, from now on.
    void feed(std::vector<std::shared_ptr<Outlet>> outlets);
    void askForKeyFrame();

    const std::vector<Served>& taken() const { return taken_; }
    Kind kindOf(const Served& served) const { return codecs_[served.input].kind; }

private:
    /// What webrtcbin's threads share with the loop's: outlives both.
    struct Inlet {
        std::mutex mutex;
        std::vector<std::shared_ptr<Outlet>> outlets;     ///< nothing until the peer is known
        std::vector<glue::Ref<GstPad>> pads;              ///< of the sinks of video
        bool video = false, audio = false;                ///< there is a pad already
        std::atomic<std::uint64_t> packets{0}, frames{0}; ///< of video

        std::shared_ptr<Outlet> outlet(Kind kind);
    };
    struct Ear {
        std::shared_ptr<Inlet> inlet;
        Kind kind;
    };

    bool prepare() override;
    std::string offerToUse() const override;
    std::string answerToSend(const std::string& made) const override;
    void opened() override;
    void closing() override;

    static void onPad(GstElement* webrtc, GstPad* pad, gpointer inlet);
    static bool listen(GstElement* webrtc, GstPad* pad, const std::shared_ptr<Inlet>& inlet);
    static GstPadProbeReturn onPacket(GstPad* pad, GstPadProbeInfo* info, gpointer inlet);
    static GstFlowReturn onSample(GstAppSink* sink, gpointer ear);

    WhipSettings settings_;
    std::vector<Served> taken_;
    std::vector<Codec> codecs_; ///< by index of Served::input
    Wishes wishes_;
    std::shared_ptr<Inlet> inlet_ = std::make_shared<Inlet>();
    Standstill standstill_;
    net::Timer looking_;
};

} // namespace web
