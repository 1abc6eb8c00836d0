#pragma once

#include "support/device.hpp"
#include "support/service.hpp"

#include <functional>

namespace camera {

/// The ONVIF media service, version 1 (media specification). `device` outlives it;
/// `requestKeyFrame` gets a profile token when a client asks for a synchronization point. Ills:
/// media2-only, no-encoder-profiles, h265-in-media1, no-path-uri, uri-user.
Service mediaService(const Device& device,
                     std::function<void(const std::string& token)> requestKeyFrame);

} // namespace camera
