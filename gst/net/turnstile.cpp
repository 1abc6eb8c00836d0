#include "net/turnstile.hpp"

#include "net/ratelimit.hpp"

#include <algorithm>

namespace net {

Turnstile::Turnstile(std::size_t all, std::size_t each) : all_(all), each_(each) {}

Turnstile::Pass::~Pass() {
    if (room_)
        room_->guests.erase(guest_);
}

void Turnstile::Pass::onEviction(std::function<void()> leave) {
    if (room_)
        guest_->leave = std::move(leave);
}

void Turnstile::Pass::settle() {
    if (room_)
        guest_->settled = true;
}

std::shared_ptr<Turnstile::Pass> Turnstile::enter(const std::string& address, bool privileged) {
    const std::string who = neighbourhood(address);
    if ((!privileged && count(who) >= each_ && !evict(who)) ||
        (size() >= all_ && !evict(heaviest())))
        return nullptr;
    const auto guest = room_->guests.insert(room_->guests.end(), {who, {}, nullptr, false});
    auto pass = std::make_shared<Pass>(room_, guest);
    guest->pass = pass.get();
    return pass;
}

std::size_t Turnstile::size() const { return room_->guests.size(); }

std::size_t Turnstile::count(const std::string& address) const {
    return static_cast<std::size_t>(
        std::count_if(room_->guests.begin(), room_->guests.end(),
                      [&](const Guest& guest) { return guest.address == address; }));
}

/// The address with the most guests who have not settled; empty without any.
std::string Turnstile::heaviest() const {
    std::map<std::string, std::size_t> young;
    for (const Guest& guest : room_->guests)
        if (!guest.settled)
            young[guest.address]++;
    const auto most =
        std::max_element(young.begin(), young.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == young.end() ? "" : most->first;
}

bool Turnstile::evict(const std::string& address) {
    const auto found =
        std::find_if(room_->guests.begin(), room_->guests.end(), [&](const Guest& guest) {
            return !guest.settled && guest.address == address;
        });
    if (found == room_->guests.end())
        return false;
    const auto leave = std::move(found->leave);
    found->pass->room_.reset(); // its place is free from now on
    room_->guests.erase(found);
    if (leave)
        leave();
    return true;
}

} // namespace net
