#include "support/media2service.hpp"

#include "support/mediaprofiles.hpp"
#include "support/ptzservice.hpp"

#include <algorithm>
#include <set>

namespace camera {
namespace {

std::string videoEncoder(const StreamProfile& profile, const std::string& name) {
    return xmlTag(name,
                  xmlLeaf("tt:Name", profile.name + " video") + xmlLeaf("tt:UseCount", 1) +
                      xmlLeaf("tt:Encoding", profile.encoding) +
                      resolutionElement(profile.width, profile.height) +
                      xmlTag("tt:RateControl",
                             xmlLeaf("tt:FrameRateLimit", profile.fps) +
                                 xmlLeaf("tt:BitrateLimit", profile.bitrate),
                             "ConstantBitRate=\"false\"") +
                      multicastElement() + xmlLeaf("tt:Quality", 5),
                  tokenAttribute(profile.token + "-video") + " GovLength=\"" +
                      std::to_string(keyFrameSeconds * profile.fps) + "\" Profile=\"" +
                      (profile.h264Main || profile.encoding != "H264" ? "Main" : "Baseline") +
                      "\"");
}

std::string audioEncoder(const StreamProfile& profile, const std::string& name) {
    const bool narrow = profile.audio == Audio::Pcmu || profile.audio == Audio::Pcma;
    const char* encoding = profile.audio == Audio::Aac    ? "MP4A-LATM"
                           : profile.audio == Audio::Opus ? "OPUS"
                           : profile.audio == Audio::Pcma ? "PCMA"
                                                          : "PCMU";
    return xmlTag(name,
                  xmlLeaf("tt:Name", profile.name + " audio") + xmlLeaf("tt:UseCount", 1) +
                      xmlLeaf("tt:Encoding", encoding) + multicastElement() +
                      xmlLeaf("tt:Bitrate", 64) + xmlLeaf("tt:SampleRate", narrow ? 8 : 48),
                  tokenAttribute(profile.token + "-audio"));
}

/// Which configurations a GetProfiles wants to see.
class Wish {
public:
    Wish(const Device& device, const net::XmlNode& arguments) {
        for (const net::XmlNode& type : arguments.children("Type"))
            types_.insert(type.text());
        const bool bare = device.ills.has("media2-bare");
        all_ = types_.count("All") || (types_.empty() && !bare);
        if (device.ills.value("media2-bare") == "always") {
            all_ = false;
            types_.clear();
        }
    }
    bool operator()(const char* type) const { return all_ || types_.count(type); }

private:
    std::set<std::string> types_;
    bool all_ = true;
};

std::string profileElement(const Device& device, const StreamProfile& profile, const Wish& wants) {
    std::string parts;
    if (wants("VideoSource"))
        parts += videoSourceConfiguration(device, "tr2:VideoSource");
    if (wants("AudioSource") && hasAudio(profile))
        parts += audioSourceConfiguration(device, "tr2:AudioSource");
    if (wants("VideoEncoder") && hasEncoder(profile))
        parts += videoEncoder(profile, "tr2:VideoEncoder");
    if (wants("AudioEncoder") && hasAudio(profile))
        parts += audioEncoder(profile, "tr2:AudioEncoder");
    if (wants("PTZ"))
        parts += ptzConfiguration(device, "tr2:PTZ");
    std::string body = xmlLeaf("tr2:Name", profile.name);
    if (!parts.empty())
        body += xmlTag("tr2:Configurations", parts);
    return xmlTag("tr2:Profiles", body, tokenAttribute(profile.token) + " fixed=\"true\"");
}

std::string profiles(const Device& device, const net::XmlNode& arguments) {
    const Wish wants(device, arguments);
    const std::string token = arguments.textAt("Token");
    if (!token.empty())
        return profileElement(device, profileOf(device, token), wants);
    std::string body;
    for (const StreamProfile& profile : listedProfiles(device))
        body += profileElement(device, profile, wants);
    return body;
}

std::string streamUri(const Device& device, const net::XmlNode& arguments, const Caller& caller) {
    const std::string protocol = arguments.textAt("Protocol");
    const auto known = {"RtspUnicast", "RtspMulticast", "RTSP", "RtspOverHttp"};
    if (std::find(known.begin(), known.end(), protocol) == known.end() ||
        (protocol == "RtspMulticast" && !device.multicast))
        throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                        "This camera does not stream by that protocol.", "ter:InvalidStreamSetup");
    const StreamProfile profile = encodedProfileOf(device, arguments.textAt("ProfileToken"));
    return xmlLeaf("tr2:Uri", streamAddress(device, profile, caller));
}

/// The profiles whose configurations a request means: by the token of one, by profile, or all.
std::vector<StreamProfile> meant(const Device& device, const net::XmlNode& arguments,
                                 const std::string& suffix) {
    const std::string token = arguments.textAt("ConfigurationToken");
    const std::string profileToken = arguments.textAt("ProfileToken");
    if (!profileToken.empty())
        return {profileOf(device, profileToken)};
    if (token.empty())
        return device.profiles;
    for (const StreamProfile& profile : device.profiles)
        if (profile.token + suffix == token)
            return {profile};
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                    "This camera has no configuration of that token.", "ter:NoConfig");
}

std::string encoderOptions(const Device& device, const net::XmlNode& arguments) {
    std::string body;
    for (const StreamProfile& profile : meant(device, arguments, "-video")) {
        const std::string gov = std::to_string(keyFrameSeconds * profile.fps);
        body +=
            xmlTag("tr2:Options",
                   xmlLeaf("tt:Encoding", profile.encoding) +
                       xmlTag("tt:QualityRange", xmlLeaf("tt:Min", 5) + xmlLeaf("tt:Max", 5)) +
                       xmlTag("tt:ResolutionsAvailable", xmlLeaf("tt:Width", profile.width) +
                                                             xmlLeaf("tt:Height", profile.height)) +
                       xmlTag("tt:BitrateRange", xmlLeaf("tt:Min", profile.bitrate) +
                                                     xmlLeaf("tt:Max", profile.bitrate)),
                   "GovLengthRange=\"" + gov + " " + gov + "\" FrameRatesSupported=\"" +
                       std::to_string(profile.fps) + "\"");
    }
    return body;
}

using Work = std::function<std::string(const net::XmlNode& arguments, const Caller& caller)>;

void add(Service& service, const std::string& name, const Work& work) {
    service.operations[name] = {Access::Users, [name, work](const auto& args, const auto& caller) {
                                    return xmlTag("tr2:" + name + "Response", work(args, caller));
                                }};
}

void addConfigurations(Service& service, const Device& device) {
    add(service, "GetVideoSourceConfigurations", [&device](const auto&, const auto&) {
        return videoSourceConfiguration(device, "tr2:Configurations");
    });
    add(service, "GetAudioSourceConfigurations", [&device](const auto&, const auto&) {
        return hasAudio(largestProfile(device))
                   ? audioSourceConfiguration(device, "tr2:Configurations")
                   : "";
    });
    add(service, "GetVideoEncoderConfigurations", [&device](const auto& args, const auto&) {
        std::string body;
        for (const StreamProfile& profile : meant(device, args, "-video"))
            if (hasEncoder(profile))
                body += videoEncoder(profile, "tr2:Configurations");
        return body;
    });
    add(service, "GetAudioEncoderConfigurations", [&device](const auto& args, const auto&) {
        std::string body;
        for (const StreamProfile& profile : meant(device, args, "-audio"))
            if (hasAudio(profile))
                body += audioEncoder(profile, "tr2:Configurations");
        return body;
    });
    add(service, "GetVideoEncoderConfigurationOptions",
        [&device](const auto& args, const auto&) { return encoderOptions(device, args); });
}

Service described(const Device& device) {
    Service service;
    service.path = "/onvif/media2_service";
    service.nameSpace = "http://www.onvif.org/ver20/media/wsdl";
    service.absentUnder = "no-media2";
    service.versionMajor = 20;
    service.versionMinor = 6;
    const std::string multicast = device.multicast ? "true" : "false";
    service.capabilities = xmlTag(
        "tr2:Capabilities",
        xmlTag("tr2:ProfileCapabilities", {},
               "MaximumNumberOfProfiles=\"" + std::to_string(device.profiles.size()) +
                   "\" ConfigurationsSupported=\"VideoSource VideoEncoder AudioSource AudioEncoder"
                   " PTZ\"") +
            xmlTag("tr2:StreamingCapabilities", {},
                   "RTSPStreaming=\"true\" RTPMulticast=\"" + multicast +
                       "\" RTP_RTSP_TCP=\"true\""),
        R"(SnapshotUri="true" Rotation="false")");
    service.tellCapabilities("tr2");
    return service;
}

} // namespace

Service media2Service(const Device& device,
                      std::function<void(const std::string& token)> requestKeyFrame) {
    Service service = described(device);
    add(service, "GetProfiles",
        [&device](const auto& args, const auto&) { return profiles(device, args); });
    add(service, "GetStreamUri", [&device](const auto& args, const auto& caller) {
        return streamUri(device, args, caller);
    });
    add(service, "GetSnapshotUri", [&device](const auto& args, const auto& caller) {
        const StreamProfile profile = encodedProfileOf(device, args.textAt("ProfileToken"));
        return xmlLeaf("tr2:Uri", snapshotAddress(profile, caller));
    });
    add(service, "SetSynchronizationPoint",
        [&device, requestKeyFrame](const auto& args, const auto&) {
            requestKeyFrame(profileOf(device, args.textAt("ProfileToken")).token);
            return std::string();
        });
    addConfigurations(service, device);
    return service;
}

} // namespace camera
