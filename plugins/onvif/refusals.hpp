#pragma once

#include "net/digest.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace onvif {

/// Which accounts were refused where, for the whole process: devices lock an account after a
/// handful of wrong passwords, some for half an hour, and an element that is started again or
/// reconnects must not count them up. Another password is another account here. Any thread may ask.
class Refusals {
public:
    using Clock = std::chrono::steady_clock;
    /// Long enough to stay below what locks an account, short enough to wait for after the password
    /// was set right in the device.
    static constexpr std::chrono::seconds pause{300};
    /// For an account that was let in before: the device may be out of connections, and says the
    /// same then.
    static constexpr std::chrono::seconds shortPause{30};

    Refusals();
    static Refusals& ofProcess();

    void refused(const std::string& place, const net::Credentials& account,
                 Clock::time_point now = Clock::now());
    void accepted(const std::string& place, const net::Credentials& account);
    /// How long nothing is to be tried; nothing where it may.
    std::optional<std::chrono::seconds> wait(const std::string& place,
                                             const net::Credentials& account,
                                             Clock::time_point now = Clock::now()) const;

private:
    struct Entry {
        bool accepted = false;
        std::optional<Clock::time_point> until;
    };
    std::string key(const std::string& place, const net::Credentials& account) const;
    Entry& entry(const std::string& place, const net::Credentials& account);

    static constexpr std::size_t maxEntries = 4096;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    const std::string salt_; ///< passwords are kept as salted hashes, never themselves
};

} // namespace onvif
