#pragma once

#include "support/device.hpp"
#include "support/service.hpp"

#include <functional>

namespace camera {

/// The ONVIF media service, version 2 (media 2 specification). `device` outlives it;
/// `requestKeyFrame` gets a profile token when a client asks for a synchronization point. Ills:
/// no-media2, media2-bare, no-encoder-profiles.
Service media2Service(const Device& device,
                      std::function<void(const std::string& token)> requestKeyFrame);

} // namespace camera
