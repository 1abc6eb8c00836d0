#include "support/recordingservices.hpp"

#include "support/recordingsearch.hpp"

#include <algorithm>

namespace camera {
namespace {

std::string sourceElement(const Device& device, const RecordedItem& recording) {
    return xmlTag("tt:Source", xmlLeaf("tt:SourceId", videoSourceToken) +
                                   xmlLeaf("tt:Name", device.name) +
                                   xmlLeaf("tt:Location", "virtual") +
                                   xmlLeaf("tt:Description", recording.name) +
                                   xmlLeaf("tt:Address", "urn:uuid:" + device.uuid));
}

std::string recordingItem(const Device& device, const RecordedItem& recording) {
    std::string tracks;
    for (const RecordedItem::Track& track : recording.tracks)
        tracks += xmlTag("tt:Track",
                         xmlLeaf("tt:TrackToken", track.token) +
                             xmlTag("tt:Configuration", xmlLeaf("tt:TrackType", track.type) +
                                                            xmlLeaf("tt:Description", track.type)));
    return xmlTag("trc:RecordingItem",
                  xmlLeaf("tt:RecordingToken", recording.token) +
                      xmlTag("tt:Configuration", sourceElement(device, recording) +
                                                     xmlLeaf("tt:Content", recording.name) +
                                                     xmlLeaf("tt:MaximumRetentionTime", "PT0S")) +
                      xmlTag("tt:Tracks", tracks));
}

Service recordingService(const Device& device, const RecordingTable& recordings) {
    Service service;
    service.path = "/onvif/recording_service";
    service.nameSpace = "http://www.onvif.org/ver10/recording/wsdl";
    service.category = "Recording";
    service.extension = true;
    service.legacy = xmlLeaf("tt:ReceiverSource", "false") +
                     xmlLeaf("tt:MediaProfileSource", "false") +
                     xmlLeaf("tt:DynamicRecordings", "false") +
                     xmlLeaf("tt:DynamicTracks", "false") + xmlLeaf("tt:MaxStringLength", 256);
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities =
        xmlTag("trc:Capabilities", {}, R"(DynamicRecordings="false" DynamicTracks="false")");
    service.tellCapabilities("trc");
    service.operations["GetRecordings"] = {
        Access::Users, [&device, &recordings](const auto&, const auto&) {
            std::string body;
            for (const RecordedItem& recording : recordings.all())
                body += recordingItem(device, recording);
            return xmlTag("trc:GetRecordingsResponse", body);
        }};
    return service;
}

Service replayService(const Device& device, const RecordingTable& recordings) {
    Service service;
    service.path = "/onvif/replay_service";
    service.nameSpace = "http://www.onvif.org/ver10/replay/wsdl";
    service.category = "Replay";
    service.extension = true;
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities =
        xmlTag("trp:Capabilities", {}, R"(ReversePlayback="true" SessionTimeoutRange="60 60")");
    service.tellCapabilities("trp");
    service.operations["GetReplayUri"] = {
        Access::Users, [&device, &recordings](const auto& arguments, const auto& caller) {
            const RecordedItem recording =
                recordingOf(recordings, arguments.textAt("RecordingToken"));
            return xmlTag("trp:GetReplayUriResponse",
                          xmlLeaf("trp:Uri", device.rtspScheme() + caller.host + ":" +
                                                 std::to_string(device.rtspPort) + "/replay/" +
                                                 recording.token));
        }};
    service.operations["GetReplayConfiguration"] = {
        Access::Users, [](const auto&, const auto&) {
            return xmlTag("trp:GetReplayConfigurationResponse",
                          xmlTag("trp:Configuration", xmlLeaf("tt:SessionTimeout", "PT60S")));
        }};
    return service;
}

} // namespace

std::vector<Service> recordingServices(const Device& device, const RecordingTable& recordings) {
    return {recordingService(device, recordings), searchService(device, recordings),
            replayService(device, recordings)};
}

} // namespace camera
