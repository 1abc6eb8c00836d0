#pragma once

#include "gstonvifsrc.hpp"

namespace onvif {

/// The element's action signals: the camera steered, adjusted, photographed and switched. They
/// return at once; a thread of its own asks the camera, whether its stream is there or not. The
/// section above the element lists them.
extern const CompanionKind actionSignals;

} // namespace onvif
