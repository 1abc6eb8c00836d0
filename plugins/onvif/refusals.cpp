#include "refusals.hpp"

#include "net/random.hpp"

#include <glib.h>

#include <memory>
#include <utility>

namespace onvif {

Refusals::Refusals() : salt_(net::randomBytes(16)) {}

Refusals& Refusals::ofProcess() {
    static Refusals refusals;
    return refusals;
}

std::string Refusals::key(const std::string& place, const net::Credentials& account) const {
    const std::string text = salt_ + '\0' + place + '\0' + account.user + '\0' + account.password;
    const std::unique_ptr<char, void (*)(void*)> hash(
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(text.data()),
                                    text.size()),
        g_free);
    return hash.get();
}

/// With the lock held.
Refusals::Entry& Refusals::entry(const std::string& place, const net::Credentials& account) {
    if (entries_.size() >= maxEntries)
        entries_.clear();
    return entries_[key(place, account)];
}

void Refusals::refused(const std::string& place, const net::Credentials& account,
                       Clock::time_point now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Entry& known = entry(place, account);
    known.until = now + (std::exchange(known.accepted, false) ? shortPause : pause);
}

void Refusals::accepted(const std::string& place, const net::Credentials& account) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Entry& known = entry(place, account);
    known.accepted = true;
    known.until.reset();
}

void Refusals::Turn::release() {
    if (!refusals_)
        return;
    const std::lock_guard<std::mutex> lock(refusals_->mutex_);
    if (const auto held = refusals_->entries_.find(key_); held != refusals_->entries_.end())
        held->second.trying = false;
    refusals_ = nullptr;
}

Refusals::Turn& Refusals::Turn::operator=(Turn&& other) noexcept {
    if (this != &other) {
        release();
        refusals_ = std::exchange(other.refusals_, nullptr);
        key_ = std::move(other.key_);
    }
    return *this;
}

Refusals::Turn Refusals::turn(const std::string& place, const net::Credentials& account,
                              const net::Cancel& cancel) {
    constexpr std::chrono::milliseconds look{20};
    for (;;) {
        cancel.check();
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            Entry& known = entry(place, account);
            if (known.accepted || (known.until && *known.until > Clock::now()))
                return {};
            if (!std::exchange(known.trying, true))
                return {*this, key(place, account)};
        }
        cancel.pause(look);
    }
}

std::optional<std::chrono::seconds> Refusals::wait(const std::string& place,
                                                   const net::Credentials& account,
                                                   Clock::time_point now) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto known = entries_.find(key(place, account));
    if (known == entries_.end() || !known->second.until || *known->second.until <= now)
        return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(*known->second.until - now);
}

} // namespace onvif
