#include "support/eventtopics.hpp"

#include "support/device.hpp"
#include "support/relays.hpp"

#include <algorithm>
#include <sstream>

namespace camera {
namespace {

std::string trimmed(const std::string& text) {
    constexpr const char* space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    return first == std::string::npos
               ? std::string()
               : text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// "tns1:RuleEngine/tns1:X" and "RuleEngine/X" are the same topic.
std::string withoutPrefixes(const std::string& topic) {
    std::istringstream in(topic);
    std::string all;
    for (std::string part; std::getline(in, part, '/');) {
        const auto colon = part.rfind(':');
        all +=
            (all.empty() ? "" : "/") + (colon == std::string::npos ? part : part.substr(colon + 1));
    }
    return all;
}

bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::vector<EventTopic::Item> rule(const std::string& name) {
    return {{"VideoSourceConfigurationToken", "tt:ReferenceToken", "video-source"},
            {"VideoAnalyticsConfigurationToken", "tt:ReferenceToken", "analytics"},
            {"Rule", "xs:string", name}};
}

} // namespace

const std::vector<EventTopic>& eventTopics() {
    static const std::vector<EventTopic> all{
        {"tns1:VideoSource/MotionAlarm",
         {{"Source", "tt:ReferenceToken", videoSourceToken}},
         "State",
         "xs:boolean",
         "true",
         "false",
         true},
        {"tns1:RuleEngine/CellMotionDetector/Motion", rule("Motion"), "IsMotion", "xs:boolean",
         "true", "false", true},
        {"tns1:RuleEngine/TamperDetector/Tamper", rule("Tamper"), "IsTamper", "xs:boolean", "true",
         "false", true},
        {"tns1:RuleEngine/LineDetector/Crossed", rule("Line"), "ObjectId", "xs:integer", "1", "0",
         false},
        {"tns1:Device/Trigger/DigitalInput",
         {{"InputToken", "tt:ReferenceToken", Relays::input}},
         "LogicalState",
         "xs:boolean",
         "true",
         "false",
         true},
        {"tns1:Device/Trigger/Relay",
         {{"RelayToken", "tt:ReferenceToken", "relay0"}},
         "LogicalState",
         "tt:RelayLogicalState",
         "active",
         "inactive",
         true},
    };
    return all;
}

const EventTopic* eventTopic(const std::string& name) {
    const std::string wish = withoutPrefixes(name);
    for (const EventTopic& topic : eventTopics()) {
        const std::string known = withoutPrefixes(topic.name);
        if (!wish.empty() && (known == wish || endsWith(known, "/" + wish)))
            return &topic;
    }
    return nullptr;
}

TopicFilter::TopicFilter(const std::string& expression) {
    std::istringstream in(expression);
    for (std::string part; std::getline(in, part, '|') && branches_.size() < 64;) {
        std::string topic = trimmed(part);
        const bool subtree = endsWith(topic, "//.");
        if (subtree)
            topic.resize(topic.size() - 3);
        if (!topic.empty())
            branches_.push_back({withoutPrefixes(topic), subtree});
    }
}

bool TopicFilter::matches(const std::string& topic) const {
    const std::string name = withoutPrefixes(topic);
    return branches_.empty() ||
           std::any_of(branches_.begin(), branches_.end(), [&](const Branch& branch) {
               return name == branch.topic ||
                      (branch.subtree &&
                       name.compare(0, branch.topic.size() + 1, branch.topic + "/") == 0);
           });
}

} // namespace camera
