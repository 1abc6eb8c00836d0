#include "support/mediaservice.hpp"

#include "support/mediaprofiles.hpp"
#include "support/ptzservice.hpp"

namespace camera {
namespace {

std::string videoEncoderConfiguration(const Device& device, const StreamProfile& profile,
                                      const char* name) {
    return xmlTag(name,
                  xmlLeaf("tt:Name", profile.name + " video") + xmlLeaf("tt:UseCount", 1) +
                      xmlLeaf("tt:Encoding", device.ills.has("h265-in-media1") ? "H265" : "H264") +
                      resolutionElement(profile.width, profile.height) + xmlLeaf("tt:Quality", 5) +
                      xmlTag("tt:RateControl", xmlLeaf("tt:FrameRateLimit", profile.fps) +
                                                   xmlLeaf("tt:EncodingInterval", 1) +
                                                   xmlLeaf("tt:BitrateLimit", profile.bitrate)) +
                      xmlTag("tt:H264", xmlLeaf("tt:GovLength", keyFrameSeconds * profile.fps) +
                                            xmlLeaf("tt:H264Profile",
                                                    profile.h264Main ? "Main" : "Baseline")) +
                      multicastElement() + xmlLeaf("tt:SessionTimeout", "PT60S"),
                  tokenAttribute(profile.token + "-video"));
}

std::string audioEncoderConfiguration(const StreamProfile& profile, const char* name) {
    const bool aac = profile.audio == Audio::Aac;
    return xmlTag(name,
                  xmlLeaf("tt:Name", profile.name + " audio") + xmlLeaf("tt:UseCount", 1) +
                      xmlLeaf("tt:Encoding", aac ? "AAC" : "G711") + xmlLeaf("tt:Bitrate", 64) +
                      xmlLeaf("tt:SampleRate", aac ? 48 : 8) + multicastElement() +
                      xmlLeaf("tt:SessionTimeout", "PT60S"),
                  tokenAttribute(profile.token + "-audio"));
}

/// Media1 does not know H.265: a profile with it has no encoder configuration there.
bool speaksOf(const StreamProfile& profile) {
    return hasEncoder(profile) && profile.encoding == "H264";
}

std::string profileElement(const Device& device, const StreamProfile& profile, const char* name) {
    std::string body = xmlLeaf("tt:Name", profile.name) +
                       videoSourceConfiguration(device, "tt:VideoSourceConfiguration");
    if (hasAudio(profile))
        body += audioSourceConfiguration(device, "tt:AudioSourceConfiguration");
    if (speaksOf(profile))
        body += videoEncoderConfiguration(device, profile, "tt:VideoEncoderConfiguration");
    if (hasAudio(profile))
        body += audioEncoderConfiguration(profile, "tt:AudioEncoderConfiguration");
    body += ptzConfiguration(device, "tt:PTZConfiguration");
    return xmlTag(name, body, tokenAttribute(profile.token) + " fixed=\"true\"");
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

std::string streamUri(const Device& device, const net::XmlNode& arguments, const Caller& caller) {
    const StreamProfile profile = encodedProfileOf(device, arguments.textAt("ProfileToken"));
    if (arguments.textAt("StreamSetup/Stream") == "RTP-Multicast" && !device.multicast)
        throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                        "This camera does not stream by multicast.", "ter:InvalidStreamSetup");
    return mediaUri("trt:GetStreamUriResponse", streamAddress(device, profile, caller));
}

std::string videoSources(const Device& device) {
    const StreamProfile& whole = largestProfile(device);
    return xmlTag(
        "trt:GetVideoSourcesResponse",
        xmlTag("trt:VideoSources",
               xmlLeaf("tt:Framerate", whole.fps) + resolutionElement(whole.width, whole.height),
               tokenAttribute(videoSourceToken)));
}

std::string videoEncoderOptions(const Device& device) {
    std::string sizes;
    for (const StreamProfile& profile : device.profiles)
        sizes += xmlTag("tt:ResolutionsAvailable",
                        xmlLeaf("tt:Width", profile.width) + xmlLeaf("tt:Height", profile.height));
    const auto range = [](const char* name, int low, int high) {
        return xmlTag(name, xmlLeaf("tt:Min", low) + xmlLeaf("tt:Max", high));
    };
    const int fps = largestProfile(device).fps;
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
            if (speaksOf(profile))
                body += videoEncoderConfiguration(device, profile, "trt:Configurations");
        return xmlTag("trt:GetVideoEncoderConfigurationsResponse", body);
    });
    add("GetVideoEncoderConfiguration", [&device](const auto& args, const auto&) {
        return xmlTag("trt:GetVideoEncoderConfigurationResponse",
                      videoEncoderConfiguration(device, configurationOf(device, args, "-video"),
                                                "trt:Configuration"));
    });
    add("GetVideoEncoderConfigurationOptions",
        [&device](const auto&, const auto&) { return videoEncoderOptions(device); });
    add("GetAudioSourceConfigurations", [&device](const auto&, const auto&) {
        return xmlTag("trt:GetAudioSourceConfigurationsResponse",
                      hasAudio(largestProfile(device))
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
    service.absentUnder = "media2-only";
    service.category = "Media";
    const std::string multicast = device.multicast ? "true" : "false";
    service.legacy = xmlTag("tt:StreamingCapabilities", xmlLeaf("tt:RTPMulticast", multicast) +
                                                            xmlLeaf("tt:RTP_TCP", "false") +
                                                            xmlLeaf("tt:RTP_RTSP_TCP", "true"));
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities = xmlTag(
        "trt:Capabilities",
        xmlTag("trt:ProfileCapabilities", {},
               "MaximumNumberOfProfiles=\"" + std::to_string(device.profiles.size()) + "\"") +
            xmlTag("trt:StreamingCapabilities", {},
                   "RTPMulticast=\"" + multicast + "\" RTP_TCP=\"false\" RTP_RTSP_TCP=\"true\""),
        R"(SnapshotUri="true" Rotation="false")");

    const auto add = [&](const char* name, Service::Handler handler) {
        service.operations[name] = {Access::Users, std::move(handler)};
    };
    service.tellCapabilities("trt");
    add("GetProfiles", [&device](const auto&, const auto&) {
        std::string body;
        for (const StreamProfile& profile : listedProfiles(device))
            body += profileElement(device, profile, "trt:Profiles");
        return xmlTag("trt:GetProfilesResponse", body);
    });
    add("GetProfile", [&device](const auto& args, const auto&) {
        return xmlTag(
            "trt:GetProfileResponse",
            profileElement(device, profileOf(device, args.textAt("ProfileToken")), "trt:Profile"));
    });
    add("GetStreamUri", [&device](const auto& args, const auto& caller) {
        return streamUri(device, args, caller);
    });
    add("GetSnapshotUri", [&device](const auto& args, const auto& caller) {
        return mediaUri(
            "trt:GetSnapshotUriResponse",
            snapshotAddress(encodedProfileOf(device, args.textAt("ProfileToken")), caller));
    });
    add("GetVideoSources", [&device](const auto&, const auto&) { return videoSources(device); });
    add("GetAudioSources", [&device](const auto&, const auto&) {
        return xmlTag("trt:GetAudioSourcesResponse",
                      hasAudio(largestProfile(device))
                          ? xmlTag("trt:AudioSources", xmlLeaf("tt:Channels", 1),
                                   tokenAttribute(audioSourceToken))
                          : "");
    });
    add("SetSynchronizationPoint", [&device, requestKeyFrame](const auto& args, const auto&) {
        requestKeyFrame(profileOf(device, args.textAt("ProfileToken")).token);
        return xmlTag("trt:SetSynchronizationPointResponse", {});
    });
    addConfigurations(service, device);
    return service;
}

} // namespace camera
