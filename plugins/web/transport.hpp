#pragma once

#include "web/cmaf.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace web {

/// Takes the transport stream of one track apart, as a muxer writes it (ISO/IEC 13818-1): into
/// fragments that begin with a key frame, or are one frame of sound, and the tables that a segment
/// has to begin with.
class TransportReader {
public:
    /// In ticks of 1/90000 s: `first` is the time of the first frame on our timeline, and after
    /// `longest` a fragment ends, key frame or not.
    TransportReader(bool video, std::uint64_t first, std::uint64_t longest)
        : video_(video), first_(first), longest_(longest) {}

    /// Whole packets. Returns what they complete: a fragment ends where the next one begins.
    /// Throws base::Error (BadData).
    std::vector<Fragment> take(const unsigned char* data, std::size_t size);
    /// The rest.
    std::optional<Fragment> finish();
    /// Program association and map; empty before they have come.
    std::string tables() const { return association_.empty() ? "" : association_ + map_; }

private:
    void packet(std::string_view packet, std::vector<Fragment>& made);
    void begin(std::string_view packet, std::string_view payload, std::vector<Fragment>& made);
    std::uint64_t timeOf(std::uint64_t stamp);

    const bool video_;
    const std::uint64_t first_, longest_;
    std::string association_, map_;
    unsigned mapPid_ = 0;
    std::optional<std::uint64_t> stamp_; ///< the newest, as written: 33 bits
    std::uint64_t time_ = 0;             ///< the newest on our timeline
    std::uint64_t step_ = 0;             ///< from the frame before to the newest
    Fragment open_;                      ///< with frames, the one that is being made
};

/// Tables for the segment of that number: who plays one after the other expects them to be counted.
std::string countedTables(std::string tables, std::uint64_t segment);

} // namespace web
