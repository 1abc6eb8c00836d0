#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace net {

/// Counts who is inside of a server and decides who gives way when it is full. Whoever has not said
/// all that it came for does, the longest waiting first: of the address that is at its own limit,
/// or else of the one with the most of them. So a crowd that connects and dawdles gets into its own
/// way only, also where somebody honest comes from the same address. IPv6 addresses count by their
/// first 64 bits.
class Turnstile {
    struct Guest;
    using Guests = std::list<Guest>;
    struct Room;

public:
    /// A place inside, until it is dropped.
    class Pass {
    public:
        Pass(std::shared_ptr<Room> room, Guests::iterator guest) : room_(room), guest_(guest) {}
        ~Pass();
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        /// How to make this one leave, which may drop the pass. Called once.
        void onEviction(std::function<void()> leave);
        /// It has said what it came for, and stays.
        void settle();

    private:
        friend class Turnstile;
        std::shared_ptr<Room> room_;
        Guests::iterator guest_;
    };

    /// Room for so many, and so many of one address.
    Turnstile(std::size_t all, std::size_t each);
    /// Null when there is no place and nobody who gives way. `privileged` has no limit of its own.
    std::shared_ptr<Pass> enter(const std::string& address, bool privileged = false);
    std::size_t size() const;

private:
    struct Guest {
        std::string address;
        std::function<void()> leave;
        Pass* pass = nullptr;
        bool settled = false;
    };
    struct Room {
        Guests guests; ///< who came first, first
    };

    std::size_t count(const std::string& address) const;
    std::string heaviest() const;
    bool evict(const std::string& address);

    std::size_t all_, each_;
    std::shared_ptr<Room> room_ = std::make_shared<Room>();
};

} // namespace net
