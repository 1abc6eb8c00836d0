#include "roster.hpp"

#include "discovery.hpp"

#include <algorithm>
#include <utility>

namespace onvif {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds settle{100};     ///< for the parts of an answer
constexpr milliseconds sameTime{600};   ///< WS-Discovery's APP_MAX_DELAY and a little
constexpr milliseconds askAgain{250};   ///< a host that is doubted
constexpr milliseconds judgement{1000}; ///< after which silence is an answer
constexpr milliseconds lookAfterBye{3000};
constexpr int maxAsked = 3;
constexpr std::size_t maxSightings = 8;

std::vector<std::string> sorted(std::vector<std::string> words) {
    std::sort(words.begin(), words.end());
    return words;
}

bool differ(const Found& a, const Found& b) {
    return a.addresses() != b.addresses() || sorted(a.scopes) != sorted(b.scopes) ||
           sorted(a.xaddrs) != sorted(b.xaddrs);
}

} // namespace

void Roster::beginRound(Time now) {
    for (auto& [key, camera] : cameras_) {
        auto& all = camera.sightings;
        const bool here = std::any_of(
            all.begin(), all.end(), [&](const auto& item) { return item.second.round == round_; });
        for (auto it = all.begin(); it != all.end();) {
            const unsigned missed = round_ - it->second.round;
            if (missed >= patience_) {
                it = all.erase(it);
                camera.news = now - settle;
                continue;
            }
            it->second.askOnce = missed > 0; // some networks lose multicast
            // It answers, and not from there any more: did it move?
            if (missed > 0 && here)
                doubt(it->second, now);
            ++it;
        }
    }
    round_++;
    askedAll(now);
}

void Roster::askedAll(Time now) {
    for (auto& [key, camera] : cameras_)
        for (auto& [sender, sighting] : camera.sightings)
            if (sighting.doubt && !sighting.doubt->allAsked)
                sighting.doubt->allAsked = now;
}

/// A new camera has its place while there is one, and less than three quarters of them are its
/// sender's.
Roster::Camera* Roster::place(const Found& found) {
    const std::string key = keyOf(found);
    const auto known = cameras_.find(key);
    if (known != cameras_.end())
        return &known->second;
    const auto alike = std::count_if(cameras_.begin(), cameras_.end(), [&](const auto& item) {
        return item.second.sightings.count(found.sender) > 0;
    });
    if (cameras_.size() >= maxDevices || static_cast<std::size_t>(alike) >= maxDevices / 4 * 3)
        return nullptr;
    return &cameras_[key];
}

void Roster::answered(Found found, Time now) {
    Camera* camera = place(found);
    if (!camera)
        return;
    auto& all = camera->sightings;
    if (all.count(found.sender) == 0) {
        if (all.size() >= maxSightings)
            return;
        // Perhaps it moved: is it still where it was? On two networks at once it says so at once.
        for (auto& [sender, other] : all)
            if (now >= other.heard + sameTime)
                doubt(other, now);
        all[found.sender].round = round_;
    }
    Sighting& sighting = all[found.sender];
    sighting.doubt.reset();
    sighting.heard = now;
    if (sighting.round != round_) {
        sighting.earlier = std::exchange(sighting.latest, {});
        sighting.round = round_;
    }
    if (sighting.latest.sender.empty())
        sighting.latest = std::move(found);
    else
        combine(sighting.latest, std::move(found));
    if (!camera->news)
        camera->news = now;
}

bool Roster::unknown(const std::string& endpoint, const std::string& host) const {
    const auto it = cameras_.find(keyOf({endpoint, host, {}, {}, {}}));
    return it == cameras_.end() || it->second.sightings.count(host) == 0;
}

bool Roster::saidBye(const std::string& endpoint, Time now) {
    const auto it = cameras_.find(keyOf({endpoint, {}, {}, {}, {}}));
    if (it == cameras_.end())
        return false;
    Camera& camera = it->second;
    // Said again and again it brings no more questions.
    if (camera.bye && now < *camera.bye + 2 * lookAfterBye)
        return true;
    camera.bye = now;
    camera.lookAgain = now + lookAfterBye;
    for (auto& [sender, sighting] : camera.sightings)
        doubt(sighting, now);
    return true;
}

void Roster::doubt(Sighting& sighting, Time now) {
    if (!sighting.doubt)
        sighting.doubt = Doubt{now, 0, {}};
}

std::vector<std::string> Roster::questions(Time now) {
    std::vector<std::string> hosts;
    for (auto& [key, camera] : cameras_) {
        if (camera.lookAgain && now >= *camera.lookAgain) {
            camera.lookAgain.reset();
            for (auto& [sender, sighting] : camera.sightings)
                doubt(sighting, now);
        }
        for (auto& [sender, sighting] : camera.sightings) {
            auto& doubt = sighting.doubt;
            const bool due = doubt && doubt->asked < maxAsked && now >= doubt->next;
            if (due) {
                doubt->asked++;
                doubt->next = now + askAgain;
            }
            if (std::exchange(sighting.askOnce, false) || due)
                hosts.push_back(sender);
        }
    }
    return hosts;
}

bool Roster::wantsRound() const {
    for (const auto& [key, camera] : cameras_)
        for (const auto& [sender, sighting] : camera.sightings)
            if (sighting.doubt && !sighting.doubt->allAsked)
                return true;
    return false;
}

bool Roster::judged(const Sighting& sighting, Time now) {
    const auto& doubt = sighting.doubt;
    return doubt && doubt->asked >= maxAsked && doubt->allAsked &&
           now >= *doubt->allAsked + judgement;
}

void Roster::forget(Camera& camera, Time now) {
    auto& all = camera.sightings;
    for (auto it = all.begin(); it != all.end();) {
        if (judged(it->second, now)) {
            it = all.erase(it);
            camera.news = now - settle;
        } else {
            ++it;
        }
    }
}

/// A change waits for the doubts, so that a move is told once, with the new address.
std::optional<Roster::Time> Roster::tellAt(const Camera& camera) {
    const auto& all = camera.sightings;
    const bool doubted = std::any_of(
        all.begin(), all.end(), [](const auto& item) { return item.second.doubt.has_value(); });
    if (!camera.news || (camera.told && doubted))
        return std::nullopt;
    return *camera.news + settle;
}

/// What was told last comes first; what only the round before told may have been lost this time.
Found Roster::view(const Camera& camera) {
    Found whole = camera.sightings.begin()->second.latest;
    for (const auto& [sender, sighting] : camera.sightings)
        combine(whole, sighting.latest);
    for (const auto& [sender, sighting] : camera.sightings)
        if (!sighting.earlier.sender.empty())
            combine(whole, sighting.earlier);
    return whole;
}

std::vector<Change> Roster::changes(Time now) {
    std::vector<Change> news;
    for (auto it = cameras_.begin(); it != cameras_.end();) {
        Camera& camera = it->second;
        forget(camera, now);
        if (camera.sightings.empty()) {
            if (camera.told)
                news.push_back({Change::Kind::Removed, it->first, std::move(*camera.told)});
            it = cameras_.erase(it);
            continue;
        }
        if (const auto time = tellAt(camera); time && now >= *time) {
            camera.news.reset();
            Found whole = view(camera);
            if (!camera.told || differ(*camera.told, whole)) {
                const auto kind = camera.told ? Change::Kind::Changed : Change::Kind::Added;
                news.push_back({kind, it->first, whole});
                camera.told = std::move(whole);
            }
        }
        ++it;
    }
    return news;
}

std::optional<Roster::Time> Roster::next() const {
    std::optional<Time> soonest;
    const auto consider = [&](Time time) { soonest = std::min(soonest.value_or(time), time); };
    for (const auto& [key, camera] : cameras_) {
        if (const auto time = tellAt(camera))
            consider(*time);
        if (camera.lookAgain)
            consider(*camera.lookAgain);
        for (const auto& [sender, sighting] : camera.sightings) {
            if (!sighting.doubt)
                continue;
            if (sighting.doubt->asked < maxAsked)
                consider(sighting.doubt->next);
            else if (sighting.doubt->allAsked)
                consider(*sighting.doubt->allAsked + judgement);
        }
    }
    return soonest;
}

} // namespace onvif
