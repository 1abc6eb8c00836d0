#pragma once

#include "net/cancel.hpp"
#include "net/digest.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

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
    /// For an account that was let in before, once: the device may be out of connections, and says
    /// the same then.
    static constexpr std::chrono::seconds shortPause{30};

    Refusals();
    static Refusals& ofProcess();

    /// The right to try an account that was not let in yet, until it is dropped.
    class Turn {
    public:
        Turn() = default;
        Turn(Turn&& other) noexcept
            : refusals_(std::exchange(other.refusals_, nullptr)), key_(std::move(other.key_)) {}
        Turn& operator=(Turn&& other) noexcept;
        ~Turn() { release(); }

    private:
        friend class Refusals;
        void release();
        Turn(Refusals& refusals, std::string key) : refusals_(&refusals), key_(std::move(key)) {}

        Refusals* refusals_ = nullptr;
        std::string key_;
    };
    /// One at a time has it: a dozen elements started together would try a wrong password a dozen
    /// times. Waits for what comes of the other's try; ask `wait` afterwards. Who was let in before
    /// does not wait. Throws net::Cancelled. A thread may hold one turn.
    [[nodiscard]] Turn turn(const std::string& place, const net::Credentials& account,
                            const net::Cancel& cancel);

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
        bool trying = false; ///< somebody has the turn
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
