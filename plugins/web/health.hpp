#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace web {

/// What the server knows of one viewer, and of the picture that it gets.
struct Health {
    using Time = std::chrono::milliseconds;

    std::string codec;          ///< of the picture, "H264"; "" without one
    Time age{0};                ///< since the viewer came
    std::uint64_t frames = 0;   ///< sent to it
    std::uint64_t bitrate = 0;  ///< bits sent to it in the last second
    double loss = 0;            ///< part of the packets that its network has lost of late, 0 to 1
    std::int64_t lost = 0;      ///< packets in all
    Time roundTrip{0};          ///< to the viewer and back
    std::uint64_t dropped = 0;  ///< packets that were not sent to it
    std::optional<Time> jam;    ///< since its connection last took less than the picture needs
    std::optional<Time> silent; ///< since the last packet of the picture came in
    std::optional<Time> key;    ///< since its last key frame came in
    bool asksInVain = false;    ///< nobody makes a key frame when one is asked for
    std::size_t quality = 0;    ///< which of the sizes it sees, the largest is 0
    std::size_t qualities = 1;  ///< how many there are
    std::size_t viewers = 1;    ///< of the stream, this one among them
    std::size_t places = 0;     ///< for viewers; 0: any number
    std::vector<std::string> faults; ///< of the stream itself, in words
};

/// What is wrong and what to do about it, a sentence or two each; the worst first.
std::vector<std::string> warningsOf(const Health& health);

/// All of it as a JSON object, times in milliseconds, "warnings" among it.
std::string healthJson(const Health& health);

} // namespace web
