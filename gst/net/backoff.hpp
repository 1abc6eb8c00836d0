#pragma once

#include <chrono>
#include <functional>

namespace net {

/// How long to wait before a peer is tried again: twice as long after each failure, up to a bound,
/// and of that a random part between the half and all, so that a house full of cameras that lost
/// the same power does not knock in step.
///
/// There are two bounds. Where nothing answers, a try costs one packet and the peer may be back any
/// moment: `knock` is the longest. One that answers and refuses is busy or ill, and is given up to
/// `longest`.
class Backoff {
public:
    using Milliseconds = std::chrono::milliseconds;
    static constexpr Milliseconds knock{1500};

    /// `random` gives 0 <= x < 1.
    Backoff(Milliseconds shortest, Milliseconds longest, std::function<double()> random);

    Milliseconds next(bool answered);
    void reset() { doublings_ = 0; }

private:
    Milliseconds shortest_, longest_;
    std::function<double()> random_;
    unsigned doublings_ = 0;
};

} // namespace net
