#pragma once

#include "device.hpp"
#include "net/cancel.hpp"
#include "net/httpclient.hpp"
#include "webclient.hpp"

#include <chrono>
#include <string>

namespace onvif {

struct ConnectionSettings {
    net::Credentials credentials;
    std::chrono::milliseconds timeout{5000}; ///< for one exchange, unless the operation has its own
    unsigned tlsFlags = 0x7f;                ///< GTlsCertificateFlags that must not occur: all
};

/// Everything one thread needs to talk to a device. Threads share nothing: each has a connection of
/// its own, made in the thread (a second one takes `Whereabouts` from the first and asks nothing
/// twice), and `cancel`, which has to outlive it, ends whatever it waits for from any thread.
class Connection {
public:
    /// To a device to be opened: `device().open()` comes first.
    Connection(const net::Url& service, const ConnectionSettings& settings,
               const net::Cancel& cancel, const Trace& trace = {});
    /// To one that was opened before.
    Connection(const Whereabouts& known, const ConnectionSettings& settings,
               const net::Cancel& cancel, const Trace& trace = {});
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Device& device() { return device_; }
    SoapClient& soap() { return soap_; }

    /// GET of an address that the device gave, on the host that was reached, logged in by HTTP
    /// Digest where it wants that. `what` stands in errors: "the snapshot". At most 32 MiB.
    net::HttpResponse fetch(const std::string& uri, const std::string& what);

private:
    Exchange exchange();

    net::HttpClient http_;
    const net::Cancel& cancel_;
    SoapClient soap_;
    WebClient web_;
    Device device_;
};

} // namespace onvif
