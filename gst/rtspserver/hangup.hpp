#pragma once

#include <gst/rtsp-server/rtsp-server.h>

namespace rtspserver {

/// Ends the client's sessions and its connection; in the thread of the client's context. Over UDP a
/// session outlives its connection, unless it is ended with it.
void hangUp(GstRTSPClient* client);

/// The same for all clients of a server.
void hangUpOnAll(GstRTSPServer* server);

} // namespace rtspserver
