#pragma once

#include <map>
#include <string>
#include <vector>

namespace camera {

/// What a camera can tell about, as GetEventProperties lists it.
struct EventTopic {
    std::string name; ///< "tns1:VideoSource/MotionAlarm"
    /// Who it happens to: names, types and values of the Source items.
    struct Item {
        std::string name, type, value;
    };
    std::vector<Item> source;
    std::string key;  ///< of the one Data item
    std::string type; ///< of its value
    std::string on, off;
    bool property; ///< it has a state that lasts; else it happens and is over
};

const std::vector<EventTopic>& eventTopics();

/// The topic of that name; its last part is enough, and prefixes do not count. Null when there is
/// none.
const EventTopic* eventTopic(const std::string& name);

/// A topic expression of a subscription (core specification, "Topic filter"): topics separated by
/// "|", each of them exact or, ending in "//.", with all below it.
class TopicFilter {
public:
    /// An empty one lets everything through.
    explicit TopicFilter(const std::string& expression = {});
    bool matches(const std::string& topic) const;

private:
    struct Branch {
        std::string topic; ///< without prefixes
        bool subtree;
    };
    std::vector<Branch> branches_;
};

} // namespace camera
