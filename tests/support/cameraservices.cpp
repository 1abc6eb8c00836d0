#include "support/cameraservices.hpp"

#include "base/error.hpp"
#include "support/deviceioservice.hpp"
#include "support/deviceservice.hpp"
#include "support/eventservice.hpp"
#include "support/imagingservice.hpp"
#include "support/media2service.hpp"
#include "support/mediaservice.hpp"
#include "support/ptzservice.hpp"
#include "support/recordingservices.hpp"

#include <utility>

namespace camera {
namespace {

/// "TOPIC on", taken apart.
std::pair<std::string, bool> lastWord(const std::string& text) {
    const auto space = text.find_last_of(" \t");
    const bool on = onOrOff(space == std::string::npos ? "" : text.substr(space + 1));
    return {text.substr(0, text.find_last_not_of(" \t", space) + 1), on};
}

[[noreturn]] void unknown(const std::string& what) {
    throw base::Error(base::ErrorKind::Settings, "There is no " + what + ".");
}

} // namespace

CameraServices::CameraServices(net::EventLoop& loop, Device& device)
    : events(loop, device.ills), device_(device) {
    relays.listen([this](const std::string& token, bool active) {
        events.raise(*eventTopic("Device/Trigger/Relay"), active, token);
    });
}

std::vector<Service> CameraServices::make(const Hooks& hooks) {
    std::vector<Service> others{
        mediaService(device_, hooks.requestKeyFrame), media2Service(device_, hooks.requestKeyFrame),
        ptzService(device_, ptz), imagingService(imaging), deviceIoService(relays)};
    for (Service& service : eventServices(device_, events))
        others.push_back(std::move(service));
    for (Service& service : recordingServices(device_, recordings))
        others.push_back(std::move(service));
    std::vector<Service> all{deviceService(device_, relays, others, hooks.reboot)};
    for (Service& service : others)
        all.push_back(std::move(service));
    return all;
}

void CameraServices::addCommands(Control& control) {
    control.add("ill NAME[=VALUE]", [this](const std::string& text) {
        const auto [name, value] = illFromText(text);
        device_.ills.set(name, value);
        return std::string();
    });
    control.add("cure NAME", [this](const std::string& name) {
        device_.ills.clear(name);
        return std::string();
    });
    control.add("event TOPIC on|off", [this](const std::string& text) {
        const auto [name, on] = lastWord(text);
        const EventTopic* topic = eventTopic(name);
        if (!topic)
            unknown("topic " + name);
        events.raise(*topic, on);
        return std::string();
    });
    control.add("relays", [this](const std::string&) {
        std::string all;
        for (const Relay& relay : relays.all())
            all += (all.empty() ? "" : " ") + relay.token + (relay.active ? "=on" : "=off");
        return all;
    });
    control.add("relay TOKEN on|off", [this](const std::string& text) {
        const auto [token, on] = lastWord(text);
        if (!relays.set(token, on))
            unknown("relay " + token);
        return std::string();
    });
}

} // namespace camera
