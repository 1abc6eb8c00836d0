#pragma once

#include <chrono>
#include <thread>

namespace support {

/// Waits until something has become true, for two minutes at most: as long as a busy machine may
/// need for what a quiet one does at once.
template <class Condition>
bool becomes(Condition condition) {
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + 2min;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

} // namespace support
