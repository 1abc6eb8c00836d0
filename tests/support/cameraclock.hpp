#pragma once

#include "support/ills.hpp"
#include "support/service.hpp"

namespace camera {

/// The operations of the device service about time. A clock that a client has set wrong stays
/// wrong: that is the ill clock-skew. Others: no-utc-time, clock-local.
void addClockOperations(Service& service, Ills& ills);

} // namespace camera
