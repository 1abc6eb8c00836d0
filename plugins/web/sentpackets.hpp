#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace web {

/// What one viewer was sent of late, to be sent again where it says that it is missing. A packet is
/// what makes it again and no copy of it: many viewers share the rest. Found by its sequence number
/// in one step, for who asks may ask for anything, and often.
template <class Packet>
class SentPackets {
public:
    using Clock = std::chrono::steady_clock;

    /// Browsers that lose much wait for a packet for longer than a second.
    static constexpr std::chrono::milliseconds kept{1500};
    /// 20 Mbit/s for that long. A power of two, as is what it starts with.
    static constexpr std::size_t most = 4096, least = 128;
    /// Browsers ask again after a round trip, and no sooner than their timer ticks.
    static constexpr std::chrono::milliseconds soonest{10};
    /// How often they ask for one at most. A stranger's flood of requests makes no flood of media.
    static constexpr unsigned times = 10;

    void add(std::uint16_t sequence, Packet packet, Clock::time_point now) {
        while (slots_.size() < most && isKept(at(sequence), now) &&
               at(sequence).sequence != sequence)
            grow();
        at(sequence) = {std::move(packet), now, now - soonest, sequence, 0, true};
    }

    struct Found {
        const Packet& packet;
        Clock::duration age;
        bool before; ///< it was asked for already
    };
    /// The packet, if it is to be sent again.
    std::optional<Found> take(std::uint16_t sequence, Clock::time_point now) {
        Slot& slot = at(sequence);
        if (slot.sequence != sequence || !isKept(slot, now) || slot.sent == times ||
            now - slot.last < soonest)
            return std::nullopt;
        slot.last = now;
        return Found{slot.packet, now - slot.first, slot.sent++ > 0};
    }

    std::size_t room() const { return slots_.size(); } ///< packets

private:
    struct Slot {
        Packet packet{};
        Clock::time_point first{}, last{};
        std::uint16_t sequence = 0;
        std::uint8_t sent = 0; ///< again
        bool used = false;
    };

    Slot& at(std::uint16_t sequence) { return slots_[sequence & (slots_.size() - 1)]; }
    static bool isKept(const Slot& slot, Clock::time_point now) {
        return slot.used && now - slot.first <= kept;
    }
    void grow() {
        std::vector<Slot> old(2 * slots_.size());
        old.swap(slots_);
        for (Slot& slot : old)
            if (slot.used)
                at(slot.sequence) = std::move(slot);
    }

    std::vector<Slot> slots_ = std::vector<Slot>(least);
};

} // namespace web
