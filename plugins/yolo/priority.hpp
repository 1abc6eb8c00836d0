#pragma once

namespace yolo {

/// Makes the calling thread, and those that it starts from now on (an engine's pool), give way to
/// threads of the usual priority: the network takes every cycle that the video leaves and none that
/// it needs. Does nothing where threads have no priority of their own.
void giveWay() noexcept;

} // namespace yolo
