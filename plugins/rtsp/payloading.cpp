#include "payloading.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rtspserve {
namespace {

struct Row {
    std::string_view mediaType, payloader;
};

/// Parameter sets go in band before each key frame: who joins later, or loses the first packets,
/// would not have them otherwise. The parser puts them there, once a frame; a payloader does it
/// before each slice, and ffmpeg then takes the frame for a broken one. No aggregation: some
/// hardware decoders cannot take it apart.
constexpr std::array<Row, 10> rows{{
    {"video/x-h264", "h264parse config-interval=-1 ! rtph264pay aggregate-mode=none"},
    {"video/x-h265", "h265parse config-interval=-1 ! rtph265pay aggregate-mode=none"},
    {"video/x-vp8", "rtpvp8pay picture-id-mode=15-bit"},
    {"video/x-vp9", "rtpvp9pay picture-id-mode=15-bit"},
    {"video/x-av1", "rtpav1pay"},
    {"image/jpeg", "rtpjpegpay"},
    {"audio/x-opus", "rtpopuspay"},
    {"audio/mpeg", "rtpmp4gpay"},
    {"audio/x-mulaw", "rtppcmupay"},
    {"audio/x-alaw", "rtppcmapay"},
}};

bool isWordLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

} // namespace

std::string payloaderOf(const std::string& mediaType) {
    for (const Row& row : rows)
        if (row.mediaType == mediaType)
            return std::string(row.payloader);
    return {};
}

bool isPath(const std::string& path) {
    if (path.empty() || path.size() > 128 || path.front() == '/' || path.back() == '/' ||
        path.find("//") != std::string::npos || path.find("..") != std::string::npos)
        return false;
    return std::count(path.begin(), path.end(), '/') <= 3 &&
           std::all_of(path.begin(), path.end(),
                       [](char c) { return isWordLetter(c) || c == '/'; });
}

} // namespace rtspserve
