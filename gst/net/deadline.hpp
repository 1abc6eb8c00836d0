#pragma once

#include "net/cancel.hpp"

#include <chrono>
#include <thread>

namespace net {

/// Ends whatever waits with `cancel()` after a while, unless it is dropped before: one time for
/// several exchanges.
class Deadline {
public:
    explicit Deadline(std::chrono::milliseconds patience)
        : thread_([this, patience] {
              if (dropped_.pause(patience))
                  cancel_.cancel();
          }) {}
    ~Deadline() {
        dropped_.cancel();
        thread_.join();
    }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    const Cancel& cancel() const { return cancel_; }

private:
    Cancel cancel_, dropped_;
    std::thread thread_; ///< last: it uses the others
};

} // namespace net
