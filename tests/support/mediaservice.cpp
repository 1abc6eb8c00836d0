#include "support/mediaservice.hpp"

#include <algorithm>

namespace camera {
namespace {

constexpr const char* sourceToken = "video0";
constexpr const char* audioSourceToken = "audio0";
constexpr int keyFrameSeconds = 2;

std::string tokenAttribute(const std::string& token) {
    return "token=\"" + net::xmlEscape(token) + "\"";
}

std::string resolution(int width, int height) {
    return xmlTag("tt:Resolution", xmlLeaf("tt:Width", width) + xmlLeaf("tt:Height", height));
}

const StreamProfile& largest(const Device& device) {
    return *std::max_element(device.profiles.begin(), device.profiles.end(),
                             [](const auto& a, const auto& b) { return a.width < b.width; });
}

std::string multicast() {
    return xmlTag(
        "tt:Multicast",
        xmlTag("tt:Address", xmlLeaf("tt:Type", "IPv4") + xmlLeaf("tt:IPv4Address", "0.0.0.0")) +
            xmlLeaf("tt:Port", 0) + xmlLeaf("tt:TTL", 0) + xmlLeaf("tt:AutoStart", "false"));
}

std::string videoSourceConfiguration(const Device& device, const char* name) {
    const StreamProfile& whole = largest(device);
    return xmlTag(name,
                  xmlLeaf("tt:Name", "Video source") +
                      xmlLeaf("tt:UseCount", static_cast<int>(device.profiles.size())) +
                      xmlLeaf("tt:SourceToken", sourceToken) +
                      xmlTag("tt:Bounds", {},
                             "x=\"0\" y=\"0\" width=\"" + std::to_string(whole.width) +
                                 "\" height=\"" + std::to_string(whole.height) + "\""),
                  R"(token="video-source")");
}

std::string videoEncoderConfiguration(const StreamProfile& profile, const char* name) {
    return xmlTag(name,
                  xmlLeaf("tt:Name", profile.name + " video") + xmlLeaf("tt:UseCount", 1) +
                      xmlLeaf("tt:Encoding", "H264") + resolution(profile.width, profile.height) +
                      xmlLeaf("tt:Quality", 5) +
                      xmlTag("tt:RateControl", xmlLeaf("tt:FrameRateLimit", profile.fps) +
                                                   xmlLeaf("tt:EncodingInterval", 1) +
                                                   xmlLeaf("tt:BitrateLimit", profile.bitrate)) +
                      xmlTag("tt:H264", xmlLeaf("tt:GovLength", keyFrameSeconds * profile.fps) +
                                            xmlLeaf("tt:H264Profile",
                                                    profile.h264Main ? "Main" : "Baseline")) +
                      multicast() + xmlLeaf("tt:SessionTimeout", "PT60S"),
                  tokenAttribute(profile.token + "-video"));
}

std::string audioSourceConfiguration(const Device& device, const char* name) {
    return xmlTag(name,
                  xmlLeaf("tt:Name", "Audio source") +
                      xmlLeaf("tt:UseCount", static_cast<int>(device.profiles.size())) +
                      xmlLeaf("tt:SourceToken", audioSourceToken),
                  R"(token="audio-source")");
}

std::string audioEncoderConfiguration(const StreamProfile& profile, const char* name) {
    const bool aac = profile.audio == Audio::Aac;
    return xmlTag(name,
                  xmlLeaf("tt:Name", profile.name + " audio") + xmlLeaf("tt:UseCount", 1) +
                      xmlLeaf("tt:Encoding", aac ? "AAC" : "G711") + xmlLeaf("tt:Bitrate", 64) +
                      xmlLeaf("tt:SampleRate", aac ? 48 : 8) + multicast() +
                      xmlLeaf("tt:SessionTimeout", "PT60S"),
                  tokenAttribute(profile.token + "-audio"));
}

bool hasAudio(const StreamProfile& profile) { return profile.audio != Audio::None; }

std::string profileElement(const Device& device, const StreamProfile& profile, const char* name) {
    std::string body = xmlLeaf("tt:Name", profile.name) +
                       videoSourceConfiguration(device, "tt:VideoSourceConfiguration");
    if (hasAudio(profile))
        body += audioSourceConfiguration(device, "tt:AudioSourceConfiguration");
    body += videoEncoderConfiguration(profile, "tt:VideoEncoderConfiguration");
    if (hasAudio(profile))
        body += audioEncoderConfiguration(profile, "tt:AudioEncoderConfiguration");
    return xmlTag(name, body, tokenAttribute(profile.token) + " fixed=\"true\"");
}

/// The profile that a request names; unknown ones are a fault of its sender.
const StreamProfile& profileOf(const Device& device, const net::XmlNode& arguments) {
    const std::string token = arguments.textAt("ProfileToken");
    for (const StreamProfile& profile : device.profiles)
        if (profile.token == token)
            return profile;
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                    "This camera has no profile of that token.", "ter:NoProfile");
}

const StreamProfile& configurationOf(const Device& device, const net::XmlNode& arguments,
                                     const std::string& suffix) {
    const std::string token = arguments.textAt("ConfigurationToken");
    for (const StreamProfile& profile : device.profiles)
        if (profile.token + suffix == token)
            return profile;
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                    "This camera has no configuration of that token.", "ter:NoConfig");
}

std::string mediaUri(const std::string& response, const std::string& uri) {
    return xmlTag(response, xmlTag("trt:MediaUri", xmlLeaf("tt:Uri", uri) +
                                                       xmlLeaf("tt:InvalidAfterConnect", "false") +
                                                       xmlLeaf("tt:InvalidAfterReboot", "false") +
                                                       xmlLeaf("tt:Timeout", "PT0S")));
}

std::string streamAddress(const Device& device, const StreamProfile& profile,
                          const Caller& caller) {
    const bool bare = device.ills.has("no-path-uri") && &profile == &device.profiles.front();
    const std::string user = device.ills.has("uri-user") ? "viewer:of-no-use@" : "";
    return "rtsp://" + user + caller.host + ":" + std::to_string(device.rtspPort) + "/" +
           (bare ? "" : profile.token);
}

std::string streamUri(const Device& device, const net::XmlNode& arguments, const Caller& caller) {
    const StreamProfile& profile = profileOf(device, arguments);
    if (arguments.textAt("StreamSetup/Stream") == "RTP-Multicast")
        throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                        "This camera does not stream by multicast.", "ter:InvalidStreamSetup");
    return mediaUri("trt:GetStreamUriResponse", streamAddress(device, profile, caller));
}

std::string videoSources(const Device& device) {
    const StreamProfile& whole = largest(device);
    return xmlTag("trt:GetVideoSourcesResponse",
                  xmlTag("trt:VideoSources",
                         xmlLeaf("tt:Framerate", whole.fps) + resolution(whole.width, whole.height),
                         tokenAttribute(sourceToken)));
}

std::string videoEncoderOptions(const Device& device) {
    std::string sizes;
    for (const StreamProfile& profile : device.profiles)
        sizes += xmlTag("tt:ResolutionsAvailable",
                        xmlLeaf("tt:Width", profile.width) + xmlLeaf("tt:Height", profile.height));
    const auto range = [](const char* name, int low, int high) {
        return xmlTag(name, xmlLeaf("tt:Min", low) + xmlLeaf("tt:Max", high));
    };
    const int fps = largest(device).fps;
    return xmlTag(
        "trt:GetVideoEncoderConfigurationOptionsResponse",
        xmlTag("trt:Options",
               range("tt:QualityRange", 5, 5) +
                   xmlTag("tt:H264", sizes +
                                         range("tt:GovLengthRange", keyFrameSeconds * fps,
                                               keyFrameSeconds * fps) +
                                         range("tt:FrameRateRange", fps, fps) +
                                         range("tt:EncodingIntervalRange", 1, 1) +
                                         xmlLeaf("tt:H264ProfilesSupported", "Baseline"))));
}

/// The operations that list or fetch configurations.
void addConfigurations(Service& service, const Device& device) {
    const auto add = [&](const char* name, Service::Handler handler) {
        service.operations[name] = {Access::Users, std::move(handler)};
    };
    add("GetVideoSourceConfigurations", [&device](const auto&, const auto&) {
        return xmlTag("trt:GetVideoSourceConfigurationsResponse",
                      videoSourceConfiguration(device, "trt:Configurations"));
    });
    add("GetVideoEncoderConfigurations", [&device](const auto&, const auto&) {
        std::string body;
        for (const StreamProfile& profile : device.profiles)
            body += videoEncoderConfiguration(profile, "trt:Configurations");
        return xmlTag("trt:GetVideoEncoderConfigurationsResponse", body);
    });
    add("GetVideoEncoderConfiguration", [&device](const auto& args, const auto&) {
        return xmlTag("trt:GetVideoEncoderConfigurationResponse",
                      videoEncoderConfiguration(configurationOf(device, args, "-video"),
                                                "trt:Configuration"));
    });
    add("GetVideoEncoderConfigurationOptions",
        [&device](const auto&, const auto&) { return videoEncoderOptions(device); });
    add("GetAudioSourceConfigurations", [&device](const auto&, const auto&) {
        return xmlTag("trt:GetAudioSourceConfigurationsResponse",
                      hasAudio(largest(device))
                          ? audioSourceConfiguration(device, "trt:Configurations")
                          : "");
    });
    add("GetAudioEncoderConfigurations", [&device](const auto&, const auto&) {
        std::string body;
        for (const StreamProfile& profile : device.profiles)
            if (hasAudio(profile))
                body += audioEncoderConfiguration(profile, "trt:Configurations");
        return xmlTag("trt:GetAudioEncoderConfigurationsResponse", body);
    });
}

} // namespace

Service mediaService(const Device& device,
                     std::function<void(const std::string& token)> requestKeyFrame) {
    Service service;
    service.path = "/onvif/media_service";
    service.nameSpace = "http://www.onvif.org/ver10/media/wsdl";
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities = xmlTag(
        "trt:Capabilities",
        xmlTag("trt:ProfileCapabilities", {},
               "MaximumNumberOfProfiles=\"" + std::to_string(device.profiles.size()) + "\"") +
            xmlTag("trt:StreamingCapabilities", {},
                   R"(RTPMulticast="false" RTP_TCP="false" RTP_RTSP_TCP="true")"),
        R"(SnapshotUri="true" Rotation="false")");

    const auto add = [&](const char* name, Service::Handler handler) {
        service.operations[name] = {Access::Users, std::move(handler)};
    };
    service.operations["GetServiceCapabilities"] = {
        Access::Everybody, [text = service.capabilities](const auto&, const auto&) {
            return xmlTag("trt:GetServiceCapabilitiesResponse", text);
        }};
    add("GetProfiles", [&device](const auto&, const auto&) {
        std::string body;
        for (const StreamProfile& profile : device.profiles)
            body += profileElement(device, profile, "trt:Profiles");
        return xmlTag("trt:GetProfilesResponse", body);
    });
    add("GetProfile", [&device](const auto& args, const auto&) {
        return xmlTag("trt:GetProfileResponse",
                      profileElement(device, profileOf(device, args), "trt:Profile"));
    });
    add("GetStreamUri", [&device](const auto& args, const auto& caller) {
        return streamUri(device, args, caller);
    });
    add("GetSnapshotUri", [&device](const auto& args, const auto& caller) {
        return mediaUri("trt:GetSnapshotUriResponse",
                        caller.origin() + snapshotPath + profileOf(device, args).token);
    });
    add("GetVideoSources", [&device](const auto&, const auto&) { return videoSources(device); });
    add("GetAudioSources", [&device](const auto&, const auto&) {
        return xmlTag("trt:GetAudioSourcesResponse",
                      hasAudio(largest(device))
                          ? xmlTag("trt:AudioSources", xmlLeaf("tt:Channels", 1),
                                   tokenAttribute(audioSourceToken))
                          : "");
    });
    add("SetSynchronizationPoint", [&device, requestKeyFrame](const auto& args, const auto&) {
        requestKeyFrame(profileOf(device, args).token);
        return xmlTag("trt:SetSynchronizationPointResponse", {});
    });
    addConfigurations(service, device);
    return service;
}

} // namespace camera
