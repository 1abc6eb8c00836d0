#pragma once

#include <string>

namespace rtspserve {

/// The payloader, in gst-launch's words, that makes RTP of what has this media type
/// ("video/x-h264"); empty for what has none here. Packets fit any network that carries Ethernet's
/// 1500 bytes.
std::string payloaderOf(const std::string& mediaType);

/// True for a path that may stand in an address without being escaped: one to four words of
/// A-Z a-z 0-9 . _ -, with slashes between them, 128 characters at most.
bool isPath(const std::string& path);

} // namespace rtspserve
