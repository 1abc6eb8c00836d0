#include "recordings.hpp"

#include "base/error.hpp"
#include "xmlvalue.hpp"

#include <algorithm>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t maxRecordings = 1000;
/// Each waits up to two seconds at the device.
constexpr int maxRounds = 15;

std::optional<UtcTime> timeAt(const net::XmlNode& node, const char* path) {
    return readInstant(lineAt(node, path));
}

/// RecordingInformation of the search service, or RecordingItem of the recording service.
void add(const net::XmlNode& node, std::vector<Recording>& found) {
    Recording recording;
    recording.token = lineAt(node, "RecordingToken");
    const auto configuration = node.child("Configuration");
    const net::XmlNode& about = configuration ? *configuration : node;
    recording.name = lineAt(about, "Source/Name");
    if (recording.name.empty())
        recording.name = lineAt(about, "Content");
    recording.from = timeAt(node, "EarliestRecording");
    recording.until = timeAt(node, "LatestRecording");
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const Recording& r) { return r.token == recording.token; });
    if (!recording.token.empty() && !known && found.size() < maxRecordings)
        found.push_back(std::move(recording));
}

/// Searches cost the device memory: they are ended, and nobody minds where that fails.
void endSearch(Device& device, const std::string& token) {
    try {
        device.call({wsdl::search, "EndSearch", token});
    } catch (const Error&) {
        // It ends by itself after its KeepAliveTime.
    }
}

std::vector<Recording> search(Device& device) {
    const auto begun = device.call(
        {wsdl::search, "FindRecordings", "<Scope></Scope><KeepAliveTime>PT30S</KeepAliveTime>"});
    const std::string token =
        "<SearchToken>" + net::xmlEscape(lineAt(begun.response, "SearchToken")) + "</SearchToken>";
    std::vector<Recording> found;
    for (int round = 0; round < maxRounds; round++) {
        const auto reply =
            device.call({wsdl::search, "GetRecordingSearchResults",
                         token + "<MinResults>1</MinResults><MaxResults>100</MaxResults>"
                                 "<WaitTime>PT2S</WaitTime>"});
        const auto results = reply.response.child("ResultList");
        if (!results)
            break;
        for (const net::XmlNode& node : results->children("RecordingInformation"))
            add(node, found);
        const std::string state = lineAt(*results, "SearchState");
        if (state != "Queued" && state != "Searching")
            break;
    }
    endSearch(device, token);
    return found;
}

std::vector<Recording> list(Device& device) {
    std::vector<Recording> found;
    const auto reply = device.call({wsdl::recording, "GetRecordings", ""});
    for (const net::XmlNode& node : reply.response.children("RecordingItem"))
        add(node, found);
    return found;
}

std::string timeText(const std::optional<UtcTime>& time) {
    return time ? exactUtcText(*time) : "…";
}

} // namespace

std::string Recording::text() const {
    std::string about = name;
    if (from || until)
        about += (about.empty() ? "" : ", ") + timeText(from) + " to " + timeText(until);
    return about.empty() ? token : token + " (" + about + ")";
}

std::vector<Recording> findRecordings(Device& device) {
    if (!device.offers(wsdl::search) && !device.offers(wsdl::recording))
        throw Error(ErrorKind::Unsupported,
                    "The device at " + device.addresses().reached().authority() +
                        " keeps no recordings (ONVIF Profile G); leave recording empty for its "
                        "live picture.");
    if (!device.offers(wsdl::search))
        return list(device);
    try {
        return search(device);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotAuthorized || !device.offers(wsdl::recording))
            throw;
        return list(device);
    }
}

const Recording& chooseRecording(const std::vector<Recording>& recordings,
                                 const std::string& wish) {
    if (recordings.empty())
        throw Error(ErrorKind::NotFound, "The device has no recording yet: check its storage.");
    for (const Recording& recording : recordings)
        if (recording.token == wish)
            return recording;
    for (const Recording& recording : recordings)
        if (sameWord(recording.name, wish))
            return recording;
    if (sameWord(wish, "latest"))
        return *std::max_element(
            recordings.begin(), recordings.end(),
            [](const Recording& a, const Recording& b) { return a.until < b.until; });
    std::string all;
    for (const Recording& recording : recordings)
        all += (all.empty() ? "" : ", ") + recording.text();
    throw Error(ErrorKind::NotFound, "The device has no recording '" + wish +
                                         "'; set recording to \"latest\" or one of: " + all + ".");
}

std::string replayUri(Device& device, const Recording& recording, StreamTransport transport) {
    const char* protocol = transport == StreamTransport::Http ? "HTTP" : "RTSP";
    const auto reply = device.call({wsdl::replay, "GetReplayUri",
                                    "<StreamSetup><Stream xmlns=\"" + std::string(wsdl::schema) +
                                        "\">RTP-Unicast</Stream><Transport xmlns=\"" +
                                        wsdl::schema + "\"><Protocol>" + protocol +
                                        "</Protocol></Transport></StreamSetup><RecordingToken>" +
                                        net::xmlEscape(recording.token) + "</RecordingToken>"});
    const std::string uri = device.addresses().stream(lineAt(reply.response, "Uri"));
    if (uri.empty())
        throw Error(ErrorKind::BadData, "The device at " +
                                            device.addresses().reached().authority() +
                                            " gives no replay address for recording " +
                                            recording.text() + "; choose another recording.");
    return uri;
}

} // namespace onvif
