#include "web/health.hpp"

#include "web/problem.hpp"

#include <cmath>

namespace web {

using namespace std::chrono_literals;

namespace {

/// A camera that is well sends something several times a second.
constexpr auto longSilence = 3s;
/// Browsers ask for a key frame when they have lost their way; half a minute of a broken picture
/// begins here.
constexpr auto longGroup = 10s;
/// Retransmission hides less than this.
constexpr double muchLoss = 0.05;
constexpr auto longWay = 400ms;
/// A warning stays this long, or nobody can read it.
constexpr auto recently = 20s;

std::string seconds(Health::Time time) { return std::to_string(time / 1s) + " s"; }

} // namespace

std::vector<std::string> warningsOf(const Health& h) {
    std::vector<std::string> all;
    const bool silent = h.silent && *h.silent >= longSilence;
    if (silent)
        all.push_back("The camera has sent nothing for " + seconds(*h.silent) + ".");
    all.insert(all.end(), h.faults.begin(), h.faults.end());
    if (!silent && h.asksInVain && h.key && *h.key >= longGroup)
        all.push_back("No key frame has come for " + seconds(*h.key) +
                      ": until one does, a picture that lost something stays broken. Set the "
                      "camera's key frame interval (GOP) to one or two seconds.");
    if (h.jam && *h.jam < recently)
        all.emplace_back("This connection takes less than the picture needs, so parts of it are "
                         "left out. Choose a smaller picture, or lower the camera's bit rate.");
    if (h.loss >= muchLoss)
        all.push_back("The network between the server and here loses " +
                      std::to_string(std::lround(h.loss * 100)) +
                      " % of the packets. A cable or a nearer access point helps.");
    if (h.roundTrip >= longWay)
        all.push_back("A packet takes " + std::to_string(h.roundTrip.count()) +
                      " ms to here and back, so the picture is late.");
    if (h.places > 0 && h.viewers >= h.places)
        all.push_back((h.places == 1 ? "The only place is"
                                     : "All " + std::to_string(h.places) + " places are") +
                      " taken: who comes next is sent away (max-viewers).");
    return all;
}

std::string healthJson(const Health& h) {
    std::string text = "{\"codec\":" + jsonString(h.codec);
    const auto add = [&text](const char* name, const std::string& value) {
        text += std::string(",\"") + name + "\":" + value;
    };
    const auto time = [](const std::optional<Health::Time>& t) {
        return t ? std::to_string(t->count()) : "null";
    };
    add("age", time(h.age));
    add("frames", std::to_string(h.frames));
    add("bitrate", std::to_string(h.bitrate));
    add("loss", std::to_string(std::lround(h.loss * 1000)) + "e-3"); // whatever the locale
    add("lost", std::to_string(h.lost));
    add("roundTrip", time(h.roundTrip));
    add("dropped", std::to_string(h.dropped));
    add("silent", time(h.silent));
    add("keyFrame", time(h.key));
    add("quality", std::to_string(h.quality));
    add("qualities", std::to_string(h.qualities));
    add("viewers", std::to_string(h.viewers));
    add("places", std::to_string(h.places));
    std::string warnings;
    for (const std::string& warning : warningsOf(h))
        warnings += (warnings.empty() ? "" : ",") + jsonString(warning);
    add("warnings", "[" + warnings + "]");
    return text + "}\n";
}

} // namespace web
