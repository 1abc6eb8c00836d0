#pragma once

#include "support/device.hpp"
#include "support/service.hpp"

#include <functional>

namespace camera {

/// Where the snapshot of a profile is fetched from: this and the profile's token.
constexpr const char* snapshotPath = "/snapshot/";

/// The ONVIF media service, version 1 (media specification). `requestKeyFrame` gets a profile token
/// when a client asks for a synchronization point.
Service mediaService(const Device& device,
                     std::function<void(const std::string& token)> requestKeyFrame);

} // namespace camera
