#include "support/gstrtspcamera.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"
#include "net/eventloop.hpp"

#include <gst/rtsp-server/rtsp-server.h>
#include <gst/video/video.h>

#include <chrono>
#include <list>
#include <map>
#include <mutex>

namespace camera {
namespace {

using namespace std::chrono_literals;

constexpr guint maxSessions = 128;
constexpr auto keyFrameSpacing = 300ms;  ///< several who join together share one
constexpr guint closedClientLife = 1000; ///< milliseconds
constexpr const char* role = "viewer";

struct ObjectUnref {
    void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, ObjectUnref>;

/// The media of one stream, while it runs, and when it last made a key frame on request.
struct Running {
    RtspStream stream;
    GWeakRef media;
    std::chrono::steady_clock::time_point lastKeyFrame{};
};

void forceKeyFrame(GstRTSPMedia* media) {
    const glue::Ref<GstElement> bin(gst_rtsp_media_get_element(media));
    const glue::Ref<GstElement> payloader(bin ? gst_bin_get_by_name(GST_BIN(bin.get()), "pay0")
                                              : nullptr);
    if (payloader)
        gst_element_send_event(payloader.get(), gst_video_event_new_upstream_force_key_unit(
                                                    GST_CLOCK_TIME_NONE, TRUE, 0));
}

void requireDigest(GstRTSPServer* server, const RtspSettings& settings) {
    const Object<GstRTSPAuth> auth(gst_rtsp_auth_new());
    GstRTSPToken* token =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, role, nullptr);
    gst_rtsp_auth_set_supported_methods(auth.get(), GST_RTSP_AUTH_DIGEST);
    gst_rtsp_auth_add_digest(auth.get(), settings.user.c_str(), settings.password.c_str(), token);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server, auth.get());
}

/// UDP too is sent from and received on the camera's own address. Ports of other programs are
/// skipped.
void bindDatagrams(GstRTSPMediaFactory* factory, const std::string& address) {
    if (address == "0.0.0.0")
        return;
    const Object<GstRTSPAddressPool> pool(gst_rtsp_address_pool_new());
    const auto first = static_cast<guint16>(g_random_int_range(10000, 20000) * 2);
    gst_rtsp_address_pool_add_range(pool.get(), address.c_str(), address.c_str(), first,
                                    static_cast<guint16>(first + 9999), 0);
    gst_rtsp_media_factory_set_address_pool(factory, pool.get());
}

GstRTSPFilterResult removeClient(GstRTSPServer*, GstRTSPClient*, gpointer) {
    return GST_RTSP_FILTER_REMOVE;
}

GstRTSPFilterResult removeSession(GstRTSPSessionPool*, GstRTSPSession*, gpointer) {
    return GST_RTSP_FILTER_REMOVE;
}

} // namespace

class RtspCamera::Impl {
    /// A client that is kept although its connection has ended. It holds the loop's context, so
    /// nothing in that context may hold it.
    struct ClosedClient {
        ~ClosedClient() {
            g_source_destroy(release);
            g_source_unref(release);
        }
        Impl* owner = nullptr;
        Object<GstRTSPClient> client;
        GSource* release = nullptr;
    };

public:
    Impl(const RtspSettings& settings, std::vector<RtspStream> streams)
        : loop_("camera-rtsp"), server_(gst_rtsp_server_new()) {
        gst_rtsp_server_set_address(server_.get(), settings.address.c_str());
        gst_rtsp_server_set_service(server_.get(), std::to_string(settings.port).c_str());
        // All clients in this one thread: with several, who asks for a stream in the moment when
        // its last viewer leaves gets the stream that is being taken down, and 503.
        const Object<GstRTSPThreadPool> threads(gst_rtsp_thread_pool_new());
        gst_rtsp_thread_pool_set_max_threads(threads.get(), 0);
        gst_rtsp_server_set_thread_pool(server_.get(), threads.get());
        const Object<GstRTSPSessionPool> sessions(gst_rtsp_server_get_session_pool(server_.get()));
        gst_rtsp_session_pool_set_max_sessions(sessions.get(), maxSessions);
        if (!settings.user.empty())
            requireDigest(server_.get(), settings);
        g_signal_connect(server_.get(), "client-connected", G_CALLBACK(onClient), this);
        for (RtspStream& stream : streams)
            add(std::move(stream), settings);
        loop_.call([&] { listen(settings); });
    }

    ~Impl() {
        loop_.call([this] { close(); });
        loop_.stop();
        closed_.clear();
        for (auto& [token, running] : streams_)
            g_weak_ref_clear(&running->media);
    }

    void requestKeyFrame(const std::string& token) {
        const auto found = streams_.find(token);
        if (found == streams_.end())
            return;
        Running& running = *found->second;
        {
            const std::lock_guard lock(mutex_);
            const auto now = std::chrono::steady_clock::now();
            if (now - running.lastKeyFrame < keyFrameSpacing)
                return;
            running.lastKeyFrame = now;
        }
        const Object<GstRTSPMedia> media(
            static_cast<GstRTSPMedia*>(g_weak_ref_get(&running.media)));
        if (media)
            forceKeyFrame(media.get());
    }

    unsigned port() const {
        return static_cast<unsigned>(gst_rtsp_server_get_bound_port(server_.get()));
    }

private:
    void add(RtspStream stream, const RtspSettings& settings) {
        const bool guarded = !settings.user.empty();
        const Object<GstRTSPMediaFactory> factory(gst_rtsp_media_factory_new());
        bindDatagrams(factory.get(), settings.address);
        gst_rtsp_media_factory_set_launch(factory.get(), stream.launch.c_str());
        gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
        gst_rtsp_media_factory_set_stop_on_disconnect(factory.get(), TRUE);
        gst_rtsp_media_factory_set_protocols(
            factory.get(),
            static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
        gst_rtsp_media_factory_set_latency(factory.get(), 0);
        // All streams and the frame numbers count the same clock.
        const glue::Ref<GstClock> clock(gst_system_clock_obtain());
        gst_rtsp_media_factory_set_clock(factory.get(), clock.get());
        if (guarded)
            gst_rtsp_media_factory_add_role(
                factory.get(), role, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);

        const std::string token = stream.profile.token;
        auto running = std::make_unique<Running>();
        running->stream = std::move(stream);
        g_weak_ref_init(&running->media, nullptr);
        g_signal_connect(factory.get(), "media-constructed", G_CALLBACK(onMedia), running.get());
        streams_[token] = std::move(running);

        const Object<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server_.get()));
        gst_rtsp_mount_points_add_factory(mounts.get(), ("/" + token).c_str(),
                                          GST_RTSP_MEDIA_FACTORY(g_object_ref(factory.get())));
    }

    void listen(const RtspSettings& settings) {
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
        // Viewers that vanished without a word hold their session until it is looked for.
        sweep_ = loop_.every(2s, [this] {
            const Object<GstRTSPSessionPool> pool(gst_rtsp_server_get_session_pool(server_.get()));
            gst_rtsp_session_pool_cleanup(pool.get());
        });
    }

    void close() {
        sweep_.cancel();
        g_signal_handlers_disconnect_by_data(server_.get(), this);
        if (listening_) {
            g_source_destroy(listening_);
            g_source_unref(listening_);
        }
        gst_rtsp_server_client_filter(server_.get(), removeClient, nullptr);
        const Object<GstRTSPSessionPool> sessions(gst_rtsp_server_get_session_pool(server_.get()));
        gst_rtsp_session_pool_filter(sessions.get(), removeSession, nullptr);
    }

    static void onMedia(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer data) {
        auto* running = static_cast<Running*>(data);
        g_weak_ref_set(&running->media, media);
        const glue::Ref<GstElement> bin(gst_rtsp_media_get_element(media));
        if (running->stream.prepare)
            running->stream.prepare(bin.get());
    }

    static void onClient(GstRTSPServer*, GstRTSPClient* client, gpointer data) {
        g_signal_connect(client, "play-request", G_CALLBACK(onPlay), data);
        g_signal_connect(client, "new-session", G_CALLBACK(onSession), nullptr);
        g_signal_connect(client, "closed", G_CALLBACK(onClosed), data);
    }

    /// Sessions end with the connection that they came by; left alone, each counts against the most
    /// there may be until its timeout of a minute.
    static void onSession(GstRTSPClient* client, GstRTSPSession* session, gpointer) {
        g_signal_connect_object(client, "closed", G_CALLBACK(endSession), session,
                                static_cast<GConnectFlags>(0));
    }

    static void endSession(GstRTSPClient* client, GstRTSPSession* session) {
        const Object<GstRTSPSessionPool> pool(gst_rtsp_client_get_session_pool(client));
        GList* media = gst_rtsp_session_filter(session, nullptr, nullptr);
        if (!media)
            gst_rtsp_session_pool_remove(pool.get(), session);
        g_list_free_full(media, g_object_unref);
    }

    /// A streaming thread that finds a viewer gone has it closed by an idle source, and
    /// GStreamer 1.22 does not hold the client until that runs (do_send_data in rtsp-client.c): it
    /// is held here. The low priority lets such a source go first.
    static void onClosed(GstRTSPClient* client, gpointer data) {
        auto* self = static_cast<Impl*>(data);
        auto& closed = self->closed_.emplace_back(std::make_unique<ClosedClient>());
        closed->owner = self;
        closed->client.reset(static_cast<GstRTSPClient*>(g_object_ref(client)));
        closed->release = g_timeout_source_new(closedClientLife);
        g_source_set_priority(closed->release, G_PRIORITY_LOW);
        g_source_set_callback(closed->release, letGo, closed.get(), nullptr);
        g_source_attach(closed->release, g_main_context_get_thread_default());
    }

    static gboolean letGo(gpointer data) {
        auto* closed = static_cast<ClosedClient*>(data);
        closed->owner->closed_.remove_if([closed](const auto& c) { return c.get() == closed; });
        return G_SOURCE_REMOVE;
    }

    /// Whoever joins sees a picture at once instead of waiting for the next regular key frame.
    static void onPlay(GstRTSPClient*, GstRTSPContext* context, gpointer data) {
        const char* path = context->uri ? context->uri->abspath : nullptr;
        for (const auto& [token, running] : static_cast<Impl*>(data)->streams_)
            if (path && g_str_has_prefix(path, ("/" + token).c_str()))
                static_cast<Impl*>(data)->requestKeyFrame(token);
    }

    net::EventLoop loop_;
    Object<GstRTSPServer> server_;
    GSource* listening_ = nullptr;
    net::Timer sweep_;
    std::list<std::unique_ptr<ClosedClient>> closed_; ///< in the loop's thread
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Running>> streams_;
};

RtspCamera::RtspCamera(const RtspSettings& settings, std::vector<RtspStream> streams)
    : impl_(std::make_unique<Impl>(settings, std::move(streams))) {}

RtspCamera::~RtspCamera() = default;

unsigned RtspCamera::port() const { return impl_->port(); }

void RtspCamera::requestKeyFrame(const std::string& token) { impl_->requestKeyFrame(token); }

} // namespace camera
