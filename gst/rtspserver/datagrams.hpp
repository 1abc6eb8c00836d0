#pragma once

#include <gst/rtsp-server/rtsp-server.h>

#include <string>

namespace rtspserver {

/// GStreamer's RTSP server sends and receives UDP on every address of the machine, whatever address
/// it listens on. This holds the factory's streams to `address` (IPv4 or IPv6 in numbers; a
/// wildcard leaves them alone), on free ports. With `multicast` they are also offered to groups
/// that no router forwards: locally scoped (RFC 2365) or link-local (RFC 4291), with a TTL of 1.
void bindDatagrams(GstRTSPMediaFactory* factory, const std::string& address, bool multicast);

} // namespace rtspserver
