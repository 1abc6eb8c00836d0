#include "support/metadatastream.hpp"

#include "support/scene.hpp"
#include "support/soap.hpp"

#include <cstdio>
#include <ctime>

namespace camera {
namespace {

constexpr double motionPeriod = 5; // seconds

std::string utc(std::chrono::system_clock::time_point when) {
    const auto second = std::chrono::floor<std::chrono::seconds>(when);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(when - second).count();
    const std::time_t whole = std::chrono::system_clock::to_time_t(second);
    std::tm broken{};
    gmtime_r(&whole, &broken);
    char date[32], text[48];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &broken);
    std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(rest));
    return text;
}

/// Not by printf: its decimal point depends on the locale.
std::string decimal(double value) {
    const int thousandths = static_cast<int>(value * 1000 + (value < 0 ? -0.5 : 0.5));
    char text[32];
    std::snprintf(text, sizeof text, "%s%d.%03d", thousandths < 0 ? "-" : "",
                  std::abs(thousandths) / 1000, std::abs(thousandths) % 1000);
    return text;
}

std::string across(double x) { return decimal(2 * x - 1); }
std::string upwards(double y) { return decimal(1 - 2 * y); }

std::string shape(const base::Rect& box) {
    return xmlTag("tt:Shape", xmlTag("tt:BoundingBox", {},
                                     "left=\"" + across(box.x) + "\" top=\"" + upwards(box.y) +
                                         "\" right=\"" + across(box.x + box.width) +
                                         "\" bottom=\"" + upwards(box.y + box.height) + "\"") +
                                  xmlTag("tt:CenterOfGravity", {},
                                         "x=\"" + across(box.x + box.width / 2) + "\" y=\"" +
                                             upwards(box.y + box.height / 2) + "\""));
}

std::string objectElement(const SeenObject& object) {
    const std::string type = xmlTag("tt:Type", net::xmlEscape(object.what.label),
                                    "Likelihood=\"" + decimal(object.what.score) + "\"");
    return xmlTag("tt:Object",
                  xmlTag("tt:Appearance", shape(object.what.box) + xmlTag("tt:Class", type)),
                  "ObjectId=\"" + std::to_string(object.id) + "\"");
}

std::string item(const std::string& name, const std::string& value) {
    return xmlTag("tt:SimpleItem", {}, "Name=\"" + name + "\" Value=\"" + value + "\"");
}

std::string notification(const SceneEvent& event, const std::string& time) {
    const std::string message = xmlTag("tt:Source", item(event.source, event.sourceValue)) +
                                xmlTag("tt:Data", item(event.data, event.dataValue));
    return xmlTag("wsnt:NotificationMessage",
                  xmlTag("wsnt:Topic", event.topic,
                         "Dialect=\"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet\"") +
                      xmlTag("wsnt:Message",
                             xmlTag("tt:Message", message,
                                    "UtcTime=\"" + time + "\" PropertyOperation=\"Changed\"")));
}

double centre(const base::Detection& sign) { return sign.box.x + sign.box.width / 2; }

} // namespace

std::vector<SceneEvent> eventsBetween(std::uint64_t frame, std::uint64_t next, double fps,
                                      double aspect) {
    std::vector<SceneEvent> events;
    const auto before = objectsAt(frame, fps, aspect), after = objectsAt(next, fps, aspect);
    for (std::size_t i = 0; i < before.size(); ++i)
        if ((centre(before[i]) < 0.5) != (centre(after[i]) < 0.5))
            events.push_back({"tns1:RuleEngine/LineDetector/Crossed",
                              "VideoSourceConfigurationToken", "video-source", "ObjectId",
                              std::to_string(i + 1)});
    const auto period = [fps](std::uint64_t n) {
        return static_cast<std::uint64_t>(static_cast<double>(n) / fps / motionPeriod);
    };
    if (period(frame) != period(next))
        events.push_back({"tns1:VideoSource/MotionAlarm", "Source", "video-source", "State",
                          period(next) % 2 ? "true" : "false"});
    return events;
}

std::string metadataDocument(std::chrono::system_clock::time_point when,
                             const std::vector<SeenObject>& objects,
                             const std::vector<SceneEvent>& events) {
    const std::string time = utc(when);
    std::string seen, happened;
    for (const SeenObject& object : objects)
        seen += objectElement(object);
    for (const SceneEvent& event : events)
        happened += notification(event, time);
    std::string all =
        xmlTag("tt:VideoAnalytics",
               xmlTag("tt:Frame", seen, "UtcTime=\"" + time + "\" Source=\"video-source\""));
    if (!happened.empty())
        all += xmlTag("tt:Event", happened);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" +
           xmlTag("tt:MetadataStream", all,
                  "xmlns:tt=\"http://www.onvif.org/ver10/schema\" "
                  "xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\" "
                  "xmlns:tns1=\"http://www.onvif.org/ver10/topics\"");
}

} // namespace camera
