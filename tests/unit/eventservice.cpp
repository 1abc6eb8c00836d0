#include "camera.hpp"

#include <thread>

namespace {

const std::string events = "event_service", manager = "subscription";

std::string item(const net::XmlNode& message, const std::string& part) {
    return message.find(part)->child("SimpleItem")->attribute("Value");
}

/// A client with a pull point.
struct Puller {
    Camera& camera;
    Camera::Way way{};

    /// Subscribes and takes what was there already away, but for a camera that has too much of it.
    void subscribe(const std::string& filter = {}) {
        const std::string content = filter.empty() ? ""
                                                   : "<x:Filter><x:TopicExpression>" + filter +
                                                         "</x:TopicExpression></x:Filter>";
        const auto answer = camera.call(events, "CreatePullPointSubscription", content, way);
        const auto reference = answer.root().find("SubscriptionReference");
        address = reference->textAt("Address");
        const auto question = address.find('?');
        if (question != std::string::npos)
            way.query = address.substr(question + 1);
        if (const auto id = reference->find("SubscriptionId"))
            way.header += "<x:SubscriptionId xmlns:x='urn:x'>" + id->text() + "</x:SubscriptionId>";
    }

    net::XmlDocument pullAll(int limit = 100, const std::string& timeout = "PT0S") {
        return camera.call(manager, "PullMessages",
                           "<x:Timeout>" + timeout + "</x:Timeout><x:MessageLimit>" +
                               std::to_string(limit) + "</x:MessageLimit>",
                           way);
    }
    std::vector<std::string> topics(int limit = 100, const std::string& timeout = "PT0S") {
        std::vector<std::string> all;
        const auto answer = pullAll(limit, timeout);
        for (const auto& message : answer.root().findAll("NotificationMessage"))
            all.push_back(message.textAt("Topic"));
        return all;
    }

    std::string address{};
};

void raise(Camera& camera, const std::string& topic, bool on) {
    camera::Control control;
    camera.services.addCommands(control);
    CHECK_STR(control.run("event " + topic + (on ? " on" : " off")), "ok");
    camera.loop.call([] {}); // it has happened
}

} // namespace

START_TEST(filters) {
    using camera::TopicFilter;
    const std::string motion = "tns1:RuleEngine/CellMotionDetector/Motion";
    ck_assert(TopicFilter("").matches(motion));
    ck_assert(TopicFilter(motion).matches(motion));
    ck_assert(TopicFilter("RuleEngine/CellMotionDetector/Motion").matches(motion));
    ck_assert(TopicFilter("tns1:RuleEngine//.").matches(motion));
    ck_assert(
        TopicFilter("tns1:Device//. | tns1:RuleEngine/CellMotionDetector//.").matches(motion));
    ck_assert(!TopicFilter("tns1:RuleEngine").matches(motion));
    ck_assert(!TopicFilter("tns1:Rule//.").matches(motion));
    ck_assert(!TopicFilter("tns1:VideoSource/MotionAlarm").matches(motion));
    const TopicFilter bars(std::string(100000, '|'));
    bars.matches(motion); // whatever it says, it ends
    CHECK_STR(camera::eventTopic("MotionAlarm")->name, "tns1:VideoSource/MotionAlarm");
    CHECK_STR(camera::eventTopic("Device/Trigger/Relay")->name, "tns1:Device/Trigger/Relay");
    ck_assert(!camera::eventTopic("Alarm") && !camera::eventTopic(""));
}
END_TEST

START_TEST(properties) {
    Camera camera;
    const auto answer = camera.call(events, "GetEventProperties");
    for (const auto& topic : camera::eventTopics()) {
        std::string path = "Body/GetEventPropertiesResponse/TopicSet/" + topic.name;
        path.erase(path.find("tns1:"), 5);
        const auto node = answer.root().at(path);
        ck_assert_msg(node.has_value(), "%s", topic.name.c_str());
        CHECK_STR(node->attribute("topic"), "true");
        CHECK_STR(node->child("MessageDescription")->attribute("IsProperty"),
                  topic.property ? "true" : "false");
    }
}
END_TEST

START_TEST(statesComeFirst) {
    Camera camera;
    raise(camera, "DigitalInput", true);
    Puller puller{camera};
    puller.subscribe();
    const auto answer = puller.pullAll();
    const auto messages = answer.root().findAll("Message");
    std::map<std::string, std::string> states;
    for (const auto& message : answer.root().findAll("NotificationMessage")) {
        const auto content = message.at("Message/Message");
        CHECK_STR(content->attribute("PropertyOperation"), "Initialized");
        ck_assert(camera::xsdInstant(content->attribute("UtcTime")).has_value());
        states[message.textAt("Topic")] = item(*content, "Data");
    }
    ck_assert_uint_eq(states.size(), 5); // LineDetector has none
    CHECK_STR(states.at("tns1:Device/Trigger/DigitalInput"), "true");
    CHECK_STR(states.at("tns1:Device/Trigger/Relay"), "inactive");
    ck_assert(puller.topics().empty());
    camera.call(manager, "SetSynchronizationPoint", {}, puller.way);
    ck_assert_uint_eq(puller.topics().size(), 5);
}
END_TEST

START_TEST(changes) {
    Camera camera;
    Puller puller{camera}, deaf{camera};
    puller.subscribe("tns1:VideoSource//.|tns1:RuleEngine/LineDetector/Crossed");
    deaf.subscribe("tns1:Device//.");
    puller.topics();
    deaf.topics();
    raise(camera, "MotionAlarm", true);
    raise(camera, "MotionAlarm", true); // it is so already
    raise(camera, "LineDetector/Crossed", true);
    raise(camera, "LineDetector/Crossed", true);
    const auto answer = puller.pullAll();
    const auto all = answer.root().findAll("NotificationMessage");
    ck_assert_uint_eq(all.size(), 3);
    const auto motion = all[0].at("Message/Message");
    CHECK_STR(motion->attribute("PropertyOperation"), "Changed");
    CHECK_STR(item(*motion, "Source"), "video0");
    CHECK_STR(item(*motion, "Data"), "true");
    ck_assert(!all[1].at("Message/Message")->hasAttribute("PropertyOperation"));
    ck_assert(deaf.topics().empty());
    camera.services.relays.set("relay1", true);
    const auto relay = deaf.pullAll(10, "PT60S");
    CHECK_STR(
        item(*relay.root().at("Body/PullMessagesResponse/NotificationMessage/Message/Message"),
             "Source"),
        "relay1");
}
END_TEST

START_TEST(limits) {
    Camera camera;
    Puller puller{camera};
    puller.subscribe();
    ck_assert_uint_eq(puller.topics(2).size(), 2);
    ck_assert_uint_eq(puller.topics(2).size(), 2);
    ck_assert_uint_eq(puller.topics(2).size(), 1);
    for (unsigned i = 0; i < 2 * camera::EventHub::longestQueue; ++i)
        raise(camera, "Crossed", true);
    ck_assert_uint_eq(puller.topics(100000).size(), camera::EventHub::longestQueue);
    CHECK_STR(camera.fault(manager, "PullMessages",
                           "<x:Timeout>PT1S</x:Timeout><x:MessageLimit>0</x:MessageLimit>",
                           puller.way),
              "ter:InvalidArgVal");
    CHECK_STR(camera.fault(manager, "PullMessages",
                           "<x:Timeout>x</x:Timeout><x:MessageLimit>1</x:MessageLimit>",
                           puller.way),
              "ter:InvalidArgVal");
    for (std::size_t i = 1; i < camera::EventHub::mostSubscriptions; ++i)
        Puller{camera}.subscribe();
    CHECK_STR(camera.fault(events, "CreatePullPointSubscription", {}, {}, 500),
              "ter:MaxPullPoints");
}
END_TEST

/// A pull waits for what happens, and the camera does other things meanwhile.
START_TEST(pullsWait) {
    Camera camera;
    Puller puller{camera};
    puller.subscribe("tns1:VideoSource//.");
    puller.topics();
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        camera.call("device_service", "GetSystemDateAndTime");
        raise(camera, "MotionAlarm", true);
    });
    ck_assert_uint_eq(puller.topics(10, "PT60S").size(), 1);
    later.join();
    ck_assert(puller.topics(10, "PT0.05S").empty()); // in vain
    std::thread closer([&] {
        std::this_thread::sleep_for(std::chrono::seconds(2)); // by then it waits
        camera.call(manager, "Unsubscribe", {}, puller.way);
    });
    ck_assert(puller.topics(10, "PT60S").empty()); // who waits is told when it is over
    closer.join();
    CHECK_STR(camera.fault(manager, "Renew", {}, puller.way), "wsnt:ResourceUnknownFault");
}
END_TEST

START_TEST(lifeTimes) {
    Camera camera;
    Puller puller{camera};
    puller.subscribe();
    const auto lifeOf = [&](const std::string& wish) {
        const auto answer = camera.call(
            manager, "Renew", "<x:TerminationTime>" + wish + "</x:TerminationTime>", puller.way);
        const std::string root = "Body/RenewResponse/";
        const auto until = camera::xsdInstant(answer.root().textAt(root + "TerminationTime"));
        return std::chrono::round<std::chrono::minutes>(
                   *until - *camera::xsdInstant(answer.root().textAt(root + "CurrentTime")))
            .count();
    };
    ck_assert_int_eq(lifeOf("PT10M"), 10);
    ck_assert_int_eq(
        lifeOf(camera::xsdTime(std::chrono::system_clock::now() + std::chrono::minutes(30))), 30);
    camera.device.ills.set("clock-skew", "-864000"); // its own clock counts
    const auto theirs = std::chrono::system_clock::now() - std::chrono::hours(240);
    ck_assert_int_eq(lifeOf(camera::xsdTime(theirs + std::chrono::minutes(30))), 30);
    for (const char* wrong : {"soon", "2001-01-01T00:00:00Z"})
        CHECK_STR(camera.fault(manager, "Renew",
                               "<x:TerminationTime>" + std::string(wrong) + "</x:TerminationTime>",
                               puller.way),
                  "ter:InvalidArgVal");
    lifeOf("PT1S");
    for (int i = 0; i < 600 && camera.loop.call([&] { return camera.services.events.known(1); });
         ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_STR(camera.fault(manager, "Unsubscribe", {}, puller.way), "wsnt:ResourceUnknownFault");
}
END_TEST

START_TEST(sceneMoves) {
    Camera camera;
    camera.services.events.startMotion();
    Puller puller{camera};
    puller.subscribe("tns1:VideoSource/MotionAlarm");
    puller.topics();
    ck_assert_uint_eq(puller.topics(1, "PT60S").size(), 1);
}
END_TEST

START_TEST(eventsReferenceParameters) {
    Camera camera;
    camera.device.ills.set("events-reference-parameters");
    Puller one{camera}, two{camera};
    one.subscribe("tns1:VideoSource//.");
    two.subscribe("tns1:Device//.");
    CHECK_STR(one.address, two.address);
    ck_assert_uint_eq(one.topics().size(), 1);
    ck_assert_uint_eq(two.topics().size(), 2);
    CHECK_STR(camera.fault(manager, "Renew", {}, {"id=1", ""}), "wsnt:ResourceUnknownFault");
}
END_TEST

START_TEST(eventsNeedAddressing) {
    Camera camera;
    camera.device.ills.set("events-need-addressing");
    bool hungUp = false;
    try {
        Puller{camera}.subscribe();
    } catch (const camera::HangUp&) {
        hungUp = true;
    }
    ck_assert(hungUp);
    Puller addressed{camera,
                     {"", "<wsa:To>a</wsa:To><wsa:MessageID>b</wsa:MessageID>"
                          "<wsa:Action>c</wsa:Action>"}};
    addressed.subscribe();
    ck_assert(!addressed.topics().empty());
}
END_TEST

START_TEST(eventsAddress) {
    Camera camera;
    Puller puller{camera};
    puller.subscribe();
    CHECK_STR(puller.address, "http://192.0.2.1:8000/onvif/subscription?id=1");
    camera.device.ills.set("events-address", "192.0.2.9:1");
    puller.subscribe();
    CHECK_STR(puller.address, "http://192.0.2.9:1/onvif/subscription?id=2");
}
END_TEST

START_TEST(eventsForget) {
    Camera camera;
    camera.device.ills.set("events-forget", "1");
    Puller puller{camera};
    puller.subscribe();
    puller.topics();
    CHECK_STR(camera.fault(manager, "PullMessages",
                           "<x:Timeout>PT0S</x:Timeout><x:MessageLimit>1</x:MessageLimit>",
                           puller.way),
              "wsnt:ResourceUnknownFault");
}
END_TEST

START_TEST(eventsNeedTerminationTime) {
    Camera camera;
    camera.device.ills.set("events-need-termination-time");
    CHECK_STR(camera.fault(events, "CreatePullPointSubscription"), "ter:InvalidArgVal");
    camera.call(events, "CreatePullPointSubscription",
                "<x:InitialTerminationTime>PT60S</x:InitialTerminationTime>");
}
END_TEST

START_TEST(eventsMany) {
    Camera camera;
    camera.device.ills.set("events-many");
    Puller puller{camera};
    puller.subscribe();
    ck_assert_uint_gt(puller.topics(10).size(), 200);
}
END_TEST

CHECK_MAIN("eventservice", filters, properties, statesComeFirst, changes, limits, pullsWait,
           lifeTimes, sceneMoves, eventsReferenceParameters, eventsNeedAddressing, eventsAddress,
           eventsForget, eventsNeedTerminationTime, eventsMany)
