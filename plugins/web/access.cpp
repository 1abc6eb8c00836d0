#include "web/access.hpp"

#include "web/problem.hpp"

#include <algorithm>

namespace web {
namespace {

constexpr double joinCost = 10;
constexpr int usualRate = 120;

} // namespace

JoinLimit::JoinLimit(int perMinute) : local_(perMinute > 0) {
    const double rate = perMinute < 0 ? usualRate : perMinute;
    if (rate > 0)
        limit_.emplace(std::max(1.0, rate / 3) * joinCost, rate / 60 * joinCost);
}

std::optional<net::HttpReply> JoinLimit::refusal(const net::ServerRequest& request) {
    const bool join = request.method == "POST";
    if (!limit_ || (!join && request.method != "PATCH" && request.method != "DELETE") ||
        (!local_ && net::isLoopback(request.remote)))
        return std::nullopt;
    const auto delay =
        limit_->ask(request.remote, net::RateLimit::Clock::now(), join ? joinCost : 1);
    if (!delay)
        return std::nullopt;
    net::HttpReply reply = problem(429, "Too many requests come from this address. Wait " +
                                            std::to_string(delay->count()) + " s.");
    reply.headers.emplace_back("Retry-After", std::to_string(delay->count()));
    return reply;
}

} // namespace web
