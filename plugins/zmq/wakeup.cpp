#include "zmq/wakeup.hpp"

#include "base/error.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace imagezmq {

Wakeup::Wakeup() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0)
        throw base::Error(base::ErrorKind::Failed,
                          "No event descriptor is left; raise the limit of open files (ulimit -n).",
                          std::strerror(errno));
}

Wakeup::~Wakeup() { close(fd_); }

void Wakeup::call() const {
    const std::uint64_t one = 1;
    // Full or interrupted: it is awake then.
    [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
}

void Wakeup::clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = read(fd_, &count, sizeof count);
}

} // namespace imagezmq
