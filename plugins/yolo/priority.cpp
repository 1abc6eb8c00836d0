#include "priority.hpp"

#if defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace yolo {

void giveWay() noexcept {
#if defined(__linux__)
    // Linux keeps a nice value for each thread, where POSIX has one for the process. 10 is a tenth
    // of the usual share when both want a core.
    const auto thread = static_cast<id_t>(syscall(SYS_gettid));
    setpriority(PRIO_PROCESS, thread, 10);
#endif
}

} // namespace yolo
