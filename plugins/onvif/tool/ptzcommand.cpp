#include "commands.hpp"

#include "base/error.hpp"

#include <map>

namespace {

using onvif::Camera;
using onvif::PtzVector;
using std::chrono::milliseconds;

/// An axis that the user left out, with "-" or by saying less.
std::optional<double> axis(const Task& task, std::size_t i, const char* name, double low) {
    if (!task.has(i) || task.word(i, name) == "-")
        return std::nullopt;
    return numberFrom(name, task.word(i, name), low, 1);
}

PtzVector vector(const Task& task, double lowestZoom) {
    task.word(1, "how far: PAN TILT ZOOM");
    return {axis(task, 1, "PAN", -1), axis(task, 2, "TILT", -1), axis(task, 3, "ZOOM", lowestZoom)};
}

Record positionRecord(const PtzVector& position) {
    return Record()
        .number("pan", position.pan)
        .number("tilt", position.tilt)
        .number("zoom", position.zoom);
}

/// Goes on for a while; where the camera cannot end that itself we do, on Ctrl-C too.
void move(const Task& task, Camera& camera) {
    const milliseconds duration = task.line.duration.value_or(milliseconds(1000));
    if (camera.ptz().move(vector(task, -1), duration) || duration <= milliseconds(0))
        return;
    const bool waited = task.cancel.pause(duration);
    const net::Cancel own;
    camera.again(own, task.line.timeout)->ptz().stop();
    if (!waited)
        throw net::Cancelled();
}

void status(const Task& task, Camera& camera) {
    const onvif::PtzStatus now = camera.ptz().status();
    task.print(positionRecord(now.position)
                   .flag("moving", now.moving)
                   .text("pan-tilt-status", now.panTilt)
                   .text("zoom-status", now.zoom));
}

void presets(const Task& task, Camera& camera) {
    Record::List list;
    for (const onvif::PtzPreset& preset : camera.ptz().presets())
        list.push_back(Record()
                           .text("token", preset.token)
                           .text("name", preset.name)
                           .record("position", positionRecord(preset.position)));
    task.print(Record().records("presets", std::move(list)));
}

void capabilities(const Task& task, Camera& camera) {
    const onvif::PtzCapabilities& can = camera.ptz().capabilities();
    const auto seconds = [](const std::optional<milliseconds>& time) {
        return time ? std::optional<double>(static_cast<double>(time->count()) / 1000)
                    : std::nullopt;
    };
    Record record;
    if (can.spaces.known)
        record.flag("move-pan-tilt", !can.spaces.continuousPanTilt.empty())
            .flag("move-zoom", !can.spaces.continuousZoom.empty())
            .flag("to-pan-tilt", !can.spaces.absolutePanTilt.empty())
            .flag("to-zoom", !can.spaces.absoluteZoom.empty())
            .flag("by-pan-tilt", !can.spaces.relativePanTilt.empty())
            .flag("by-zoom", !can.spaces.relativeZoom.empty());
    task.print(record.flag("home", can.home)
                   .number("presets", can.presets)
                   .number("shortest-move", seconds(can.shortestTimeout))
                   .number("longest-move", seconds(can.longestTimeout)));
}

void setPreset(const Task& task, Camera& camera) {
    const std::string token = camera.ptz().setPreset(task.word(1, "the preset's NAME"));
    task.print(Record().text("token", token));
}

using Action = void (*)(const Task&, Camera&);
const std::map<std::string, Action> actions = {
    {"move", move},
    {"to", [](const Task& t, Camera& c) { c.ptz().moveTo(vector(t, 0), t.line.speed); }},
    {"by", [](const Task& t, Camera& c) { c.ptz().moveBy(vector(t, -1), t.line.speed); }},
    {"stop", [](const Task&, Camera& c) { c.ptz().stop(); }},
    {"home", [](const Task& t, Camera& c) { c.ptz().goHome(t.line.speed); }},
    {"set-home", [](const Task&, Camera& c) { c.ptz().setHome(); }},
    {"goto",
     [](const Task& t, Camera& c) { c.ptz().goToPreset(t.word(1, "a PRESET"), t.line.speed); }},
    {"remove", [](const Task& t, Camera& c) { c.ptz().removePreset(t.word(1, "a PRESET")); }},
    {"set", setPreset},
    {"status", status},
    {"presets", presets},
    {"capabilities", capabilities},
};

} // namespace

void ptzCommand(const Task& task) {
    const std::string name = task.has(0) ? task.word(0, "") : "capabilities";
    const auto action = actions.find(name);
    if (action == actions.end())
        throw base::Error(base::ErrorKind::Settings,
                          "ptz does not know '" + name + "'. See onvif-tool --help.");
    action->second(task, *task.camera());
}
