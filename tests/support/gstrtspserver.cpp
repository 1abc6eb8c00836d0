#include "support/gstrtspserver.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"
#include "support/gstrtspauth.hpp"

#include <gst/rtsp-server/rtsp-onvif-server.h>

namespace camera {
namespace {

using glue::Object;
constexpr guint maxSessions = 128;

RtspDoor doorOf(const RtspSettings& settings) {
    RtspDoor door;
    if (!settings.user.empty())
        door.digest.emplace(net::Credentials{settings.user, settings.password}, "Virtual camera");
    door.algorithms = [ills = settings.ills, usual = settings.algorithms] {
        return ills->has("rtsp-sha256") ? RtspDigest::Algorithms::Sha256 : usual;
    };
    door.certificate = settings.certificate;
    return door;
}

} // namespace

RtspServer::RtspServer(const RtspSettings& settings, const std::vector<RtspStream>& streams,
                       Loudspeaker& loudspeaker)
    : loop_("camera-rtsp"), server_(gst_rtsp_onvif_server_new()),
      mounts_(server_.get(), settings, streams, loudspeaker),
      viewers_(loop_, server_.get(), settings, mounts_) {
    configure(settings);
    loop_.call([&] { listen(settings); });
}

RtspServer::~RtspServer() {
    viewers_.hurry();
    loop_.call([this] { close(); });
    loop_.stop();
}

unsigned RtspServer::port() const {
    return static_cast<unsigned>(gst_rtsp_server_get_bound_port(server_.get()));
}

void RtspServer::requestKeyFrame(const std::string& token) { mounts_.requestKeyFrame(token); }

void RtspServer::configure(const RtspSettings& settings) {
    gst_rtsp_server_set_address(server_.get(), settings.address.c_str());
    gst_rtsp_server_set_service(server_.get(), std::to_string(settings.port).c_str());
    // All clients in this one thread: with several, who asks for a stream in the moment when its
    // last viewer leaves gets the stream that is being taken down, and 503.
    const Object<GstRTSPThreadPool> threads(gst_rtsp_thread_pool_new());
    gst_rtsp_thread_pool_set_max_threads(threads.get(), 0);
    gst_rtsp_server_set_thread_pool(server_.get(), threads.get());
    const Object<GstRTSPSessionPool> sessions(gst_rtsp_server_get_session_pool(server_.get()));
    gst_rtsp_session_pool_set_max_sessions(sessions.get(), maxSessions);
    const Object<GstRTSPAuth> auth(newRtspAuth(doorOf(settings)));
    gst_rtsp_server_set_auth(server_.get(), auth.get());
}

void RtspServer::listen(const RtspSettings& settings) {
    GError* failure = nullptr;
    listening_ = gst_rtsp_server_create_source(server_.get(), nullptr, &failure);
    const glue::Ref<GError> error(failure);
    if (!listening_) {
        const std::string place = settings.address + " port " + std::to_string(settings.port);
        const bool busy = error && error->code == G_IO_ERROR_ADDRESS_IN_USE;
        throw base::Error(busy ? base::ErrorKind::Busy : base::ErrorKind::Settings,
                          busy ? "Another program already serves RTSP on " + place +
                                     ": stop it, or choose another port (0 takes any free one)."
                               : "Cannot serve RTSP on " + place +
                                     ": is the address one of this machine's?",
                          error ? error->message : "");
    }
    g_source_attach(listening_, g_main_context_get_thread_default());
    viewers_.watch();
}

void RtspServer::close() {
    viewers_.leave();
    if (listening_) {
        g_source_destroy(listening_);
        g_source_unref(listening_);
    }
}

} // namespace camera
