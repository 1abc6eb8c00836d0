#pragma once

#include "glue/ref.hpp"
#include "net/httpclient.hpp"
#include "support/handshake.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

namespace support {

/// A publisher that is no browser: a webrtcbin that sends a test picture, and maybe sound, to a
/// WHIP endpoint over real HTTP. One session each; everything ends with the object, without a
/// DELETE.
class WhipClient {
public:
    struct Options {
        std::string encoding = "VP8"; ///< "VP8", "VP9", "H264"
        bool audio = false;
        int width = 320;
        /// Changes the offer before it is sent.
        std::function<std::string(std::string)> edit = [](std::string offer) { return offer; };
    };

    explicit WhipClient(std::string endpoint) : WhipClient(std::move(endpoint), Options()) {}
    WhipClient(std::string endpoint, Options options);
    ~WhipClient();
    WhipClient(const WhipClient&) = delete;
    WhipClient& operator=(const WhipClient&) = delete;

    /// Offers and, when the answer is 201, takes it. Returns the HTTP status.
    int publish();
    /// DELETEs the session. Returns the HTTP status.
    int leave();
    /// The peers have agreed on keys, if only for a moment.
    bool waitConnected(std::chrono::seconds limit = std::chrono::seconds(120)) const;

    /// The next so many packets of the picture never come to its session, which so cannot send them
    /// again.
    void lose(int packets) { losing_ = packets; }
    /// The next so many packets of the picture are lost on the way; sent again, they come.
    void loseOnTheWay(int packets) { losingOnTheWay_ = packets; }
    /// Packets that were sent again.
    int repeated() const { return repeated_; }
    /// Key frames that the other side has asked for (PLI, FIR).
    int keyRequests() const { return keyRequests_; }

    const net::HttpResponse& response() const { return response_; }
    std::string session() const; ///< address of the session

private:
    std::string makeOffer();
    static GstPadProbeReturn onPacket(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    static GstPadProbeReturn onRequest(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    static GstPadProbeReturn onSent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    static void onElement(GstBin* bin, GstBin* parent, GstElement* element, gpointer self);
    bool isLost(GstBuffer* sent);

    std::string endpoint_;
    Options options_;
    glue::Ref<GstElement> pipeline_;
    glue::Ref<GstElement> webrtc_;
    Handshake handshake_;
    net::HttpResponse response_;
    std::atomic<int> losing_{0}, losingOnTheWay_{0}, repeated_{0}, keyRequests_{0};
};

} // namespace support
