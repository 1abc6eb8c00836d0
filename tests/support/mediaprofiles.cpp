#include "support/mediaprofiles.hpp"

#include <algorithm>

namespace camera {

std::vector<StreamProfile> listedProfiles(const Device& device) {
    std::vector<StreamProfile> all = device.profiles;
    if (!device.ills.has("no-encoder-profiles"))
        return all;
    StreamProfile bare;
    bare.token = "bare0";
    bare.name = "Unused";
    all.insert(all.begin(), bare);
    bare.token = "bare1";
    all.push_back(bare);
    return all;
}

bool hasEncoder(const StreamProfile& profile) { return profile.width > 0; }

bool hasAudio(const StreamProfile& profile) { return profile.audio != Audio::None; }

const StreamProfile& largestProfile(const Device& device) {
    return *std::max_element(device.profiles.begin(), device.profiles.end(),
                             [](const auto& a, const auto& b) { return a.width < b.width; });
}

StreamProfile profileOf(const Device& device, const std::string& token) {
    for (StreamProfile& profile : listedProfiles(device))
        if (profile.token == token)
            return std::move(profile);
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                    "This camera has no profile of that token.", "ter:NoProfile");
}

StreamProfile encodedProfileOf(const Device& device, const std::string& token) {
    StreamProfile profile = profileOf(device, token);
    if (!hasEncoder(profile))
        throw SoapFault(SoapFault::Side::Receiver, "ter:Action",
                        "The profile has no encoder, and nothing to stream.",
                        "ter:IncompleteConfiguration");
    return profile;
}

std::string streamAddress(const Device& device, const StreamProfile& profile,
                          const Caller& caller) {
    const bool bare =
        device.ills.has("no-path-uri") && profile.token == device.profiles.front().token;
    const std::string user = device.ills.has("uri-user") ? "viewer:of-no-use@" : "";
    return device.rtspScheme() + user + caller.host + ":" + std::to_string(device.rtspPort) + "/" +
           (bare ? "" : profile.token);
}

std::string snapshotAddress(const StreamProfile& profile, const Caller& caller) {
    return caller.origin() + snapshotPath + profile.token;
}

std::string tokenAttribute(const std::string& token) {
    return "token=\"" + net::xmlEscape(token) + "\"";
}

std::string videoSourceConfiguration(const Device& device, const std::string& name) {
    const StreamProfile& whole = largestProfile(device);
    return xmlTag(name,
                  xmlLeaf("tt:Name", "Video source") +
                      xmlLeaf("tt:UseCount", static_cast<int>(device.profiles.size())) +
                      xmlLeaf("tt:SourceToken", videoSourceToken) +
                      xmlTag("tt:Bounds", {},
                             "x=\"0\" y=\"0\" width=\"" + std::to_string(whole.width) +
                                 "\" height=\"" + std::to_string(whole.height) + "\""),
                  tokenAttribute(videoSourceConfigurationToken));
}

std::string audioSourceConfiguration(const Device& device, const std::string& name) {
    return xmlTag(name,
                  xmlLeaf("tt:Name", "Audio source") +
                      xmlLeaf("tt:UseCount", static_cast<int>(device.profiles.size())) +
                      xmlLeaf("tt:SourceToken", audioSourceToken),
                  tokenAttribute(audioSourceConfigurationToken));
}

std::string resolutionElement(int width, int height) {
    return xmlTag("tt:Resolution", xmlLeaf("tt:Width", width) + xmlLeaf("tt:Height", height));
}

std::string multicastElement() {
    return xmlTag(
        "tt:Multicast",
        xmlTag("tt:Address", xmlLeaf("tt:Type", "IPv4") + xmlLeaf("tt:IPv4Address", "0.0.0.0")) +
            xmlLeaf("tt:Port", 0) + xmlLeaf("tt:TTL", 0) + xmlLeaf("tt:AutoStart", "false"));
}

} // namespace camera
