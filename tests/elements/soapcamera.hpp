#pragma once

#include <gst/rtsp-server/rtsp-server.h>
#include <libsoup/soup.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// The smallest thing that passes for a camera, in this process: SOAP answers that a test writes
/// down, so that it can say anything wrong, and a real RTSP stream. The virtual camera is for what
/// is right.
class SoapCamera {
public:
    struct Answer {
        int status = 200;
        std::string body = {}; ///< inside s:Body, or the whole text when `raw`
        bool raw = false;
        std::string authenticate = {}; ///< WWW-Authenticate
        bool hang = false;             ///< never answers
        std::string location = {};     ///< redirect
    };
    struct Request {
        std::string operation, path, body, contentType, authorization;
    };

    /// Over https where it gets a certificate.
    explicit SoapCamera(GTlsCertificate* certificate = nullptr);
    ~SoapCamera();
    SoapCamera(const SoapCamera&) = delete;
    SoapCamera& operator=(const SoapCamera&) = delete;

    /// Serves `launch` at /live and answers the walk to it.
    void stream(const char* launch);
    /// The same as a camera with a loudspeaker does: `ear` gets what is said into it, and has an
    /// element named depay_backchannel.
    void talk(const char* launch, const char* ear);
    /// Serves `launch` as the one recording, "R1", which counts time from 1900.
    void record(const char* launch);
    /// SETUP and PLAY as they came: "PLAY Require=onvif-replay Range=clock=… Immediate=yes".
    std::vector<std::string> rtspRequests();
    /// Hangs up on who is watching; who comes next gets `launch`.
    void hangUp(const char* launch);
    /// As a camera that loses its power and comes back: their connections are reset.
    void crash();
    void answer(const std::string& operation, Answer answer);
    /// Decides by the request; an empty body falls back to `answer`.
    std::function<Answer(const Request&, const Answer& usual)> judge;

    std::string url() const { return base_ + "/onvif/device_service"; }
    std::vector<Request> requests();
    int count(const std::string& operation);
    static std::string profile(const char* token, const char* name, const char* encoding, int width,
                               int height);
    static std::string fault(const char* subcode, const char* reason);

private:
    static void handle(SoupServer*, SoupServerMessage*, const char* path, GHashTable*,
                       gpointer self);
    static GstRTSPStatusCode onRequest(GstRTSPClient*, GstRTSPContext* context, gpointer self);
    static void onClient(GstRTSPServer*, GstRTSPClient* client, gpointer self);
    std::string serve(GstRTSPServer* server, GstRTSPMediaFactory* factory, const char* launch);
    void run();
    void inItsThread(std::function<void()> work);

    std::map<std::string, Answer> answers_;
    std::vector<Request> requests_;
    std::vector<std::string> rtspRequests_;
    std::mutex mutex_;
    std::string base_;
    GMainContext* context_;
    GMainLoop* loop_;
    SoupServer* soap_ = nullptr;
    GstRTSPServer* rtsp_ = nullptr;
    GstRTSPMediaFactory* factory_ = nullptr; ///< the server's
    guint rtspSource_ = 0;
    std::vector<SoupServerMessage*> hanging_;
    std::thread thread_;
};
