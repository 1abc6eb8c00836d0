#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace record {

enum class Container { Matroska, Mp4 };

/// The properties of recordsink, with their defaults.
struct RecordSettings {
    std::string location; ///< see FileNames
    Container container = Container::Matroska;
    std::uint64_t maxSizeTime = 60'000'000'000; ///< nanoseconds
    unsigned maxFiles = 0;                      ///< 0: all
    std::chrono::milliseconds waitForStreams{5000};
    std::uint64_t maxBytes = 64 << 20; ///< that wait for the disk
    std::chrono::milliseconds endTimeout{5000};
};

} // namespace record
