#include "support/eventservice.hpp"

#include "support/pullpoint.hpp"

#include <sstream>

namespace camera {
namespace {

std::string simpleItem(const std::string& name, const std::string& value) {
    return xmlTag("tt:SimpleItem", {},
                  "Name=\"" + net::xmlEscape(name) + "\" Value=\"" + net::xmlEscape(value) + "\"");
}

std::string itemDescription(const std::string& name, const std::string& type) {
    return xmlTag("tt:SimpleItemDescription", {}, "Name=\"" + name + "\" Type=\"" + type + "\"");
}

std::string messageDescription(const EventTopic& topic) {
    std::string source;
    for (const EventTopic::Item& item : topic.source)
        source += itemDescription(item.name, item.type);
    return xmlTag("tt:MessageDescription",
                  xmlTag("tt:Source", source) +
                      xmlTag("tt:Data", itemDescription(topic.key, topic.type)),
                  topic.property ? "IsProperty=\"true\"" : "IsProperty=\"false\"");
}

/// Topics as a tree of elements, as the topic set wants them.
struct Branch {
    std::vector<std::pair<std::string, Branch>> below;
    const EventTopic* topic = nullptr;

    Branch& at(const std::string& name) {
        for (auto& [known, branch] : below)
            if (known == name)
                return branch;
        return below.emplace_back(name, Branch{}).second;
    }
    std::string xml() const {
        std::string all = topic ? messageDescription(*topic) : "";
        for (const auto& [name, branch] : below)
            all += xmlTag(name, branch.xml(), branch.topic ? "wstop:topic=\"true\"" : "");
        return all;
    }
};

std::string topicSet() {
    Branch root;
    for (const EventTopic& topic : eventTopics()) {
        std::istringstream in(topic.name);
        Branch* here = &root;
        for (std::string part; std::getline(in, part, '/');)
            here = &here->at(part);
        here->topic = &topic;
    }
    return xmlTag("wstop:TopicSet", root.xml());
}

std::string eventProperties() {
    const std::string onvif = "http://www.onvif.org/";
    return xmlTag(
        "tev:GetEventPropertiesResponse",
        xmlLeaf("tev:TopicNamespaceLocation", onvif + "onvif/ver10/topics/topicns.xml") +
            xmlLeaf("wsnt:FixedTopicSet", "true") + topicSet() +
            xmlLeaf("wsnt:TopicExpressionDialect",
                    "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete") +
            xmlLeaf("wsnt:TopicExpressionDialect",
                    onvif + "ver10/tev/topicExpression/ConcreteSet") +
            xmlLeaf("tev:MessageContentFilterDialect",
                    onvif + "ver10/tev/messageContentFilter/ItemFilter") +
            xmlLeaf("tev:MessageContentSchemaLocation", onvif + "onvif/ver10/schema/onvif.xsd"));
}

} // namespace

std::string notification(const Event& event) {
    std::string source;
    for (const EventTopic::Item& item : event.source)
        source += simpleItem(item.name, item.value);
    std::string attributes = "UtcTime=\"" + xsdTime(event.time) + "\"";
    if (!event.operation.empty())
        attributes += " PropertyOperation=\"" + event.operation + "\"";
    return xmlTag("wsnt:Topic", net::xmlEscape(event.topic->name),
                  "Dialect=\"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet\"") +
           xmlTag("wsnt:Message",
                  xmlTag("tt:Message",
                         xmlTag("tt:Source", source) +
                             xmlTag("tt:Data", simpleItem(event.topic->key, event.value)),
                         attributes));
}

std::vector<Service> eventServices(const Device& device, EventHub& hub) {
    Service service;
    service.path = "/onvif/event_service";
    service.nameSpace = "http://www.onvif.org/ver10/events/wsdl";
    service.category = "Events";
    service.legacy = xmlLeaf("tt:WSSubscriptionPolicySupport", "false") +
                     xmlLeaf("tt:WSPullPointSupport", "true") +
                     xmlLeaf("tt:WSPausableSubscriptionManagerInterfaceSupport", "false");
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities =
        xmlTag("tev:Capabilities", {},
               "WSSubscriptionPolicySupport=\"false\" WSPullPointSupport=\"true\""
               " WSPausableSubscriptionManagerInterfaceSupport=\"false\" MaxPullPoints=\"" +
                   std::to_string(EventHub::mostSubscriptions) + "\"");
    service.tellCapabilities("tev");
    service.operations["GetEventProperties"] = {
        Access::Users, [](const auto&, const auto&) { return eventProperties(); }};
    service.operations["CreatePullPointSubscription"] = {
        Access::Users, [&device, &hub](const auto& arguments, const auto& caller) {
            return createPullPoint(device, hub, arguments, caller);
        }};
    return {service, pullPointService(device, hub)};
}

} // namespace camera
