#include "device.hpp"

#include <algorithm>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

bool tellsVideo(const std::vector<Profile>& profiles) {
    return std::any_of(profiles.begin(), profiles.end(),
                       [](const Profile& p) { return !p.encoding.empty(); });
}

Operation streamUri1(const Profile& profile, StreamTransport transport) {
    const char* protocol = transport == StreamTransport::Tcp    ? "RTSP"
                           : transport == StreamTransport::Http ? "HTTP"
                                                                : "UDP";
    const bool multicast = transport == StreamTransport::Multicast;
    return {wsdl::media, "GetStreamUri",
            "<StreamSetup><Stream xmlns=\"" + std::string(wsdl::schema) + "\">" +
                (multicast ? "RTP-Multicast" : "RTP-Unicast") + "</Stream><Transport xmlns=\"" +
                wsdl::schema + "\"><Protocol>" + protocol +
                "</Protocol></Transport></StreamSetup><ProfileToken>" +
                net::xmlEscape(profile.token) + "</ProfileToken>"};
}

Operation streamUri2(const Profile& profile, StreamTransport transport) {
    const char* protocol = transport == StreamTransport::Tcp         ? "RTSP"
                           : transport == StreamTransport::Http      ? "RtspOverHttp"
                           : transport == StreamTransport::Multicast ? "RtspMulticast"
                                                                     : "RtspUnicast";
    return {wsdl::media2, "GetStreamUri",
            "<Protocol>" + std::string(protocol) + "</Protocol><ProfileToken>" +
                net::xmlEscape(profile.token) + "</ProfileToken>"};
}

} // namespace

Device::Device(SoapClient& soap, const net::Url& service) : soap_(soap), addresses_(service) {
    services_[wsdl::device] = service.text();
}

Device::Device(SoapClient& soap, Whereabouts known)
    : soap_(soap), addresses_(std::move(known.addresses)), services_(std::move(known.services)) {
    if (known.clockKnown)
        soap_.clock().set(std::chrono::system_clock::now() + known.clockOffset);
}

SoapReply Device::callAt(const std::string& xaddr, const Operation& operation) {
    std::string address = addresses_.service(xaddr);
    if (address.empty())
        throw Error(ErrorKind::BadData, "The camera at " + addresses_.reached().authority() +
                                            " gave an address for " + operation.name +
                                            " that is none; report it to its maker.");
    return soap_.call(address, operation);
}

SoapReply Device::call(const Operation& operation, bool mayLogIn) {
    const auto service = services_.find(operation.space);
    if (service == services_.end())
        throw Error(ErrorKind::Unsupported,
                    "The camera at " + addresses_.reached().authority() + " has no service for " +
                        operation.name + ".",
                    operation.space);
    return soap_.call(service->second, operation, mayLogIn);
}

/// Bare only: it is open by the standard, and some devices fail it just because a token was
/// attached.
void Device::readClock() {
    clockRefused_ = false;
    try {
        const auto reply = call({wsdl::device, "GetSystemDateAndTime", ""}, false);
        if (const auto time = readDateTime(reply.response)) {
            soap_.clock().set(*time);
            return;
        }
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Unreachable || error.kind() == ErrorKind::NotFound)
            throw;
        clockRefused_ = error.kind() == ErrorKind::NotAuthorized;
    }
    if (soap_.serverDate())
        soap_.clock().set(*soap_.serverDate());
}

/// Once we are let in anyway, so that it costs no login that may be refused.
void Device::readRefusedClock() {
    if (!clockRefused_ || soap_.authentication() == Authentication::None)
        return;
    try {
        const auto reply = call({wsdl::device, "GetSystemDateAndTime", ""});
        if (const auto time = readDateTime(reply.response))
            soap_.clock().set(*time);
    } catch (const Error&) {
        // The date of its web server does.
    }
}

Services Device::findServices() {
    try {
        const auto reply =
            call({wsdl::device, "GetServices", "<IncludeCapability>false</IncludeCapability>"});
        Services services = readServices(reply.response);
        if (services.count(wsdl::media) || services.count(wsdl::media2))
            return services;
    } catch (const Error& error) {
        if (!notUnderstood(error))
            throw;
    }
    return readCapabilities(
        call({wsdl::device, "GetCapabilities", "<Category>All</Category>"}).response);
}

void Device::open() {
    readClock();
    Services given = findServices();
    readRefusedClock();
    // A redirect on the way here (http to https) moved the whole device.
    if (const auto reached = net::Url::parse(services_[wsdl::device]))
        addresses_ = AddressPolicy(*reached);
    if (const auto own = given.find(wsdl::device); own != given.end())
        addresses_.setOwnAddress(own->second);
    given.erase(wsdl::device);
    for (const auto& [space, xaddr] : given)
        if (const std::string address = addresses_.service(xaddr); !address.empty())
            services_[space] = address;
    if (!offers(wsdl::media) && !offers(wsdl::media2))
        throw Error(
            ErrorKind::Unsupported,
            "The device at " + addresses_.reached().authority() +
                " speaks ONVIF and has no media service: it is not a camera or a video server.");
}

DeviceInformation Device::information() {
    return readDeviceInformation(call({wsdl::device, "GetDeviceInformation", ""}).response);
}

std::vector<Profile> Device::profiles2() {
    if (!offers(wsdl::media2))
        return {};
    try {
        // Without a Type most devices leave the configurations out.
        return readProfiles2(call({wsdl::media2, "GetProfiles", "<Type>All</Type>"}).response);
    } catch (const Error& error) {
        if (!notUnderstood(error) || !offers(wsdl::media))
            throw;
        return {};
    }
}

/// A list without encoders is better than none: then `mayFail`.
std::vector<Profile> Device::profiles1(bool mayFail) {
    try {
        return readProfiles(call({wsdl::media, "GetProfiles", ""}).response);
    } catch (const Error& error) {
        if (!notUnderstood(error) || !mayFail)
            throw;
        return {};
    }
}

std::vector<Profile> Device::profiles() {
    std::vector<Profile> found = profiles2();
    if (!tellsVideo(found) && offers(wsdl::media)) {
        auto first = profiles1(!found.empty());
        if (tellsVideo(first) || found.empty())
            found = std::move(first);
    }
    if (found.empty())
        throw Error(ErrorKind::NotFound, "The camera at " + addresses_.reached().authority() +
                                             " has no media profile: make one in its web page.");
    return found;
}

/// The tokens of both media services are the same ones, and some Media2 only lists.
std::string Device::askStreamUri(const Profile& profile, StreamTransport transport) {
    try {
        const auto reply =
            call(profile.media2 ? streamUri2(profile, transport) : streamUri1(profile, transport));
        return readStreamUri(reply.response);
    } catch (const Error& error) {
        if (!notUnderstood(error) || !profile.media2 || !offers(wsdl::media))
            throw;
    }
    return readStreamUri(call(streamUri1(profile, transport)).response);
}

std::string Device::streamUri(const Profile& profile, StreamTransport transport) {
    const std::string uri = addresses_.stream(askStreamUri(profile, transport));
    if (uri.empty())
        throw Error(ErrorKind::BadData, "The camera at " + addresses_.reached().authority() +
                                            " gives no stream address for profile " +
                                            profile.text() + "; choose another profile.");
    return uri;
}

std::string Device::snapshotUri(const Profile& profile) {
    const char* space = profile.media2 ? wsdl::media2 : wsdl::media;
    const auto reply = call({space, "GetSnapshotUri",
                             "<ProfileToken>" + net::xmlEscape(profile.token) + "</ProfileToken>"});
    std::string uri = readStreamUri(reply.response);
    if (uri.empty())
        throw Error(ErrorKind::Unsupported, "The camera at " + addresses_.reached().authority() +
                                                " gives no snapshot address for profile " +
                                                profile.text() + "; choose another profile.");
    return uri;
}

} // namespace onvif
