#include "support/relays.hpp"

namespace camera {

void Relays::listen(Listener listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
}

std::vector<Relay> Relays::all() const {
    const std::lock_guard lock(mutex_);
    return relays_;
}

bool Relays::set(const std::string& token, bool active) {
    Listener tell;
    {
        const std::lock_guard lock(mutex_);
        for (Relay& relay : relays_)
            if (relay.token == token) {
                relay.active = active;
                tell = listener_ ? listener_ : [](const std::string&, bool) {};
            }
    }
    if (tell)
        tell(token, active);
    return tell != nullptr;
}

bool Relays::configure(const Relay& wish) {
    const std::lock_guard lock(mutex_);
    for (Relay& relay : relays_)
        if (relay.token == wish.token) {
            relay.mode = wish.mode;
            relay.idleState = wish.idleState;
            relay.delay = wish.delay;
            return true;
        }
    return false;
}

} // namespace camera
