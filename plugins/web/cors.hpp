#pragma once

#include "net/httpserver.hpp"

#include <string>

namespace web {

/// Tells the browser that the asking page may read `reply`, where `allowOrigin` (see OriginPolicy)
/// has let it in, and what it may send in answer to a preflight. For requests that were not
/// refused.
void shareAcrossOrigins(net::HttpReply& reply, const net::ServerRequest& request,
                        const std::string& allowOrigin);

} // namespace web
