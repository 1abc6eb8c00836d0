#pragma once

#include "support/device.hpp"
#include "support/service.hpp"

namespace camera {

/// Where the snapshot of a profile is fetched from: this and the profile's token.
constexpr const char* snapshotPath = "/snapshot/";

constexpr const char* videoSourceConfigurationToken = "video-source";
constexpr const char* audioSourceToken = "audio0";
constexpr const char* audioSourceConfigurationToken = "audio-source";
constexpr int keyFrameSeconds = 2;

// What the two media services have in common.

/// The profiles as they are listed: under the ill no-encoder-profiles one more comes first and one
/// last, which have no encoder.
std::vector<StreamProfile> listedProfiles(const Device& device);
bool hasEncoder(const StreamProfile& profile);
bool hasAudio(const StreamProfile& profile);
const StreamProfile& largestProfile(const Device& device);

/// The profile that a request names; unknown ones are a fault of its sender.
StreamProfile profileOf(const Device& device, const std::string& token);
/// The same, and one without an encoder is a fault too.
StreamProfile encodedProfileOf(const Device& device, const std::string& token);

/// rtsp://… of a profile, as the caller reaches it. Ills: no-path-uri, uri-user.
std::string streamAddress(const Device& device, const StreamProfile& profile, const Caller& caller);
/// http://… of its snapshot.
std::string snapshotAddress(const StreamProfile& profile, const Caller& caller);

/// token="…"
std::string tokenAttribute(const std::string& token);

/// Elements of the common schema, whose name the caller chooses.
std::string videoSourceConfiguration(const Device& device, const std::string& name);
std::string audioSourceConfiguration(const Device& device, const std::string& name);
std::string resolutionElement(int width, int height);
std::string multicastElement();

} // namespace camera
