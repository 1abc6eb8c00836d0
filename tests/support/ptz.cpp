#include "support/ptz.hpp"

namespace camera {

void Ptz::run(const PtzRequest& velocity, Time now, Axis::Clock::duration timeout) {
    const std::lock_guard lock(mutex_);
    if (velocity.pan)
        pan_.run(*velocity.pan, now, now + timeout);
    if (velocity.tilt)
        tilt_.run(*velocity.tilt, now, now + timeout);
    if (velocity.zoom)
        zoom_.run(*velocity.zoom, now, now + timeout);
}

void Ptz::goTo(const PtzRequest& position, const PtzVector& speed, Time now) {
    const std::lock_guard lock(mutex_);
    if (position.pan)
        pan_.goTo(*position.pan, now, speed.pan);
    if (position.tilt)
        tilt_.goTo(*position.tilt, now, speed.tilt);
    if (position.zoom)
        zoom_.goTo(*position.zoom, now, speed.zoom);
}

void Ptz::goBy(const PtzRequest& way, const PtzVector& speed, Time now) {
    const PtzVector here = position(now);
    PtzRequest there;
    if (way.pan)
        there.pan = here.pan + *way.pan;
    if (way.tilt)
        there.tilt = here.tilt + *way.tilt;
    if (way.zoom)
        there.zoom = here.zoom + *way.zoom;
    goTo(there, speed, now);
}

void Ptz::goToPlace(const PtzVector& position, const PtzVector& speed, Time now) {
    goTo(PtzRequest{position.pan, position.tilt, position.zoom}, speed, now);
}

void Ptz::stop(bool panTilt, bool zoom, Time now) {
    const std::lock_guard lock(mutex_);
    if (panTilt) {
        pan_.stop(now);
        tilt_.stop(now);
    }
    if (zoom)
        zoom_.stop(now);
}

PtzVector Ptz::where(Time now) const { return {pan_.at(now), tilt_.at(now), zoom_.at(now)}; }

PtzVector Ptz::position(Time now) const {
    const std::lock_guard lock(mutex_);
    return where(now);
}

bool Ptz::panTiltMoves(Time now) const {
    const std::lock_guard lock(mutex_);
    return pan_.moving(now) || tilt_.moving(now);
}

bool Ptz::zoomMoves(Time now) const {
    const std::lock_guard lock(mutex_);
    return zoom_.moving(now);
}

std::map<std::string, PtzPreset> Ptz::presets() const {
    const std::lock_guard lock(mutex_);
    return presets_;
}

std::optional<std::string> Ptz::setPreset(const std::string& token, const std::string& name,
                                          Time now) {
    const std::lock_guard lock(mutex_);
    const bool known = presets_.count(token) > 0;
    if (!known && (!token.empty() || presets_.size() >= mostPresets))
        return {};
    const std::string key = known ? token : "preset" + std::to_string(nextPreset_++);
    PtzPreset& preset = presets_[key];
    preset.position = where(now);
    if (!name.empty() || !known)
        preset.name = name.empty() ? key : name;
    return key;
}

bool Ptz::removePreset(const std::string& token) {
    const std::lock_guard lock(mutex_);
    return presets_.erase(token) > 0;
}

bool Ptz::goToPreset(const std::string& token, const PtzVector& speed, Time now) {
    const auto all = presets();
    const auto preset = all.find(token);
    if (preset == all.end())
        return false;
    goToPlace(preset->second.position, speed, now);
    return true;
}

void Ptz::setHome(Time now) {
    const std::lock_guard lock(mutex_);
    home_ = where(now);
}

void Ptz::goHome(const PtzVector& speed, Time now) {
    PtzVector home;
    {
        const std::lock_guard lock(mutex_);
        home = home_;
    }
    goToPlace(home, speed, now);
}

} // namespace camera
