#pragma once

#include "support/device.hpp"
#include "support/eventhub.hpp"
#include "support/service.hpp"

#include <vector>

namespace camera {

/// The ONVIF event service and the manager of the pull points that it makes, which is at a path of
/// its own and listed nowhere (core specification, "Real-time pull-point notification interface").
/// `device` and `hub` outlive them. Ills: events-reference-parameters, events-need-addressing,
/// events-address, events-forget, events-need-termination-time, events-many.
std::vector<Service> eventServices(const Device& device, EventHub& hub);

/// <tt:Message> with its topic, as NotificationMessage holds it; the metadata stream uses it too.
std::string notification(const Event& event);

} // namespace camera
