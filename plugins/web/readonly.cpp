#include "web/readonly.hpp"

#include "web/cors.hpp"
#include "web/problem.hpp"

namespace web {

ReadOnly::ReadOnly(const Access& access, const std::string& address)
    : policy_{access.allowOrigin, net::isLoopback(address)} {}

std::optional<net::HttpReply> ReadOnly::refusal(const net::ServerRequest& request) const {
    if (auto foreign = policy_.refusal(request))
        return foreign;
    const net::HttpHeaders allowed = {{"Allow", "OPTIONS, GET, HEAD"}};
    if (request.method == "OPTIONS")
        return net::HttpReply{204, "", "", allowed};
    if (request.method == "GET" || request.method == "HEAD")
        return std::nullopt;
    net::HttpReply reply = problem(405, "Only GET and HEAD are possible here.");
    reply.headers = allowed;
    return reply;
}

net::HttpReply ReadOnly::dressed(net::HttpReply reply, const net::ServerRequest& request) const {
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    // Pages of other sites could otherwise show it in an <img> or <video>, which send no Origin.
    if (policy_.allowOrigin.empty())
        reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    shareAcrossOrigins(reply, request, policy_.allowOrigin);
    return reply;
}

} // namespace web
