#pragma once

namespace yolo {

/// Makes the calling thread, and those that it starts from now on (an engine's pool), give way to
/// threads of the usual priority when both want a core. A preference, not a bound: how long a frame
/// stays in the element still depends on what else the machine does. Does nothing where threads
/// have no priority of their own.
void giveWay() noexcept;

} // namespace yolo
