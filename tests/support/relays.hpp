#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace camera {

/// A switch that the camera works for others.
struct Relay {
    std::string token;
    std::string mode = "Bistable"; ///< or Monostable
    std::string idleState = "open";
    std::string delay = "PT1S"; ///< until a monostable one falls back
    bool active = false;
};

/// The relay outputs and digital inputs of the camera. Any thread may use it.
class Relays {
public:
    /// Told whenever a relay was switched, in the thread that switched it.
    using Listener = std::function<void(const std::string& token, bool active)>;

    static constexpr const char* input = "input0"; ///< the one digital input

    void listen(Listener listener);
    std::vector<Relay> all() const;
    /// False for an unknown token.
    bool set(const std::string& token, bool active);
    bool configure(const Relay& relay);

private:
    mutable std::mutex mutex_;
    Listener listener_;
    std::vector<Relay> relays_{{"relay0"}, {"relay1"}};
};

} // namespace camera
