#include "imaging.hpp"

#include "fakedevice.hpp"

using namespace onvif;
using base::ErrorKind;

static const char* options =
    "<ImagingOptions><Brightness><Min>0</Min><Max>100</Max></Brightness>"
    "<Focus><AutoFocusModes>AUTO</AutoFocusModes><AutoFocusModes>MANUAL</AutoFocusModes></Focus>"
    "<IrCutFilterModes>AUTO</IrCutFilterModes><IrCutFilterModes>OFF</IrCutFilterModes>"
    "</ImagingOptions>";

struct Eye : FakeDevice {
    Eye() {
        respond("GetOptions", options);
        for (const char* operation : {"SetImagingSettings", "Move", "Stop"})
            respond(operation);
    }
    Imaging imaging{device, "v0"};
};

START_TEST(setsWhatIsGiven) {
    Eye eye;
    ImagingSettings wanted;
    wanted.brightness = 250;
    wanted.sharpness = 250; // no range is told: as it is
    wanted.irCut = "Off";
    eye.imaging.set(wanted);
    ck_assert(
        eye.said("SetImagingSettings",
                 "<VideoSourceToken>v0</VideoSourceToken><ImagingSettings><Brightness "
                 "xmlns=\"http://www.onvif.org/ver10/schema\">100</Brightness><IrCutFilter "
                 "xmlns=\"http://www.onvif.org/ver10/schema\">OFF</IrCutFilter><Sharpness "
                 "xmlns=\"http://www.onvif.org/ver10/schema\">250</Sharpness></ImagingSettings>"
                 "<ForcePersistence>true</ForcePersistence>"));
    ck_assert(!eye.said("SetImagingSettings", "Contrast"));
}
END_TEST

START_TEST(refusesWhatIsNotTaken) {
    Eye eye;
    ck_assert(kindOf([&] { eye.imaging.set({}); }) == ErrorKind::Settings);
    ImagingSettings wanted;
    wanted.irCut = "on";
    try {
        eye.imaging.set(wanted);
        ck_abort_msg("it does not take that");
    } catch (const base::Error& error) {
        CHECK_STR(error.what(), "The camera does not take 'on' for ir-cut; it takes: auto, off.");
    }
    wanted.irCut = "<evil/>";
    eye.fault("GetOptions", "ter:ActionNotSupported");
    Imaging bare(eye.device, "v0");
    ck_assert(kindOf([&] { bare.set(wanted); }) == ErrorKind::Settings);
    wanted.irCut = "on";
    bare.set(wanted);
    ck_assert(eye.said("SetImagingSettings", ">ON</IrCutFilter>"));
}
END_TEST

/// Quirk H2: options that are not there are a hang-up or a page with some.
START_TEST(unknownOperationsH2) {
    Eye eye;
    eye.before = [](const FakeDevice::Asked& asked) {
        if (asked.operation == "GetOptions")
            throw base::Error(ErrorKind::Unreachable, "it hung up");
        if (asked.operation == "GetMoveOptions")
            throw base::Error(ErrorKind::BadData, "a page");
    };
    ImagingSettings wanted;
    wanted.brightness = 50;
    eye.imaging.set(wanted);
    ck_assert(eye.said("SetImagingSettings", ">50</Brightness>"));
    eye.imaging.moveFocus(0.5);
    ck_assert(eye.said("Move", "<Speed>0.5</Speed>"));
}
END_TEST

START_TEST(readsSettings) {
    Eye eye;
    eye.respond("GetImagingSettings",
                "<ImagingSettings><Brightness>50</Brightness><Contrast>x</Contrast>"
                "<Focus><AutoFocusMode>MANUAL</AutoFocusMode></Focus></ImagingSettings>");
    const ImagingSettings now = eye.imaging.settings();
    ck_assert_double_eq(*now.brightness, 50);
    ck_assert(!now.contrast && !now.sharpness);
    CHECK_STR(now.focus, "manual");
    CHECK_STR(now.irCut, "");
}
END_TEST

START_TEST(movesFocus) {
    Eye eye;
    eye.respond("GetMoveOptions",
                "<MoveOptions><Continuous><Speed><Min>-8</Min><Max>4</Max></Speed>"
                "</Continuous></MoveOptions>");
    eye.imaging.moveFocus(-0.5);
    ck_assert(eye.said("Move", "<Speed>-4</Speed>"));
    eye.imaging.moveFocus(9);
    ck_assert(eye.said("Move", "<Speed>4</Speed>"));
    eye.imaging.moveFocus(0);
    ck_assert_uint_eq(eye.count("Stop"), 1);
}
END_TEST

START_TEST(asksForTheSource) {
    Eye eye;
    eye.respond("GetVideoSources", "<VideoSources token=\"s1\"/>");
    Imaging imaging(eye.device, "");
    imaging.moveFocus(0);
    ck_assert(eye.said("Stop", "<VideoSourceToken>s1</VideoSourceToken>"));
    eye.respond("GetVideoSources");
    Imaging none(eye.device, "");
    ck_assert(kindOf([&] { none.moveFocus(0); }) == ErrorKind::Unsupported);
}
END_TEST

CHECK_MAIN("imaging", setsWhatIsGiven, refusesWhatIsNotTaken, unknownOperationsH2, readsSettings,
           movesFocus, asksForTheSource)
