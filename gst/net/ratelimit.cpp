#include "net/ratelimit.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

namespace net {
namespace {

constexpr std::size_t mostAddresses = 4096;

} // namespace

std::string neighbourhood(const std::string& address) {
    in6_addr six{};
    if (inet_pton(AF_INET6, address.c_str(), &six) != 1)
        return address;
    char text[INET6_ADDRSTRLEN] = "";
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        inet_ntop(AF_INET, six.s6_addr + 12, text, sizeof text);
        return text;
    }
    if (!IN6_IS_ADDR_LOOPBACK(&six))
        std::fill(six.s6_addr + 8, six.s6_addr + 16, static_cast<unsigned char>(0));
    inet_ntop(AF_INET6, &six, text, sizeof text);
    return text;
}

RateLimit::Bucket& RateLimit::bucket(const std::string& address, Clock::time_point now) {
    if (buckets_.size() >= mostAddresses)
        forget(now);
    Bucket& bucket =
        buckets_.try_emplace(neighbourhood(address), Bucket{burst_, now}).first->second;
    const std::chrono::duration<double> passed = now - bucket.at;
    bucket.left = std::min(burst_, bucket.left + passed.count() * perSecond_);
    bucket.at = now;
    return bucket;
}

/// Those who could ask for everything again, and when all are at it, all: nobody is let in less
/// often for it.
void RateLimit::forget(Clock::time_point now) {
    for (auto i = buckets_.begin(); i != buckets_.end();) {
        const std::chrono::duration<double> passed = now - i->second.at;
        const bool full = i->second.left + passed.count() * perSecond_ >= burst_;
        i = full ? buckets_.erase(i) : std::next(i);
    }
    if (buckets_.size() >= mostAddresses)
        buckets_.clear();
}

std::optional<std::chrono::seconds> RateLimit::wait(const std::string& address,
                                                    Clock::time_point now, double cost) {
    const double missing = cost - bucket(address, now).left;
    if (missing <= 0)
        return std::nullopt;
    return std::chrono::seconds(static_cast<long>(std::ceil(missing / perSecond_)));
}

void RateLimit::take(const std::string& address, Clock::time_point now, double cost) {
    bucket(address, now).left -= cost;
}

std::optional<std::chrono::seconds> RateLimit::ask(const std::string& address,
                                                   Clock::time_point now, double cost) {
    auto delay = wait(address, now, cost);
    if (!delay)
        take(address, now, cost);
    return delay;
}

} // namespace net
