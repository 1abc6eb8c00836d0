#include "stream.hpp"

#include "profilechoice.hpp"
#include "relocation.hpp"
#include "xmlvalue.hpp"

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

/// Bits of GstRTSPLowerTrans.
constexpr unsigned udp = 1, multicast = 2, http = 16;

Stream ask(const net::Url& service, const SourceSettings& settings, const net::Cancel& cancel,
           const Trace& trace) {
    Connection connection(service, connectionSettings(settings), cancel, trace);
    return askDevice(connection.device(), connection.soap(), settings);
}

Stream findAny(const SourceSettings& settings, const net::Cancel& cancel, const Trace& trace) {
    DiscoverySettings where;
    where.interfaces = settings.interfaces;
    std::vector<Found> found = discover(where, cancel);
    if (found.empty())
        throw Error(
            ErrorKind::NotFound,
            "No ONVIF camera answered on this network: check that the camera is on, that ONVIF "
            "discovery is switched on in it, and the firewall (UDP port 3702), or set location.");
    Stream stream = ask(parseLocation(found.front().address()).service, settings, cancel, trace);
    stream.found = found.front();
    stream.others.assign(found.begin() + 1, found.end());
    return stream;
}

/// A profile is worth what GetStreamUri says: some exist on paper only.
void findUri(Device& device, const std::vector<Profile>& candidates, const SourceSettings& settings,
             Stream& stream) {
    std::string reason;
    for (const Profile& candidate : candidates) {
        try {
            stream.uri = device.streamUri(candidate, transportFor(settings.protocols));
            stream.profile = candidate;
            return;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::NotAuthorized || error.kind() == ErrorKind::Unreachable)
                throw;
            reason = error.what();
        }
    }
    throw Error(ErrorKind::NotFound,
                "The camera gives no stream address for " +
                    (candidates.size() == 1 ? "profile " + candidates.front().text()
                                            : std::string("any of its profiles")) +
                    "; choose another profile or other protocols.",
                reason);
}

void findLive(Device& device, const SourceSettings& settings, Stream& stream) {
    stream.profiles = device.profiles();
    findUri(device, mustChoose(stream.profiles, settings.profile), settings, stream);
}

void findReplay(Device& device, const SourceSettings& settings, Stream& stream) {
    for (const std::string& time : {settings.startTime, settings.stopTime})
        if (!time.empty() && !readInstant(time))
            throw Error(ErrorKind::Settings, "'" + time +
                                                 "' is no time: write start-time and stop-time as "
                                                 "2026-01-31T12:00:00Z.");
    stream.recordings = findRecordings(device);
    stream.recording = chooseRecording(stream.recordings, settings.recording);
    stream.uri = replayUri(device, *stream.recording, transportFor(settings.protocols));
}

} // namespace

void setLocation(SourceSettings& settings, const std::string& text) {
    const NamedLocation named = splitCredentials(text);
    settings.location = named.location;
    if (!named.credentials.user.empty()) {
        settings.userId = named.credentials.user;
        settings.userPw = named.credentials.password;
    }
}

ConnectionSettings connectionSettings(const SourceSettings& settings) {
    return {{settings.userId, settings.userPw}, settings.timeout, settings.tlsValidationFlags};
}

StreamTransport transportFor(unsigned protocols) {
    if (protocols & udp)
        return StreamTransport::Udp;
    if (protocols & multicast)
        return StreamTransport::Multicast;
    return protocols & http ? StreamTransport::Http : StreamTransport::Tcp;
}

Stream askDevice(Device& device, SoapClient& soap, const SourceSettings& settings) {
    device.open();
    Stream stream;
    stream.service = device.addresses().reached().text();
    if (settings.recording.empty())
        findLive(device, settings, stream);
    else
        findReplay(device, settings, stream);
    try {
        stream.device = device.information();
    } catch (const Error&) {
        // Nice to know, no more: some devices keep it to administrators.
    }
    stream.authentication = soap.authenticationName();
    stream.whereabouts = device.whereabouts();
    return stream;
}

Stream findStream(const SourceSettings& settings, const net::Cancel& cancel, const Trace& trace) {
    if (settings.location.empty())
        return findAny(settings, cancel, trace);
    const Location location = parseLocation(settings.location);
    try {
        return ask(location.service, settings, cancel, trace);
    } catch (const Error& error) {
        const auto other = otherDoor(location, error, cancel);
        if (!other)
            throw;
        return ask(*other, settings, cancel, trace);
    }
}

} // namespace onvif
