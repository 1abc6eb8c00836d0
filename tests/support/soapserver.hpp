#pragma once

#include "net/eventloop.hpp"
#include "net/httpserver.hpp"
#include "support/authenticator.hpp"
#include "support/requestrecord.hpp"
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
    /// Listens. Throws base::Error when the address or port cannot be had. `ills` and `record`
    /// outlive it.
    SoapServer(const std::string& address, unsigned port, Authenticator authenticator,
               const Ills& ills, RequestRecord& record, TakeSnapshot takeSnapshot);
    ~SoapServer();
    SoapServer(const SoapServer&) = delete;
    SoapServer& operator=(const SoapServer&) = delete;

    unsigned port() const { return port_; }
    /// Begins to answer at the service's path.
    void add(Service service);
    /// Stops listening and cuts every connection, or listens again on the same port. In the loop's
    /// thread. Throws base::Error when somebody else has taken the port.
    void power(bool on);
    /// The thread that the server lives in, for others who want to live there too.
    net::EventLoop& loop() { return loop_; }

private:
    using Exchange = std::shared_ptr<net::HttpExchange>;
    struct Call;

    void handle(const Exchange& exchange);
    void handleCall(const Service& service, const Exchange& exchange);
    bool absent(const Service& service) const;
    void perform(const Service& service, const std::shared_ptr<Call>& call);
    const Service::Operation* operationOf(const Service& service, const SoapRequest& soap) const;
    void note(const Call& call, bool granted);
    void authorize(const Call& call);
    void succeed(const Call& call, const std::string& body);
    void finish(const Call& call, net::HttpReply answer);
    void reply(const Exchange& exchange, net::HttpReply answer);
    void snapshot(const std::string& token, const Exchange& exchange);
    void finishSnapshot(unsigned id, net::HttpReply answer);
    Caller callerOf(const Call& call) const;

    net::EventLoop loop_{"camera-soap"};
    net::EventLoop photographer_{"camera-snapshot"};
    std::string address_;
    Authenticator authenticator_;
    const Ills& ills_;
    RequestRecord& record_;
    TakeSnapshot takeSnapshot_;
    std::map<std::string, Service> services_;
    std::map<unsigned, Exchange> waiting_;   ///< for their snapshot
    std::map<unsigned, net::Timer> delayed_; ///< answers that the ill "slow" holds back
    unsigned nextId_ = 0;
    unsigned port_ = 0;
    std::unique_ptr<net::HttpServer> server_;
};

} // namespace camera
