#include "gsthouse.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"
#include "rtspserver/hangup.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace rtspserve {
namespace {

using base::Error;
using base::ErrorKind;
using glue::Object;
using namespace std::chrono_literals;

constexpr guint maxSessions = 1024;
constexpr std::size_t maxClients = 512; ///< of all streams, watching or not
/// Who has connected and not set up a stream after this is sent away: a place costs a descriptor.
constexpr auto undecided = 30s;
constexpr const char* viewer = "viewer"; ///< the role of everybody who is let in

std::mutex housesMutex;
std::map<std::pair<std::string, unsigned>, std::weak_ptr<House>> houses;

/// Only ever compared with another of this process: the password itself is not kept here.
std::string digestOf(const ServeSettings& settings) {
    if (settings.userId.empty())
        return {};
    const std::string both = settings.userId + '\0' + settings.userPw;
    const glue::Ref<char> digest(g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(both.data()), both.size()));
    return digest.get();
}

} // namespace

House::Lease::~Lease() {
    house_->loop_.call([this] { house_->remove(path_); });
}

unsigned House::Lease::clients() const {
    return house_->loop_.call([this] {
        const auto found = house_->tenants_.find(path_);
        return found == house_->tenants_.end() ? 0u : house_->clientsOf(&found->second);
    });
}

std::shared_ptr<House> House::at(const ServeSettings& settings) {
    const std::lock_guard<std::mutex> lock(housesMutex);
    const auto key = [&](unsigned port) { return std::make_pair(settings.address, port); };
    if (settings.port)
        if (auto there = houses[key(settings.port)].lock()) {
            if (there->credentials_ != digestOf(settings))
                throw Error(ErrorKind::Settings,
                            "Sinks that share one RTSP port must name the same user-id and "
                            "user-pw: give this one the other's, or another port.");
            return there;
        }
    const std::shared_ptr<House> made(new House(settings));
    houses[key(made->port_)] = made;
    return made;
}

std::unique_ptr<House::Lease> House::rent(const ServeSettings& settings, Tenant tenant) {
    auto house = at(settings);
    std::string path = tenant.path;
    house->loop_.call([&] { house->add(std::move(tenant)); });
    return std::make_unique<Lease>(std::move(house), std::move(path));
}

House::House(const ServeSettings& settings)
    : credentials_(digestOf(settings)), loop_("rtsp-server"), server_(gst_rtsp_server_new()),
      guests_(loop_, server_.get()) {
    gst_rtsp_server_set_address(server_.get(), settings.address.c_str());
    gst_rtsp_server_set_service(server_.get(), std::to_string(settings.port).c_str());
    // All clients in this one thread: with several, who asks for a stream in the moment when its
    // last client leaves gets the stream that is being taken down, and 503.
    const Object<GstRTSPThreadPool> threads(gst_rtsp_thread_pool_new());
    gst_rtsp_thread_pool_set_max_threads(threads.get(), 0);
    gst_rtsp_server_set_thread_pool(server_.get(), threads.get());
    const Object<GstRTSPSessionPool> sessions(gst_rtsp_server_get_session_pool(server_.get()));
    gst_rtsp_session_pool_set_max_sessions(sessions.get(), maxSessions);
    lockDoor(settings);
    g_signal_connect(server_.get(), "client-connected", G_CALLBACK(onClient), this);
    loop_.call([&] { listen(settings); });
}

House::~House() {
    loop_.call([this] {
        sweep_.cancel();
        guests_.leave();
        if (listening_) {
            g_source_destroy(listening_);
            g_source_unref(listening_);
        }
        g_signal_handlers_disconnect_by_data(server_.get(), this);
    });
    loop_.stop();
}

void House::lockDoor(const ServeSettings& settings) {
    if (settings.userId.empty())
        return;
    const Object<GstRTSPAuth> auth(gst_rtsp_auth_new());
    gst_rtsp_auth_set_realm(auth.get(), "Video Stream");
    gst_rtsp_auth_set_supported_methods(auth.get(), GST_RTSP_AUTH_DIGEST);
    GstRTSPToken* token =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, viewer, nullptr);
    gst_rtsp_auth_add_digest(auth.get(), settings.userId.c_str(), settings.userPw.c_str(), token);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server_.get(), auth.get());
}

void House::listen(const ServeSettings& settings) {
    GError* failure = nullptr;
    listening_ = gst_rtsp_server_create_source(server_.get(), nullptr, &failure);
    const glue::Ref<GError> error(failure);
    if (!listening_) {
        const std::string place = settings.address + " port " + std::to_string(settings.port);
        const bool busy = error && error->code == G_IO_ERROR_ADDRESS_IN_USE;
        throw Error(busy ? ErrorKind::Busy : ErrorKind::Settings,
                    busy ? "Another program already serves RTSP on " + place +
                               ": stop it, or choose another port (0 takes any free one)."
                         : "Cannot serve RTSP on " + place +
                               ": is the address one of this machine's?",
                    error ? error->message : "");
    }
    g_source_attach(listening_, g_main_context_get_thread_default());
    port_ = static_cast<unsigned>(gst_rtsp_server_get_bound_port(server_.get()));
    guests_.watch();
    sweep_ = loop_.every(5s, [this] {
        close([now = Clock::now()](const Client& c) {
            return !c.tenant && now - c.since > undecided;
        });
    });
}

void House::add(Tenant tenant) {
    if (tenants_.count(tenant.path))
        throw Error(ErrorKind::Settings, "Another sink serves rtsp://…" + tenant.path +
                                             " on this port already: give this one another path.");
    gst_rtsp_media_factory_add_role(
        tenant.factory.get(), viewer, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
        GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
    const Object<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server_.get()));
    gst_rtsp_mount_points_add_factory(mounts.get(), tenant.path.c_str(),
                                      GST_RTSP_MEDIA_FACTORY(g_object_ref(tenant.factory.get())));
    std::string path = tenant.path;
    tenants_.emplace(std::move(path), std::move(tenant));
}

void House::remove(const std::string& path) {
    const auto found = tenants_.find(path);
    if (found == tenants_.end())
        return;
    const Object<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server_.get()));
    gst_rtsp_mount_points_remove_factory(mounts.get(), path.c_str());
    close([tenant = &found->second](const Client& c) { return c.tenant == tenant; });
    tenants_.erase(found);
}

void House::close(const std::function<bool(const Client&)>& whom) {
    std::vector<Object<GstRTSPClient>> over;
    for (const auto& [client, facts] : clients_)
        if (whom(facts))
            over.emplace_back(static_cast<GstRTSPClient*>(g_object_ref(client)));
    for (const auto& client : over)
        rtspserver::hangUp(client.get());
}

/// "/yard" and what is below it, "/yard/stream=0".
const House::Tenant* House::tenantAt(const GstRTSPContext* context) const {
    const std::string path = context->uri && context->uri->abspath ? context->uri->abspath : "";
    for (const auto& [own, tenant] : tenants_)
        if (path.compare(0, own.size(), own) == 0 &&
            (path.size() == own.size() || path[own.size()] == '/'))
            return &tenant;
    return nullptr;
}

unsigned House::clientsOf(const Tenant* tenant) const {
    return static_cast<unsigned>(
        std::count_if(clients_.begin(), clients_.end(),
                      [&](const auto& each) { return each.second.tenant == tenant; }));
}

void House::onClient(GstRTSPServer*, GstRTSPClient* client, gpointer data) {
    auto* self = static_cast<House*>(data);
    self->clients_[client] = {};
    g_signal_connect(client, "closed", G_CALLBACK(onClosed), self);
    g_signal_connect(client, "pre-describe-request", G_CALLBACK(beforeDescribe), self);
    g_signal_connect(client, "pre-setup-request", G_CALLBACK(beforeSetup), self);
    g_signal_connect(client, "play-request", G_CALLBACK(onPlay), self);
    if (self->clients_.size() > maxClients)
        self->close([](const Client& c) { return !c.tenant; });
}

void House::onClosed(GstRTSPClient* client, gpointer self) {
    static_cast<House*>(self)->clients_.erase(client);
}

GstRTSPStatusCode House::beforeDescribe(GstRTSPClient*, GstRTSPContext* context, gpointer self) {
    const Tenant* tenant = static_cast<House*>(self)->tenantAt(context);
    return tenant && !tenant->live() ? GST_RTSP_STS_SERVICE_UNAVAILABLE : GST_RTSP_STS_OK;
}

GstRTSPStatusCode House::beforeSetup(GstRTSPClient* client, GstRTSPContext* context,
                                     gpointer data) {
    auto* self = static_cast<House*>(data);
    const Tenant* tenant = self->tenantAt(context);
    Client& facts = self->clients_[client];
    if (!tenant || facts.tenant == tenant)
        return GST_RTSP_STS_OK; // the server itself says what is not there
    if (self->clientsOf(tenant) >= tenant->maxClients)
        return GST_RTSP_STS_NOT_ENOUGH_BANDWIDTH;
    facts.tenant = tenant;
    return GST_RTSP_STS_OK;
}

void House::onPlay(GstRTSPClient*, GstRTSPContext* context, gpointer self) {
    if (const Tenant* tenant = static_cast<House*>(self)->tenantAt(context))
        tenant->played();
}

} // namespace rtspserve
