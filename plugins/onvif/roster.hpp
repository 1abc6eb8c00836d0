#pragma once

#include "found.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace onvif {

/// News about one camera. Its endpoint is what it is known by; its address may change.
struct Change {
    enum class Kind { Added, Changed, Removed };
    Kind kind;
    std::string key; ///< of the camera, the same in all news of it
    Found camera;    ///< as it is now; Removed: as it was told last
};

/// Who is there, from answers to our questions and from nothing else: what others say by
/// themselves, Hello and Bye, only brings us to ask. No sockets and no clock: times go in,
/// questions and news come out.
///
/// An address is lost when it answered none of `patience` rounds, or when it was doubted and
/// answered neither of three questions of its own nor a round within a second. A camera is removed
/// with its last address.
class Roster {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Roster(unsigned patience) : patience_(patience) {}

    /// A new round of questions to everybody goes out now.
    void beginRound(Time now);
    /// Everybody is asked once more within a round.
    void askedAll(Time now);
    /// An answer to a question of ours.
    void answered(Found found, Time now);
    /// Somebody said Hello for that endpoint from that host: true when that is news to us.
    bool unknown(const std::string& endpoint, const std::string& host) const;
    /// Somebody said Bye for that endpoint. Believed when the camera is silent, now or in 3 s; some
    /// are still there when they say it. True when it is one of ours.
    bool saidBye(const std::string& endpoint, Time now);

    /// The hosts to ask right now, each to be asked by itself.
    std::vector<std::string> questions(Time now);
    /// Whether a doubt waits for everybody to be asked.
    bool wantsRound() const;
    /// What is to be told now. Answers that come in parts make one piece of news.
    std::vector<Change> changes(Time now);
    /// When questions() or changes() have something to do again without an answer.
    std::optional<Time> next() const;
    std::size_t size() const { return cameras_.size(); }

private:
    struct Doubt {
        Time next; ///< question
        int asked = 0;
        std::optional<Time> allAsked; ///< the first round since
    };
    struct Sighting {          ///< of a camera at one address
        Found latest, earlier; ///< told in its latest round and in the one before
        unsigned round = 0;
        Time heard{};
        bool askOnce = false;
        std::optional<Doubt> doubt;
    };
    struct Camera {
        std::map<std::string, Sighting> sightings; ///< by sender
        std::optional<Found> told;
        std::optional<Time> news;
        std::optional<Time> bye, lookAgain;
    };

    Camera* place(const Found& found);
    static bool judged(const Sighting& sighting, Time now);
    static void forget(Camera& camera, Time now);
    static void doubt(Sighting& sighting, Time now);
    static std::optional<Time> tellAt(const Camera& camera);
    static Found view(const Camera& camera);

    unsigned patience_;
    unsigned round_ = 1;
    std::map<std::string, Camera> cameras_; ///< by key
};

} // namespace onvif
