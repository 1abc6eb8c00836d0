#pragma once

#include <string>

namespace camera {

/// An SDP with every a=control made an address of its own below `base` ("rtsp://host:port/path",
/// where the text had a relative one). RFC 2326 appendix C.1.1 allows both.
std::string withControlsBelow(const std::string& sdp, const std::string& base);

/// Without the a=rtpmap lines, which static payload types alone can do without.
std::string withoutRtpmaps(const std::string& sdp);

/// With the session's a=range set to `range`, e.g. "clock=20261121T120000Z-20261121T130000Z".
std::string withRange(const std::string& sdp, const std::string& range);

/// "rtsp://user@host:port/path" on another host.
std::string onHost(const std::string& url, const std::string& host);

} // namespace camera
