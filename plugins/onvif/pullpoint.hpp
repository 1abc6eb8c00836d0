#pragma once

#include "device.hpp"
#include "event.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace onvif {

/// How long a device keeps a subscription, told in its own time: only the difference counts, as its
/// clock may be years off.
struct Lease {
    std::chrono::seconds left{0}; ///< zero: the device does not say, or nothing that makes sense
};
/// From CurrentTime and TerminationTime of an answer.
Lease readLease(const net::XmlNode& response);

/// A subscription at a camera's event service by pull point (ONVIF Core, "Real-time Pull-Point
/// Notification Interface"). One thread; every call throws what `Device` throws.
///
/// - The subscription is told apart by its address, query included, or by its ReferenceParameters,
///   which go back as headers (quirk E1).
/// - Its address is gone to on the host that was reached; where its port is dead, on the port that
///   was reached (quirk E2).
/// - Lengths of time are given as such; where a device misreads them, as a time by its own clock
///   (quirk E2).
class PullPoint {
public:
    using Clock = std::chrono::steady_clock;
    /// Long enough that renewing costs nothing, short enough that what is left behind by a program
    /// that died frees one of the few places in a camera soon.
    static constexpr std::chrono::seconds lifetime{60};

    explicit PullPoint(Device& device) : device_(device) {}

    void subscribe();
    /// What happened since the last call; waits for it up to `wait`. Renews the subscription when
    /// half of its time has gone.
    std::vector<Event> pull(std::chrono::seconds wait, Clock::time_point now = Clock::now());
    /// At the subscription's end; bounded by `patience`.
    void unsubscribe(std::chrono::milliseconds patience);
    bool subscribed() const { return !address_.empty(); }

    /// To leave a subscription through another connection to the same device.
    void adopt(const PullPoint& other);

private:
    SoapReply create();
    SoapReply ask(const Operation& operation);
    void renew(Clock::time_point now);
    void keep(const net::XmlNode& response, Clock::time_point now);

    Device& device_;
    std::string address_;
    std::vector<std::string> references_;
    Clock::time_point renewAt_{};
    std::chrono::seconds margin_{lifetime / 2}; ///< how long before its end it is renewed
    bool absoluteTime_ = false, addressProven_ = false;
};

} // namespace onvif
