#pragma once

#include "glue/object.hpp"
#include "net/eventloop.hpp"
#include "rtspserver/guests.hpp"
#include "servesettings.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace rtspserve {

/// One RTSP server for all sinks of the process that name the same address and port, in a thread of
/// its own. Made by who comes first and gone with who leaves last.
class House {
public:
    /// What one sink serves.
    struct Tenant {
        std::string path; ///< "/yard"
        glue::Object<GstRTSPMediaFactory> factory;
        std::function<bool()> live;   ///< there is something to see; in the house's thread
        std::function<void()> played; ///< somebody has begun to watch; in the house's thread
        unsigned maxClients = 0;
    };

    /// Ends the tenancy: the stream's clients are sent away. When it is gone nothing of the tenant
    /// is called.
    class Lease {
    public:
        Lease(std::shared_ptr<House> house, std::string path)
            : house_(std::move(house)), path_(std::move(path)) {}
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        unsigned port() const { return house_->port_; }
        unsigned clients() const; ///< that have set up this stream

    private:
        std::shared_ptr<House> house_;
        std::string path_;
    };

    /// Throws base::Error: Busy for a port that another program has, Settings for an impossible
    /// address, a path that another sink serves, or other credentials than the server's.
    static std::unique_ptr<Lease> rent(const ServeSettings& settings, Tenant tenant);

    ~House();
    House(const House&) = delete;
    House& operator=(const House&) = delete;

private:
    using Clock = std::chrono::steady_clock;

    struct Client {
        Clock::time_point since = Clock::now();
        const Tenant* tenant = nullptr; ///< whose stream it has set up
    };

    explicit House(const ServeSettings& settings);
    static std::shared_ptr<House> at(const ServeSettings& settings);
    void lockDoor(const ServeSettings& settings);
    void listen(const ServeSettings& settings);
    void add(Tenant tenant);
    void remove(const std::string& path);
    const Tenant* tenantAt(const GstRTSPContext* context) const;
    unsigned clientsOf(const Tenant* tenant) const;
    void close(const std::function<bool(const Client&)>& whom);

    static void onClient(GstRTSPServer*, GstRTSPClient* client, gpointer self);
    static void onClosed(GstRTSPClient* client, gpointer self);
    static GstRTSPStatusCode beforeDescribe(GstRTSPClient*, GstRTSPContext* context, gpointer self);
    static GstRTSPStatusCode beforeSetup(GstRTSPClient* client, GstRTSPContext* context,
                                         gpointer self);
    static void onPlay(GstRTSPClient*, GstRTSPContext* context, gpointer self);

    const std::string credentials_; ///< a digest of them, to compare
    net::EventLoop loop_;
    glue::Object<GstRTSPServer> server_;
    rtspserver::Guests guests_;
    GSource* listening_ = nullptr;
    unsigned port_ = 0;
    // The loop's thread only.
    net::Timer sweep_;
    std::map<std::string, Tenant> tenants_; ///< by path
    std::map<GstRTSPClient*, Client> clients_;
};

} // namespace rtspserve
