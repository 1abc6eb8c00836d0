#pragma once

#include "gstonvifsrc.hpp"

namespace onvif {

/// Where the property "events" is set: what the camera notices, as element messages "onvif-event".
/// The section above the element lists their fields.
extern const CompanionKind eventMessages;

} // namespace onvif
