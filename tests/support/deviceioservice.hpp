#pragma once

#include "support/relays.hpp"
#include "support/service.hpp"

namespace camera {

/// The ONVIF device IO service (device IO specification). `relays` outlives it.
Service deviceIoService(Relays& relays);

/// The relay operations, which the device service has too: device IO took over their elements.
void addRelayOperations(Service& service, Relays& relays);

} // namespace camera
