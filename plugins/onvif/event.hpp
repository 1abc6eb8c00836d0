#pragma once

#include "net/xml.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace onvif {

/// Name and value of each SimpleItem, as the device wrote them.
using EventItems = std::vector<std::pair<std::string, std::string>>;

/// Something that a camera noticed.
struct Event {
    std::string topic; ///< without prefixes: "RuleEngine/CellMotionDetector/Motion"
    /// In a plain word what many devices say in many ways: "motion", "tamper", "digital-input",
    /// "relay", "line-crossing", "intrusion", "sound", "video-loss", "person", "vehicle", "face",
    /// "animal", "doorbell"; else the topic.
    std::string kind;
    /// "Initialized" (how it is, told at the beginning), "Changed", "Deleted"; empty where it is
    /// not about something that lasts.
    std::string operation;
    std::optional<bool> active; ///< of something that is or is not, such as motion
    EventItems source, data;    ///< where it is, and what
    std::optional<std::chrono::system_clock::time_point> time; ///< by the device's clock

    /// "motion on (VideoSourceConfigurationToken=000)"
    std::string text() const;
};

/// All notifications inside an element, of PullMessages or of a metadata stream; at most 1000, of
/// 64 items each. What has no topic is left out.
std::vector<Event> readEvents(const net::XmlNode& node);

/// The plain word for a topic without prefixes.
std::string eventKind(const std::string& topic);

} // namespace onvif
