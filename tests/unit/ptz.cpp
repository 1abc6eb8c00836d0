#include "ptz.hpp"

#include "fakedevice.hpp"

using namespace onvif;
using base::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

static Profile steerable() {
    Profile profile;
    profile.token = "p&1";
    profile.ptzConfiguration = "c1";
    profile.ptzNode = "n1";
    return profile;
}

static std::string space(const std::string& element, const std::string& uri, double low,
                         double high) {
    const std::string range =
        "<Min>" + std::to_string(low) + "</Min><Max>" + std::to_string(high) + "</Max>";
    return "<" + element + "><URI>" + uri + "</URI><XRange>" + range + "</XRange><YRange>" + range +
           "</YRange></" + element + ">";
}

static std::string options(const std::string& spaces, const std::string& timeouts = {}) {
    return "<PTZConfigurationOptions><Spaces>" + spaces + "</Spaces>" + timeouts +
           "</PTZConfigurationOptions>";
}

static const std::string velocity =
    space("ContinuousPanTiltVelocitySpace", "http://x/PanTiltSpaces/VelocityGenericSpace", -1, 1) +
    space("ContinuousZoomVelocitySpace", "http://x/ZoomSpaces/VelocityGenericSpace", -1, 1);

struct Head : FakeDevice {
    explicit Head(const std::string& optionsText = options(velocity)) {
        respond("GetConfigurationOptions", optionsText);
        for (const char* operation : {"ContinuousMove", "AbsoluteMove", "RelativeMove", "Stop",
                                      "GotoPreset", "RemovePreset", "GotoHomePosition"})
            respond(operation);
    }
    Ptz ptz{device, steerable()};
};

START_TEST(movesAndClamps) {
    Head head;
    ck_assert(head.ptz.move({0.5, -7.0, 0.0}, seconds(2)));
    ck_assert(head.said("ContinuousMove", "<ProfileToken>p&amp;1</ProfileToken><Velocity>"
                                          "<PanTilt x=\"0.5\" y=\"-1\" xmlns=\"http://"));
    ck_assert(head.said("ContinuousMove", "<Zoom x=\"0\""));
    ck_assert(head.said("ContinuousMove", "<Timeout>PT2S</Timeout>"));
    head.ptz.move({{}, {}, 1.0}, milliseconds(0));
    ck_assert(!head.said("ContinuousMove", "PanTilt") && !head.said("ContinuousMove", "Timeout"));
    ck_assert_uint_eq(head.count("GetConfigurationOptions"), 1);
}
END_TEST

/// A space of the camera's own is scaled to; what it has not may stand still and no more.
START_TEST(otherSpaces) {
    Head head(options(space("ContinuousPanTiltVelocitySpace", "urn:x:degrees", -90, 90)));
    head.ptz.move({0.5, 0.0, 0.0}, milliseconds(0));
    ck_assert(head.said("ContinuousMove", "<PanTilt x=\"45\" y=\"0\" space=\"urn:x:degrees\""));
    ck_assert(!head.said("ContinuousMove", "<Zoom"));
    ck_assert(kindOf([&] { head.ptz.move({{}, {}, 0.5}, seconds(1)); }) == ErrorKind::Unsupported);
    ck_assert(kindOf([&] { head.ptz.moveBy({0.1, 0.1, {}}); }) == ErrorKind::Unsupported);
}
END_TEST

START_TEST(timeoutsStayInRangeP1) {
    Head head(options(velocity, "<PTZTimeout><Min>PT1S</Min><Max>PT10S</Max></PTZTimeout>"));
    ck_assert(head.ptz.move({1.0, 0.0, {}}, seconds(60)));
    ck_assert(head.said("ContinuousMove", "<Timeout>PT10S</Timeout>"));
    ck_assert(!head.ptz.move({1.0, 0.0, {}}, milliseconds(100))); // it would go on too long
    ck_assert(head.said("ContinuousMove", "<Timeout>PT1S</Timeout>"));
}
END_TEST

/// A device that takes no duration is told without, and its stopping is left to us.
START_TEST(timeoutRefusedP1) {
    Head head;
    head.before = [&](const FakeDevice::Asked& asked) {
        if (asked.body.find("<Timeout>") != std::string::npos)
            head.fault("ContinuousMove", "ter:InvalidArgVal");
        else
            head.respond("ContinuousMove");
    };
    ck_assert(!head.ptz.move({1.0, 0.0, {}}, seconds(2)));
    ck_assert_uint_eq(head.count("ContinuousMove"), 2);
}
END_TEST

START_TEST(stopNotImplementedP1) {
    Head head;
    head.fault("Stop", "ter:ActionNotSupported");
    head.ptz.stop();
    ck_assert(head.said("ContinuousMove", "<PanTilt x=\"0\" y=\"0\""));
    ck_assert(head.said("ContinuousMove", "<Zoom x=\"0\""));
    head.respond("Stop");
    head.ptz.stop();
    ck_assert(head.said("Stop", "<PanTilt>true</PanTilt><Zoom>true</Zoom>"));
    ck_assert_uint_eq(head.count("ContinuousMove"), 1);
}
END_TEST

START_TEST(optionsMayBeMissing) {
    Head head;
    head.fault("GetConfigurationOptions", "ter:ActionNotSupported");
    head.ptz.move({0.5, 0.5, 0.5}, milliseconds(0));
    ck_assert(head.said("ContinuousMove", "<Zoom x=\"0.5\""));
}
END_TEST

/// Quirk H2: what it does not know it answers with a page, or by hanging up.
START_TEST(unknownOperationsH2) {
    for (const ErrorKind kind : {ErrorKind::BadData, ErrorKind::Unreachable}) {
        Head head;
        head.before = [&](const FakeDevice::Asked& asked) {
            if (asked.operation == "GetConfigurationOptions" || asked.operation == "Stop")
                throw base::Error(kind, "no answer");
        };
        ck_assert(head.ptz.move({0.5, 0.5, 0.5}, seconds(1)));
        head.ptz.stop();
        ck_assert(head.said("ContinuousMove", "<PanTilt x=\"0\" y=\"0\""));
    }
    Head page;
    page.before = [](const FakeDevice::Asked& asked) {
        if (asked.body.find("<Timeout>") != std::string::npos)
            throw base::Error(ErrorKind::BadData, "a page");
    };
    ck_assert(!page.ptz.move({1.0, 0.0, {}}, seconds(2)));
    // Silence is none of that: the head may be moving, and its caller has to know.
    page.before = [](const FakeDevice::Asked&) {
        throw base::Error(ErrorKind::Unreachable, "nobody there");
    };
    ck_assert(kindOf([&] { page.ptz.move({1.0, 0.0, {}}, seconds(2)); }) == ErrorKind::Unreachable);
}
END_TEST

/// Positions in a space of the camera's own are scaled to the generic one, and not taken for it.
START_TEST(statusInItsOwnSpaceP2) {
    Head head(options(space("AbsolutePanTiltPositionSpace", "urn:x:degrees", -180, 180) +
                      space("AbsoluteZoomPositionSpace", "urn:x:times", 1, 31)));
    const auto told = [&](const std::string& attribute) {
        head.respond("GetStatus", "<PTZStatus><Position><PanTilt x=\"90\" y=\"-45\"" + attribute +
                                      "/><Zoom x=\"16\"/></Position></PTZStatus>");
        return head.ptz.status().position;
    };
    for (const char* attribute : {"", " space=\"urn:x:degrees\""}) {
        const PtzVector position = told(attribute);
        ck_assert_double_eq(*position.pan, 0.5);
        ck_assert_double_eq(*position.tilt, -0.25);
        ck_assert_double_eq(*position.zoom, 0.5);
    }
    head.ptz.moveTo({0.0, {}, {}}); // the tilt goes back as it came
    ck_assert(head.said("AbsoluteMove", "<PanTilt x=\"0\" y=\"-45\" space=\"urn:x:degrees\""));
    ck_assert(!told(" space=\"urn:x:other\"").pan);
    ck_assert_double_eq(*told(" space=\"http://x/PanTiltSpaces/PositionGenericSpace\"").pan, 90);
}
END_TEST

static const char* status =
    "<PTZStatus><Position><PanTilt x=\"0.1\" y=\"-0.2\"/><Zoom x=\"0.3\"/></Position>"
    "<MoveStatus><PanTilt>MOVING</PanTilt><Zoom>IDLE</Zoom></MoveStatus></PTZStatus>";

/// Pan and tilt go together: the one that is not given stays where it is.
START_TEST(positions) {
    Head head(options(""));
    head.respond("GetStatus", status);
    head.ptz.moveTo({0.9, {}, {}}, 2.0);
    ck_assert(head.said("AbsoluteMove", "<PanTilt x=\"0.9\" y=\"-0.2\""));
    ck_assert(head.said("AbsoluteMove", "<Speed><PanTilt x=\"1\" y=\"1\""));
    head.ptz.moveTo({{}, {}, -0.5});
    ck_assert(head.said("AbsoluteMove", "<Zoom x=\"0\"") && !head.said("AbsoluteMove", "PanTilt"));
    head.ptz.moveBy({-0.25, {}, {}});
    ck_assert(head.said("RelativeMove", "<Translation><PanTilt x=\"-0.25\" y=\"0\""));
    const PtzStatus now = head.ptz.status();
    ck_assert(now.moving);
    ck_assert_double_eq(*now.position.zoom, 0.3);
    head.respond("GetStatus", "<PTZStatus/>");
    ck_assert(!head.ptz.status().position.pan);
    ck_assert(kindOf([&] { head.ptz.moveTo({0.9, {}, {}}); }) == ErrorKind::Unsupported);
    ck_assert(kindOf([&] { head.ptz.moveTo({}); }) == ErrorKind::Unsupported);
}
END_TEST

START_TEST(presets) {
    Head head;
    head.respond("GetPresets", "<Preset token=\"7\"><Name>Door</Name></Preset><Preset "
                               "token=\"8\"><Name>7</Name></Preset><Preset/>");
    head.respond("SetPreset", "<PresetToken>9</PresetToken>");
    ck_assert_uint_eq(head.ptz.presets().size(), 2);
    head.ptz.goToPreset("DOOR");
    ck_assert(head.said("GotoPreset", "<PresetToken>7</PresetToken>"));
    head.ptz.goToPreset("7"); // the token before a name
    ck_assert(head.said("GotoPreset", "<PresetToken>7</PresetToken>"));
    CHECK_STR(head.ptz.setPreset("Gate <2>"), "9");
    ck_assert(head.said("SetPreset", "<PresetName>Gate &lt;2&gt;</PresetName>"));
    head.ptz.setPreset("Gate", "door");
    ck_assert(head.said("SetPreset", "<PresetName>Gate</PresetName><PresetToken>7</PresetToken>"));
    head.ptz.removePreset("8");
    ck_assert(head.said("RemovePreset", "<PresetToken>8</PresetToken>"));
    try {
        head.ptz.goToPreset("window");
        ck_abort_msg("there is none");
    } catch (const base::Error& error) {
        CHECK_STR(error.what(), "The camera has no preset 'window'; it has: Door, 7.");
    }
}
END_TEST

START_TEST(capabilities) {
    Head head;
    head.respond("GetNodes", "<PTZNode token=\"n0\"/><PTZNode token=\"n1\">"
                             "<MaximumNumberOfPresets>99999999999</MaximumNumberOfPresets>"
                             "<HomeSupported>true</HomeSupported></PTZNode>");
    const PtzCapabilities& can = head.ptz.capabilities();
    ck_assert(can.home && can.presets == 1000000);
    ck_assert_uint_eq(can.spaces.continuousZoom.size(), 1);
    ck_assert(can.spaces.absolutePanTilt.empty());
    head.ptz.goHome();
    ck_assert_uint_eq(head.count("GotoHomePosition"), 1);
}
END_TEST

START_TEST(profiles) {
    Profile main, sub, other;
    main.token = "main";
    main.videoSource = sub.videoSource = "v0";
    sub.token = "sub";
    sub.ptzConfiguration = "c";
    other.token = "other";
    other.ptzConfiguration = "d";
    CHECK_STR(ptzProfile({main, other, sub}, main).token, "sub");
    CHECK_STR(ptzProfile({main, other}, main).token, "other");
    CHECK_STR(ptzProfile({main}, main).token, "main");
    CHECK_STR(ptzProfile({main, other, sub}, other).token, "other");
}
END_TEST

CHECK_MAIN("ptz", movesAndClamps, otherSpaces, timeoutsStayInRangeP1, timeoutRefusedP1,
           stopNotImplementedP1, optionsMayBeMissing, unknownOperationsH2, statusInItsOwnSpaceP2,
           positions, presets, capabilities, profiles)
