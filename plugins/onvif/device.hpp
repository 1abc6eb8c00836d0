#pragma once

#include "answers.hpp"
#include "location.hpp"
#include "soapclient.hpp"

#include <string>
#include <vector>

namespace onvif {

/// How RTP will be carried: a device is asked for the address that fits.
enum class StreamTransport { Udp, Multicast, Tcp, Http };

/// An ONVIF device at an address: what it is, what it offers and where. Every call is an exchange
/// with the device and may throw base::Error with a sentence for the user, SoapFault, or
/// net::Cancelled.
class Device {
public:
    Device(SoapClient& soap, const net::Url& service);

    /// Reads its clock and where its services are. Everything below needs this first.
    void open();

    DeviceInformation information();
    /// From Media2 where there is one that says something, else from Media1. Never empty.
    std::vector<Profile> profiles();
    /// Repaired by the address policy, without user info. Throws where the device has none.
    std::string streamUri(const Profile& profile, StreamTransport transport);

    /// Any operation of any service, for what has no function of its own.
    SoapReply call(const Operation& operation, bool mayLogIn = true);
    bool offers(const std::string& space) const { return services_.count(space) != 0; }
    const Services& services() const { return services_; }
    const AddressPolicy& addresses() const { return addresses_; }

private:
    void readClock();
    Services findServices();
    std::vector<Profile> profiles2();

    SoapClient& soap_;
    AddressPolicy addresses_;
    Services services_; ///< reachable addresses
};

} // namespace onvif
