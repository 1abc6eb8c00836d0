#pragma once

#include "net/httpserver.hpp"
#include "net/tlsidentity.hpp"
#include "web/access.hpp"
#include "web/auth.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace web {

/// One HTTP server for all sinks of the process that name the same address and port. What a sink
/// serves is a place: a stream's name and a word below it, "yard" and "whep" for /yard/whep and all
/// under it. Requests are routed to the longest place that fits.
///
/// Logins hold for all of it: with those of one sink all of its places are closed, except /health,
/// and stay closed until the site ends. A sink with other logins or another certificate is refused;
/// the certificate has to come with the first one.
///
/// At its root: the wall of all streams, or the only one; /streams (JSON), /metrics (Prometheus
/// text) and /health. Made by who comes first and gone with who leaves last. Its handlers run in
/// its loop's thread and must not block there: other sinks wait behind them.
class Site {
public:
    using Exchange = std::shared_ptr<net::HttpExchange>;
    using Handler = std::function<void(Exchange)>;

    /// What one sink serves, and what there is to know about it.
    struct Tenant {
        std::string stream;                       ///< "" or one word: the first part of the paths
        std::string kind;                         ///< "whep", "mjpeg", …: for the list of streams
        std::map<std::string, Handler> places;    ///< word below the stream ("" the stream's page)
        std::map<std::string, Handler> streaming; ///< more places, whose answers go on
        /// Where the handlers of `places` run: a loop of the sink's own, so that what one sink does
        /// never holds the others, or nothing for the site's. Those of `streaming` run in the
        /// site's: streams are possible only there.
        std::shared_ptr<net::EventLoop> loop;
        std::function<std::string()> status;  ///< a JSON object; any thread
        std::function<std::string()> metrics; ///< Prometheus text, whole lines; any thread
        Access access;                        ///< who may come, and how often
    };

    /// Ends the tenancy. When it is gone no handler runs and none will.
    class Lease {
    public:
        Lease(std::shared_ptr<Site> site, unsigned id, std::string stream)
            : site_(std::move(site)), id_(id), stream_(std::move(stream)) {}
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Site& site() const { return *site_; }
        /// Of the stream's folder: "http://127.0.0.1:8080/yard/".
        std::string url() const {
            return site_->origin() + (stream_.empty() ? "/" : "/" + stream_ + "/");
        }

    private:
        std::shared_ptr<Site> site_;
        unsigned id_;
        std::string stream_;
    };

    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    /// The name of a stream whose path was given as "yard" or "/yard/"; "" is at the root.
    static std::string nameOf(const std::string& path);

    /// A place at the server of that address and port, which is shared where there is one already;
    /// port 0 makes a new one. Throws base::Error: Settings for a name that cannot be one or that
    /// another sink serves, and for an Access that makes no sense or differs from the others';
    /// Busy, Settings, NotAuthorized as HttpServer does.
    static std::unique_ptr<Lease> rent(const std::string& address, unsigned port, Tenant tenant);

    unsigned port() const { return port_; }
    const std::string& address() const { return address_; }
    /// "http://127.0.0.1:8080"
    std::string origin() const;
    bool isSecure() const { return tls_ != nullptr; }
    /// SHA-256 of the certificate as browsers show it; empty without one.
    std::string fingerprint() const { return tls_ ? tls_->fingerprint() : ""; }
    /// It has logins.
    bool isProtected() const { return protected_; }
    /// Whoever is in the network may look.
    bool isOpenToAll() const { return !protected_ && !net::isLoopback(address_); }
    const std::shared_ptr<net::EventLoop>& loop() const { return loop_; }

    /// True for what may be a stream's name: 1..64 of A-Z a-z 0-9 . _ - and not a word of ours.
    static bool isName(const std::string& name);

private:
    struct Place {
        Handler handler;
        std::shared_ptr<net::EventLoop> loop;
        std::string word;
        std::string allowOrigin;
        std::shared_ptr<JoinLimit> joins;
    };

    Site(const std::string& address, unsigned port, const std::string& tlsCertificate);
    static std::shared_ptr<Site> at(const std::string& address, unsigned port,
                                    const std::string& tlsCertificate);
    unsigned add(Tenant tenant);
    void check(const Tenant& tenant) const;
    void remove(unsigned id);
    void handle(Exchange exchange);
    std::optional<net::HttpReply> refusal(const net::ServerRequest& request, const Place* place);
    void route(Exchange exchange, const Place* place);
    const Place* placeFor(const std::string& path) const;
    void front(const Exchange& exchange);
    std::set<std::string> doors() const;
    std::string streamsJson() const;
    std::string metricsText() const;

    std::string address_;
    std::string tlsCertificate_;
    std::shared_ptr<const net::TlsIdentity> tls_;
    std::shared_ptr<net::EventLoop> loop_;
    unsigned port_ = 0;
    // The loop's thread only.
    std::map<unsigned, Tenant> tenants_;
    std::map<std::string, Place> places_; ///< by path
    unsigned lastId_ = 0;
    std::string auth_; ///< as the first sink with logins gave it
    std::optional<Auth> door_;
    std::atomic<bool> protected_{false};
    std::unique_ptr<net::HttpServer> server_;
};

} // namespace web
