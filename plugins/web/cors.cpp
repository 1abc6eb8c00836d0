#include "web/cors.hpp"

namespace web {

void shareAcrossOrigins(net::HttpReply& reply, const net::ServerRequest& request,
                        const std::string& allowOrigin) {
    const std::string origin = request.header("Origin");
    if (allowOrigin.empty() || origin.empty())
        return;
    net::HttpHeaders& headers = reply.headers;
    headers.emplace_back("Access-Control-Allow-Origin", allowOrigin == "*" ? "*" : origin);
    headers.emplace_back("Vary", "Origin");
    headers.emplace_back("Access-Control-Expose-Headers",
                         "Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After");
    if (request.method != "OPTIONS")
        return;
    headers.emplace_back("Access-Control-Allow-Methods", "OPTIONS, GET, HEAD, POST, PATCH, DELETE");
    headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    headers.emplace_back("Access-Control-Max-Age", "600");
}

} // namespace web
