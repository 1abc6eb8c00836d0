#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace net {

/// How much each address may ask for: `burst` at once, and `perSecond` (above 0) in the long run.
/// Addresses of IPv6 count by their first 64 bits, as nobody has fewer. Remembers 4096 of them.
class RateLimit {
public:
    using Clock = std::chrono::steady_clock;

    RateLimit(double burst, double perSecond) : burst_(burst), perSecond_(perSecond) {}

    /// Seconds to wait, 1 or more, where less than `cost` is left.
    std::optional<std::chrono::seconds> wait(const std::string& address, Clock::time_point now,
                                             double cost = 1);
    void take(const std::string& address, Clock::time_point now, double cost = 1);
    /// wait(), and where there is no need to, take().
    std::optional<std::chrono::seconds> ask(const std::string& address, Clock::time_point now,
                                            double cost = 1);

private:
    struct Bucket {
        double left;
        Clock::time_point at;
    };

    Bucket& bucket(const std::string& address, Clock::time_point now);
    void forget(Clock::time_point now);

    double burst_, perSecond_;
    std::map<std::string, Bucket> buckets_;
};

/// The part of an IP address that one client cannot change at will.
std::string neighbourhood(const std::string& address);

} // namespace net
