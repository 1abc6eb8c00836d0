#include "event.hpp"

#include "xmlvalue.hpp"

#include <algorithm>
#include <array>

namespace onvif {

namespace {

constexpr std::size_t maxEvents = 1000, maxItems = 64;

/// "tns1:Device/tns1:Trigger/tnsaxis:Port" without what is before the colons.
std::string withoutPrefixes(const std::string& topic) {
    std::string out;
    std::size_t at = 0;
    while (at <= topic.size()) {
        const std::size_t slash = std::min(topic.find('/', at), topic.size());
        std::string step = topic.substr(at, slash - at);
        if (const auto colon = step.rfind(':'); colon != std::string::npos)
            step.erase(0, colon + 1);
        out += (out.empty() ? "" : "/") + step;
        at = slash + 1;
    }
    return out;
}

EventItems readItems(const net::XmlNode& message, const char* name) {
    EventItems items;
    if (const auto list = message.child(name))
        for (const auto& item : list->children("SimpleItem"))
            if (items.size() < maxItems && item.hasAttribute("Name"))
                items.emplace_back(lineOf(item, "Name"), lineOf(item, "Value"));
    return items;
}

/// A number that counts or measures is no state: 0 and 1 are, of what is named like one.
std::optional<bool> readState(const std::string& name, const std::string& value) {
    if (sameWord(value, "active") || sameWord(value, "on"))
        return true;
    if (sameWord(value, "inactive") || sameWord(value, "off"))
        return false;
    const bool digit = value == "0" || value == "1";
    const bool named = name.compare(0, 2, "Is") == 0 || name.find("State") != std::string::npos ||
                       sameWord(name, "active");
    return digit && !named ? std::nullopt : readBoolean(value);
}

std::optional<bool> stateOf(const EventItems& data) {
    for (const auto& [name, value] : data)
        if (const auto state = readState(name, value))
            return state;
    return std::nullopt;
}

std::optional<Event> readEvent(const net::XmlNode& notification) {
    Event event;
    event.topic = withoutPrefixes(lineAt(notification, "Topic"));
    if (event.topic.empty())
        return std::nullopt;
    event.kind = eventKind(event.topic);
    // tt:Message inside wsnt:Message, but for those that leave one of the two out.
    const auto outer = notification.child("Message");
    const auto inner = outer ? outer->child("Message") : std::nullopt;
    const auto message = inner ? inner : outer;
    if (message) {
        event.operation = lineOf(*message, "PropertyOperation");
        event.source = readItems(*message, "Source");
        event.data = readItems(*message, "Data");
        event.time = readInstant(lineOf(*message, "UtcTime"));
    }
    event.active = stateOf(event.data);
    return event;
}

} // namespace

std::string eventKind(const std::string& topic) {
    struct Row {
        const char *part, *kind;
    };
    // Part of a topic, the more exact first. The names are those of the ONVIF Device IO, Imaging
    // and Analytics Service Specifications, and of devices with rules of their own.
    constexpr std::array<Row, 25> rows = {{
        {"CellMotionDetector", "motion"},
        {"MotionRegionDetector", "motion"},
        {"MotionAlarm", "motion"},
        {"VideoMotion", "motion"},
        {"/Motion", "motion"},
        {"TamperDetector", "tamper"},
        {"Tamper", "tamper"},
        {"GlobalSceneChange", "tamper"},
        {"DigitalInput", "digital-input"},
        {"Trigger/AlarmIn", "digital-input"},
        {"IO/VirtualInput", "digital-input"},
        {"Trigger/Relay", "relay"},
        {"LineDetector", "line-crossing"},
        {"LineCounter", "line-crossing"},
        {"CrossLine", "line-crossing"},
        {"FieldDetector", "intrusion"},
        {"Intrusion", "intrusion"},
        {"DetectedSound", "sound"},
        {"AudioAnalytics", "sound"},
        {"SignalLoss", "video-loss"},
        {"PeopleDetect", "person"},
        {"VehicleDetect", "vehicle"},
        {"FaceDetect", "face"},
        {"DogCatDetect", "animal"},
        {"Visitor", "doorbell"},
    }};
    for (const Row& row : rows)
        if (topic.find(row.part) != std::string::npos)
            return row.kind;
    return topic;
}

std::vector<Event> readEvents(const net::XmlNode& node) {
    std::vector<Event> events;
    for (const auto& notification : node.findAll("NotificationMessage")) {
        if (events.size() >= maxEvents)
            break;
        if (auto event = readEvent(notification))
            events.push_back(std::move(*event));
    }
    return events;
}

std::string Event::text() const {
    std::string out = kind;
    if (active)
        out += *active ? " on" : " off";
    else
        for (const auto& [name, value] : data)
            out += " " + name + "=" + value;
    std::string where;
    for (const auto& [name, value] : source)
        where += (where.empty() ? "" : ", ") + name + "=" + value;
    return where.empty() ? out : out + " (" + where + ")";
}

} // namespace onvif
