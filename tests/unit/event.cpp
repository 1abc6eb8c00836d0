#include "event.hpp"

#include "check.hpp"

using namespace onvif;

static std::vector<Event> read(const std::string& notifications) {
    const auto document =
        net::XmlDocument::parse("<E><Body><x:PullMessagesResponse>" + notifications +
                                "</x:PullMessagesResponse></Body></E>");
    return readEvents(document.root());
}

static std::string notification(const std::string& topic, const std::string& message) {
    return "<NotificationMessage><Topic>" + topic + "</Topic><Message>" + message +
           "</Message></NotificationMessage>";
}

/// Any prefix, or none, or an undeclared one.
START_TEST(readsWhateverThePrefixesX1) {
    const auto events =
        read("<w:NotificationMessage xmlns:w=\"urn:w\"><w:Topic>\n tns1:RuleEngine/"
             "tnsv:CellMotionDetector/Motion </w:Topic><w:Message><q:Message "
             "UtcTime=\"2026-01-31T12:00:00Z\" PropertyOperation=\"Changed\"><Source><SimpleItem "
             "Name=\"Rule\" Value=\"r1\"/></Source><q:Data><z:SimpleItem Name=\"IsMotion\" "
             "Value=\"true\"/></q:Data></q:Message></w:Message></w:NotificationMessage>");
    ck_assert_uint_eq(events.size(), 1);
    CHECK_STR(events[0].topic, "RuleEngine/CellMotionDetector/Motion");
    CHECK_STR(events[0].kind, "motion");
    CHECK_STR(events[0].operation, "Changed");
    CHECK_STR(events[0].text(), "motion on (Rule=r1)");
    ck_assert(events[0].active == true);
    ck_assert(events[0].time.has_value());
}
END_TEST

START_TEST(knowsTheUsualTopics) {
    const struct {
        const char *topic, *kind;
    } table[] = {
        {"VideoSource/MotionAlarm", "motion"},
        {"VideoAnalytics/Motion", "motion"},
        {"RuleEngine/TamperDetector/Tamper", "tamper"},
        {"VideoSource/GlobalSceneChange/ImagingService", "tamper"},
        {"Device/Trigger/DigitalInput", "digital-input"},
        {"Device/IO/VirtualInput", "digital-input"},
        {"Device/Trigger/Relay", "relay"},
        {"RuleEngine/LineDetector/Crossed", "line-crossing"},
        {"RuleEngine/FieldDetector/ObjectsInside", "intrusion"},
        {"AudioAnalytics/Audio/DetectedSound", "sound"},
        {"VideoSource/SignalLoss", "video-loss"},
        {"RuleEngine/MyRuleDetector/PeopleDetect", "person"},
        {"RuleEngine/MyRuleDetector/Visitor", "doorbell"},
        {"Monitoring/ProcessorUsage", "Monitoring/ProcessorUsage"},
        {"VideoSource/ImageTooDark/ImagingService", "VideoSource/ImageTooDark/ImagingService"},
    };
    for (const auto& row : table)
        CHECK_STR(eventKind(row.topic), row.kind);
}
END_TEST

static std::optional<bool> state(const char* name, const char* value) {
    const auto events = read(notification("a/b", std::string("<Data><SimpleItem Name=\"") + name +
                                                     "\" Value=\"" + value + "\"/></Data>"));
    return events.at(0).active;
}

START_TEST(tellsStatesFromNumbers) {
    ck_assert(state("State", "true") == true);
    ck_assert(state("IsTamper", "0") == false);
    ck_assert(state("LogicalState", "active") == true);
    ck_assert(state("LogicalState", "inactive") == false);
    ck_assert(!state("Value", "75"));
    ck_assert(!state("ObjectId", "1"));
    ck_assert(!state("State", "perhaps"));
}
END_TEST

START_TEST(boundsWhatItKeeps) {
    std::string many, items;
    for (int i = 0; i < 1500; i++)
        many += notification("t", "");
    ck_assert_uint_eq(read(many).size(), 1000);
    for (int i = 0; i < 100; i++)
        items += "<SimpleItem Name=\"n\" Value=\"v\"/>";
    const auto events = read(notification("t", "<Data>" + items + "</Data>") +
                             notification(std::string(2000, 'x'), "") + notification("", ""));
    ck_assert_uint_eq(events.size(), 1);
    ck_assert_uint_eq(events[0].data.size(), 64);
}
END_TEST

CHECK_MAIN("event", readsWhateverThePrefixesX1, knowsTheUsualTopics, tellsStatesFromNumbers,
           boundsWhatItKeeps)
