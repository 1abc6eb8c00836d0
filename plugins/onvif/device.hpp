#pragma once

#include "answers.hpp"
#include "location.hpp"
#include "soapclient.hpp"

#include <string>
#include <vector>

namespace onvif {

/// What has to be known to talk to a device that was opened before: made by one thread, handed to
/// another, which then starts with the first call that it is there for.
struct Whereabouts {
    AddressPolicy addresses;
    Services services;
    bool clockKnown = false;
    std::chrono::system_clock::duration clockOffset{}; ///< device minus us
};

/// How RTP will be carried: a device is asked for the address that fits.
enum class StreamTransport { Udp, Multicast, Tcp, Http };

/// An ONVIF device at an address: what it is, what it offers and where. Every call is an exchange
/// with the device and may throw base::Error with a sentence for the user, SoapFault, or
/// net::Cancelled.
class Device {
public:
    Device(SoapClient& soap, const net::Url& service);
    /// One that was opened before.
    Device(SoapClient& soap, Whereabouts known);

    /// Reads its clock and where its services are. Everything below needs this first.
    void open();
    Whereabouts whereabouts() const {
        return {addresses_, services_, soap_.clock().known(), soap_.clock().offset()};
    }

    DeviceInformation information();
    /// From Media2 where there is one that says something, else from Media1. Never empty.
    std::vector<Profile> profiles();
    /// Repaired by the address policy, without user info. Throws where the device has none.
    std::string streamUri(const Profile& profile, StreamTransport transport);

    /// Where a still picture is, as the device gave it: for `Connection::fetch`, which applies the
    /// address policy. It may hold a password of the device's making: not for logs.
    std::string snapshotUri(const Profile& profile);

    /// Any operation of any service, for what has no function of its own.
    SoapReply call(const Operation& operation, bool mayLogIn = true);
    /// The same at an address that the device gave for this alone (a subscription), which is gone
    /// to on the host that was reached.
    SoapReply callAt(const std::string& xaddr, const Operation& operation);
    bool offers(const std::string& space) const { return services_.count(space) != 0; }
    /// By namespace (see `wsdl`), each at an address we go to.
    const Services& services() const { return services_; }
    /// Every address that the device gives goes through this before it is used.
    const AddressPolicy& addresses() const { return addresses_; }

private:
    void readClock();
    void readRefusedClock();
    Services findServices();
    std::vector<Profile> profiles1(bool mayFail);
    std::vector<Profile> profiles2();
    std::string askStreamUri(const Profile& profile, StreamTransport transport);

    SoapClient& soap_;
    AddressPolicy addresses_;
    Services services_; ///< reachable addresses
    bool clockRefused_ = false;
};

} // namespace onvif
