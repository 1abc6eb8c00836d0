#pragma once

#include "net/eventloop.hpp"
#include "net/httpserver.hpp"
#include "support/authenticator.hpp"
#include "support/service.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace camera {

/// A picture of one profile as JPEG, or empty when there is no such profile. Called in a thread of
/// its own; may take its time; throws base::Error.
using TakeSnapshot = std::function<std::string(const std::string& token)>;

/// The HTTP half of the camera: SOAP services by path, and snapshots.
class SoapServer {
public:
    /// Listens. Throws base::Error when the address or port cannot be had.
    SoapServer(const std::string& address, unsigned port, Authenticator authenticator,
               TakeSnapshot takeSnapshot);
    ~SoapServer();
    SoapServer(const SoapServer&) = delete;
    SoapServer& operator=(const SoapServer&) = delete;

    unsigned port() const { return port_; }
    /// Begins to answer at the service's path.
    void add(Service service);
    /// The thread that the server lives in, for others who want to live there too.
    net::EventLoop& loop() { return loop_; }

private:
    using Exchange = std::shared_ptr<net::HttpExchange>;

    void handle(const Exchange& exchange);
    void authorize(const Proof& proof);
    SoapRequest readOrChallenge(const net::ServerRequest& request);
    void call(const Service& service, const Exchange& exchange);
    void snapshot(const std::string& token, const Exchange& exchange);
    void finishSnapshot(unsigned id, net::HttpReply reply);
    Caller callerOf(const net::ServerRequest& request) const;

    net::EventLoop loop_{"camera-soap"};
    net::EventLoop photographer_{"camera-snapshot"};
    std::string address_;
    Authenticator authenticator_;
    TakeSnapshot takeSnapshot_;
    std::map<std::string, Service> services_;
    std::map<unsigned, Exchange> waiting_; ///< for their snapshot
    unsigned nextId_ = 0;
    unsigned port_ = 0;
    std::unique_ptr<net::HttpServer> server_;
};

} // namespace camera
