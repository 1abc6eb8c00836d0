#pragma once

#include "glue/ref.hpp"
#include "net/httpclient.hpp"
#include "support/handshake.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace support {

/// A viewer that is no browser: a second webrtcbin that asks a WHEP endpoint over real HTTP and
/// decodes what comes. One session each; everything ends with the object.
class WhepClient {
public:
    struct Options {
        std::string encoding =
            "VP9";                  ///< what the offer has for video: "VP9", "VP8", "H264", "H265"
        bool audio = false;         ///< the offer asks for sound too
        std::string sound = "OPUS"; ///< in that format: or "PCMU", "PCMA"
        bool decode = true;         ///< or else frames are counted as they come
        std::string channel;        ///< label of a data channel to make, if any
        /// Changes the offer before it is sent.
        std::function<std::string(std::string)> edit = [](std::string offer) { return offer; };
    };

    explicit WhepClient(std::string endpoint) : WhepClient(std::move(endpoint), Options()) {}
    WhepClient(std::string endpoint, Options options);
    ~WhepClient();
    WhepClient(const WhepClient&) = delete;
    WhepClient& operator=(const WhepClient&) = delete;

    /// Offers and, when the answer is 201, takes it. Returns the HTTP status.
    int join();
    /// DELETEs the session. Returns the HTTP status.
    int leave();
    /// Waits until that many more frames have been decoded.
    bool sees(int frames, std::chrono::seconds limit = std::chrono::seconds(90));
    bool hears(int buffers, std::chrono::seconds limit = std::chrono::seconds(90));
    /// The peers have agreed on keys: packets could flow, if only for a moment.
    bool waitConnected(std::chrono::seconds limit = std::chrono::seconds(90)) const;

    /// From now on loses one of `every` packets that come (0: none).
    void lose(int every) { losing_ = every; }
    /// What a browser sends when it cannot decode: a PLI.
    void askForKeyFrame();

    const net::HttpResponse& response() const { return response_; }
    std::string session() const; ///< address of the session
    int frames() const { return frames_; }
    int width() const { return width_; }
    /// Packets whose timestamp is more than a second before one that came earlier.
    int backwards() const { return backwards_; }
    /// What has come on the data channel so far.
    std::vector<std::string> messages() const;

    /// One HTTP exchange of any kind; status 0 when there is no answer.
    static net::HttpResponse ask(const std::string& method, const std::string& url,
                                 net::HttpHeaders headers = {}, const std::string& body = "");

private:
    static void onPad(GstElement* webrtc, GstPad* pad, gpointer self);
    static void onElement(GstBin* bin, GstBin* parent, GstElement* element, gpointer self);
    static GstPadProbeReturn onPacket(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    static void onFrame(GstElement* sink, GstBuffer* buffer, GstPad* pad, gpointer self);
    static void onSound(GstElement* sink, GstBuffer* buffer, GstPad* pad, gpointer self);
    static void onMessage(GObject* channel, const char* text, gpointer self);
    void look(const std::uint8_t* packet, std::size_t size);
    void addChannel();
    void addTransceiver(const char* media, const std::string& encoding, int rate, int payload);
    std::string makeOffer();

    std::string endpoint_;
    Options options_;
    glue::Ref<GstElement> pipeline_;
    GstElement* webrtc_;
    Handshake handshake_;
    GObject* channel_ = nullptr;
    mutable std::mutex mutex_;
    std::vector<std::string> messages_;
    net::HttpResponse response_;
    std::atomic<int> losing_{0}, backwards_{0};
    std::map<std::uint32_t, std::uint32_t> newest_; ///< by SSRC; the thread of the packets only
    std::atomic<int> frames_{0}, sounds_{0}, width_{0};
};

} // namespace support
