#include "metadata.hpp"
#include "base/error.hpp"
#include "check.hpp"
#include "metadatashelf.hpp"
#include "xmlvalue.hpp"

using onvif::Metadata;
using onvif::MetadataShelf;
using onvif::readMetadata;
using std::chrono::milliseconds;

static std::string stream(const std::string& content) {
    return "<tt:MetadataStream xmlns:tt='http://www.onvif.org/ver10/schema' "
           "xmlns:wsnt='http://docs.oasis-open.org/wsn/b-2'>" +
           content + "</tt:MetadataStream>";
}

static std::string object(const std::string& box, const std::string& more = "") {
    return "<tt:Object ObjectId='12'><tt:Appearance>" + more + "<tt:Shape><tt:BoundingBox " + box +
           "/><tt:CenterOfGravity x='0' y='0'/></tt:Shape></tt:Appearance></tt:Object>";
}

static std::string frame(const std::string& objects,
                         const char* time = "2026-01-31T12:00:00.040Z") {
    return "<tt:VideoAnalytics><tt:Frame UtcTime='" + std::string(time) + "'>" + objects +
           "</tt:Frame></tt:VideoAnalytics>";
}

static void checkBox(const base::Rect& box, double x, double y, double width, double height) {
    ck_assert_double_eq_tol(box.x, x, 1e-9);
    ck_assert_double_eq_tol(box.y, y, 1e-9);
    ck_assert_double_eq_tol(box.width, width, 1e-9);
    ck_assert_double_eq_tol(box.height, height, 1e-9);
}

START_TEST(objectsAreRead) {
    const Metadata found = readMetadata(
        stream(frame(object("left='-0.5' top='0.5' right='0.5' bottom='-1'",
                            "<tt:Class><tt:Type Likelihood='0.25'>Human</tt:Type>"
                            "<tt:Type Likelihood='0.75'>Vehicle</tt:Type></tt:Class>"))));
    ck_assert_uint_eq(found.frames.size(), 1);
    CHECK_STR(onvif::exactUtcText(*found.frames[0].time), "2026-01-31T12:00:00.040Z");
    ck_assert_uint_eq(found.frames[0].objects.size(), 1);
    const base::Detection& seen = found.frames[0].objects[0];
    CHECK_STR(seen.label, "Vehicle");
    ck_assert_float_eq(seen.score, 0.75F);
    ck_assert_int_eq(seen.trackId, 12);
    checkBox(seen.box, 0.25, 0.25, 0.5, 0.75);
}
END_TEST

/// Pixels from the top left, moved into ONVIF's square by the frame's transformation, and by the
/// object's before it.
START_TEST(transformationsAreApplied) {
    const std::string pixels =
        "<tt:Transformation><tt:Translate x='-1' y='1'/><tt:Scale x='0.003125' y='-0.00416667'/>"
        "</tt:Transformation>";
    const Metadata one = readMetadata(
        stream(frame(pixels + object("left='160' top='120' right='320' bottom='240'"))));
    const base::Rect& box = one.frames[0].objects[0].box;
    ck_assert_double_eq_tol(box.x, 0.25, 1e-6);
    ck_assert_double_eq_tol(box.y, 0.25, 1e-6);
    ck_assert_double_eq_tol(box.width, 0.25, 1e-6);
    ck_assert_double_eq_tol(box.height, 0.25, 1e-6);
    const Metadata two = readMetadata(stream(frame(
        pixels + object("left='16' top='12' right='32' bottom='24'",
                        "<tt:Transformation><tt:Scale x='10' y='10'/></tt:Transformation>"))));
    ck_assert_double_eq_tol(two.frames[0].objects[0].box.x, 0.25, 1e-6);
    ck_assert_double_eq_tol(two.frames[0].objects[0].box.height, 0.25, 1e-6);
}
END_TEST

START_TEST(oldClassesAndForeignPrefixesAreRead) {
    const Metadata found = readMetadata(
        "<MetadataStream><x:VideoAnalytics><Frame UtcTime='2026-01-31T12:00:00'>"
        "<y:Object ObjectId='a7'><Appearance><Shape><BoundingBox left='0' right='1' top='1' "
        "bottom='0'/></Shape><Class><ClassCandidate><Type>Face</Type><Likelihood>0.5</Likelihood>"
        "</ClassCandidate></Class></Appearance></y:Object></Frame></x:VideoAnalytics>"
        "</MetadataStream>");
    ck_assert_uint_eq(found.frames[0].objects.size(), 1);
    CHECK_STR(found.frames[0].objects[0].label, "Face");
    checkBox(found.frames[0].objects[0].box, 0.5, 0, 0.5, 0.5);
    CHECK_STR(onvif::exactUtcText(*found.frames[0].time), "2026-01-31T12:00:00.000Z");
}
END_TEST

START_TEST(eventsAreRead) {
    const Metadata found = readMetadata(stream(
        "<tt:Event><wsnt:NotificationMessage><wsnt:Topic Dialect='x'> tns1:VideoSource/MotionAlarm "
        "</wsnt:Topic><wsnt:Message><tt:Message UtcTime='2026-01-31T12:00:01Z' "
        "PropertyOperation='Changed'><tt:Source><tt:SimpleItem Name='Source' Value='cam'/>"
        "</tt:Source><tt:Data><tt:SimpleItem Name='State' Value='true'/></tt:Data></tt:Message>"
        "</wsnt:Message></wsnt:NotificationMessage><wsnt:NotificationMessage/></tt:Event>"));
    ck_assert_uint_eq(found.events.size(), 1);
    const onvif::Event& event = found.events[0];
    CHECK_STR(event.topic, "VideoSource/MotionAlarm");
    CHECK_STR(event.kind, "motion");
    ck_assert(event.active == true);
    CHECK_STR(event.operation, "Changed");
    CHECK_STR(event.source.at(0).second, "cam");
    CHECK_STR(event.data.at(0).first, "State");
    CHECK_STR(event.data.at(0).second, "true");
    CHECK_STR(onvif::exactUtcText(*event.time), "2026-01-31T12:00:01.000Z");
}
END_TEST

START_TEST(nonsenseIsLeftOut) {
    for (const char* box :
         {"left='nan' top='0' right='1' bottom='1'", "left='1' top='0' right='inf' bottom='1'",
          "left='1e99' top='0' right='1' bottom='1'", "left='0' top='0' right='0' bottom='0'",
          "left='' top='0' right='1' bottom='1'", "left='5' top='0' right='6' bottom='1'",
          "top='0' right='1' bottom='1'"}) {
        const Metadata found = readMetadata(stream(frame(object(box))));
        ck_assert_msg(found.frames.at(0).objects.empty(), "%s", box);
    }
    for (const char* time :
         {"yesterday", "", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2026-13-01T00:00:00Z"})
        ck_assert_msg(!readMetadata(stream(frame("", time))).frames.at(0).time, "%s", time);
    for (const char* bad : {"", "no xml", "<html/>",
                            "<!DOCTYPE a [<!ENTITY b 'c'>]><MetadataStream>&b;</MetadataStream>"}) {
        bool refused = false;
        try {
            readMetadata(bad);
        } catch (const base::Error&) {
            refused = true;
        }
        ck_assert_msg(refused, "%s", bad);
    }
}
END_TEST

START_TEST(countsAreBounded) {
    std::string objects, frames;
    for (int i = 0; i < 3000; i++)
        objects += object("left='0' top='1' right='1' bottom='0'");
    for (int i = 0; i < 1000; i++)
        frames += frame("");
    ck_assert_uint_eq(readMetadata(stream(frame(objects))).frames[0].objects.size(), 1024);
    ck_assert_uint_eq(readMetadata(stream(frames)).frames.size(), 256);
}
END_TEST

static Metadata at(std::initializer_list<const char*> times) {
    Metadata made;
    int number = 0;
    for (const char* time : times) {
        onvif::MetadataFrame moment;
        moment.time = onvif::readInstant(time);
        moment.objects.resize(1);
        moment.objects[0].trackId = ++number;
        made.frames.push_back(moment);
    }
    return made;
}

/// A document that tells of several moments is spread over its time.
START_TEST(shelfFindsTheMomentOfAPicture) {
    MetadataShelf shelf;
    ck_assert(!shelf.at(milliseconds(0), milliseconds(1000)));
    shelf.put(at({"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5Z"}), milliseconds(2000));
    ck_assert(!shelf.at(milliseconds(1900), milliseconds(1000)));
    ck_assert_int_eq(shelf.at(milliseconds(1995), milliseconds(1000))->objects[0].trackId, 1);
    ck_assert_int_eq(shelf.at(milliseconds(2400), milliseconds(1000))->objects[0].trackId, 1);
    const auto later = shelf.at(milliseconds(2600), milliseconds(1000));
    ck_assert_int_eq(later->objects[0].trackId, 2);
    ck_assert(later->age == milliseconds(100));
    ck_assert(!shelf.at(milliseconds(3600), milliseconds(1000)));
    // Late for the moment between the two, and in its place all the same.
    Metadata late = at({"2026-01-31T12:00:00.3Z"});
    late.frames[0].objects[0].trackId = 9;
    shelf.put(late, milliseconds(2300));
    ck_assert_int_eq(shelf.at(milliseconds(2400), milliseconds(1000))->objects[0].trackId, 9);
    ck_assert_int_eq(shelf.at(milliseconds(2600), milliseconds(1000))->objects[0].trackId, 2);
}
END_TEST

START_TEST(timesAreExact) {
    const auto time = onvif::readInstant("2026-01-31T12:00:00.250+01:00");
    ck_assert(time.has_value());
    CHECK_STR(onvif::exactUtcText(*time), "2026-01-31T11:00:00.250Z");
    ck_assert_uint_eq(onvif::ntpNanoseconds(*time),
                      (1769857200ULL + 2208988800ULL) * 1000000000ULL + 250000000ULL);
    ck_assert(onvif::fromNtpNanoseconds(onvif::ntpNanoseconds(*time)) == *time);
}
END_TEST

CHECK_MAIN("metadata", objectsAreRead, transformationsAreApplied,
           oldClassesAndForeignPrefixesAreRead, eventsAreRead, nonsenseIsLeftOut, countsAreBounded,
           shelfFindsTheMomentOfAPicture, timesAreExact)
