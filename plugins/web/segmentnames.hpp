#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace web {

// What players write into addresses of segments: all of it is hostile.

/// The number between those two: "init-3.mp4" between "init-" and ".mp4" is 3.
std::optional<std::uint64_t> numberIn(const std::string& name, const std::string& before,
                                      const std::string& after);

/// "video_0/17.3.m4s" is part 3 of segment 17.
struct PartName {
    std::string track;
    std::uint64_t segment = 0, index = 0;
};
std::optional<PartName> partIn(const std::string& path);

/// The name of "NAME.m3u8"; empty for all else.
std::string playlistIn(const std::string& path);

/// The number of that name in a query; nothing where there is none.
std::optional<std::uint64_t> numberOf(const std::string& query, const std::string& name);

} // namespace web
