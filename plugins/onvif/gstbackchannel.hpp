#pragma once

#include "gstonvifsrc.hpp"

namespace onvif {

/// The sink pad "backchannel" of onvifsrc, on request: sound for the camera's loudspeaker.
///
/// Raw sound, G.711 and AAC are taken, paced by the pipeline's clock, and made into what the camera
/// offers (PCMU, PCMA or AAC). Who brings the sound waits for the clock and for nothing else: what
/// the camera is too slow for, or not there for, is dropped and counted. A camera that takes no
/// sound is told of once, in a warning, and its picture goes on. Asked for while the stream is
/// open, the pad is heard from the next connection on.
extern const CompanionKind backchannel;

} // namespace onvif
