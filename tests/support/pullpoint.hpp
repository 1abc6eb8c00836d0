#pragma once

#include "support/device.hpp"
#include "support/eventhub.hpp"
#include "support/service.hpp"

namespace camera {

/// Answers CreatePullPointSubscription.
std::string createPullPoint(const Device& device, EventHub& hub, const net::XmlNode& arguments,
                            const Caller& caller);

/// PullMessages, Renew, Unsubscribe and SetSynchronizationPoint of the pull points. `device` and
/// `hub` outlive it.
Service pullPointService(const Device& device, EventHub& hub);

} // namespace camera
