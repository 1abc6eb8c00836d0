// What the RTSP half of the virtual camera is made of, without GStreamer and without a network.
#include "check.hpp"
#include "net/xml.hpp"
#include "support/certificate.hpp"
#include "support/metadatastream.hpp"
#include "support/recordings.hpp"
#include "support/rtspdigest.hpp"
#include "support/scene.hpp"
#include "support/sdptext.hpp"
#include "support/tonemeter.hpp"

#include <gio/gio.h>

#include <cmath>
#include <vector>

namespace {

using Algorithms = camera::RtspDigest::Algorithms;

std::string answerTo(const std::vector<std::string>& challenges, const std::string& password) {
    const auto chosen = net::chooseChallenge(net::digestChallenges(challenges));
    ck_assert(chosen.has_value());
    return net::digestAuthorization(*chosen, {"admin", password},
                                    {"DESCRIBE", "rtsp://h/main", {}, {}, 1});
}

std::vector<std::int16_t> tone(double hertz, double amplitude, std::size_t samples) {
    std::vector<std::int16_t> made(samples);
    for (std::size_t i = 0; i < samples; ++i)
        made[i] = static_cast<std::int16_t>(
            amplitude * std::sin(2 * 3.14159265358979 * hertz * static_cast<double>(i) / 8000));
    return made;
}

} // namespace

START_TEST(digestLetsTheRightOneIn) {
    const camera::RtspDigest digest({"admin", "s3cret"}, "Virtual camera");
    for (const auto offered : {Algorithms::Md5, Algorithms::Sha256, Algorithms::Both}) {
        const auto challenges = digest.challenges("n1", offered);
        ck_assert_uint_eq(challenges.size(), offered == Algorithms::Both ? 2 : 1);
        const std::string right = answerTo(challenges, "s3cret");
        ck_assert(digest.granted(right, "DESCRIBE", "rtsp://h/main", "n1", offered));
        ck_assert(!digest.granted(right, "SETUP", "rtsp://h/main", "n1", offered));
        ck_assert(!digest.granted(right, "DESCRIBE", "rtsp://h/sub", "n1", offered));
        ck_assert(!digest.granted(right, "DESCRIBE", "rtsp://h/main", "n2", offered));
        ck_assert(!digest.granted(answerTo(challenges, "other"), "DESCRIBE", "rtsp://h/main", "n1",
                                  offered));
        ck_assert(!digest.granted("", "DESCRIBE", "rtsp://h/main", "n1", offered));
    }
    const std::string weak = answerTo(digest.challenges("n1", Algorithms::Md5), "s3cret");
    ck_assert(!digest.granted(weak, "DESCRIBE", "rtsp://h/main", "n1", Algorithms::Sha256));
}
END_TEST

START_TEST(tonesAreTold) {
    for (const double hertz : {250.0, 440.0, 1000.0, 3000.0}) {
        camera::ToneMeter meter;
        ck_assert(meter.frequency() <= 0);
        const auto samples = tone(hertz, 16384, 5003);
        meter.hear(samples.data(), samples.size());
        ck_assert_double_eq_tol(meter.frequency(), hertz, 10);
        ck_assert_double_eq_tol(meter.loudness(), -9, 0.5); // half of full scale, a sine
        ck_assert_uint_eq(meter.samples(), samples.size());
    }
    camera::ToneMeter quiet;
    const std::vector<std::int16_t> silence(8000);
    quiet.hear(silence.data(), silence.size());
    ck_assert_double_eq_tol(quiet.loudness(), -100, 0.001);
    ck_assert(quiet.frequency() <= 0);
}
END_TEST

START_TEST(certificatesAreReadByTheirUsers) {
    const auto made = camera::selfSignedCertificate({"127.0.0.1", "::1", "localhost"});
    GTlsCertificate* read = g_tls_certificate_new_from_pem(made.pem().c_str(), -1, nullptr);
    ck_assert(read != nullptr);
    GSocketConnectable* host = g_network_address_new("localhost", 1);
    ck_assert_int_eq(g_tls_certificate_verify(read, host, read), 0);
    g_object_unref(host);
    GSocketConnectable* stranger = g_network_address_new("elsewhere", 1);
    ck_assert_int_eq(g_tls_certificate_verify(read, stranger, read),
                     G_TLS_CERTIFICATE_BAD_IDENTITY);
    g_object_unref(stranger);
    g_object_unref(read);
    ck_assert(made.certificate != camera::selfSignedCertificate({"localhost"}).certificate);
}
END_TEST

START_TEST(sdpIsMadeWrong) {
    const std::string sdp = "v=0\r\na=control:*\r\na=range:npt=now-\r\nm=video 0 RTP/AVP 96\r\n"
                            "a=rtpmap:96 H264/90000\r\na=control:stream=0\r\n";
    CHECK_STR(camera::withControlsBelow(sdp, "rtsp://h:1/main"),
              "v=0\r\na=control:rtsp://h:1/main\r\na=range:npt=now-\r\nm=video 0 RTP/AVP 96\r\n"
              "a=rtpmap:96 H264/90000\r\na=control:rtsp://h:1/main/stream=0\r\n");
    ck_assert(camera::withoutRtpmaps(sdp).find("rtpmap") == std::string::npos);
    ck_assert(camera::withRange(sdp, "clock=1-2").find("a=range:clock=1-2\r\n") !=
              std::string::npos);
    CHECK_STR(camera::onHost("rtsp://127.0.0.1:554/a:b", "10.0.0.1"), "rtsp://10.0.0.1:554/a:b");
    CHECK_STR(camera::onHost("rtsp://[::1]:554/a", "h"), "rtsp://h:554/a");
    CHECK_STR(camera::onHost("rtsp://[::1]/a", "h"), "rtsp://h/a");
    CHECK_STR(camera::onHost("rtsp://host/a", "h"), "rtsp://h/a");
}
END_TEST

START_TEST(metadataTellsTheScene) {
    const auto signs = camera::objectsAt(100, 10, 16.0 / 9);
    std::vector<camera::SeenObject> seen;
    for (const auto& sign : signs)
        seen.push_back({sign.classId + 1, sign});
    const std::string text = camera::metadataDocument(
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1763726400123)), seen,
        {{"tns1:VideoSource/MotionAlarm", "Source", "video-source", "State", "true"}});
    const auto document = net::XmlDocument::parse(text);
    const auto frame = document.root().at("VideoAnalytics/Frame");
    ck_assert(frame.has_value());
    CHECK_STR(frame->attribute("UtcTime"), "2025-11-21T12:00:00.123Z");
    const auto objects = frame->children("Object");
    ck_assert_uint_eq(objects.size(), 3);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        CHECK_STR(objects[i].textAt("Appearance/Class/Type"), signs[i].label);
        const auto box = objects[i].at("Appearance/Shape/BoundingBox");
        ck_assert_double_eq_tol(std::stod(box->attribute("left")), 2 * signs[i].box.x - 1, 0.001);
        ck_assert_double_eq_tol(std::stod(box->attribute("top")), 1 - 2 * signs[i].box.y, 0.001);
    }
    CHECK_STR(document.root().textAt("Event/NotificationMessage/Topic"),
              "tns1:VideoSource/MotionAlarm");
}
END_TEST

START_TEST(somethingHappensInTheScene) {
    int motion = 0, crossed = 0;
    for (std::uint64_t frame = 0; frame < 600; ++frame)
        for (const auto& event : camera::eventsBetween(frame, frame + 1, 10, 16.0 / 9))
            ++(event.topic == "tns1:VideoSource/MotionAlarm" ? motion : crossed);
    ck_assert_int_eq(motion, 12); // a minute, each five seconds
    ck_assert_int_ge(crossed, 6);
}
END_TEST

START_TEST(recordingsAreInOrder) {
    const auto now =
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1763726400789));
    const auto all = camera::recordingsAt(now);
    ck_assert_uint_eq(all.size(), 3);
    for (std::size_t i = 0; i < all.size(); ++i) {
        ck_assert(all[i].from < all[i].until && all[i].until <= now);
        ck_assert(i == 0 || all[i - 1].until <= all[i].from);
    }
    CHECK_STR(camera::rtspClock(now), "20251121T120000.789Z");
    CHECK_STR(camera::rtspClock(all.back().until), "20251121T120000.000Z");
}
END_TEST

CHECK_MAIN("cameracores", digestLetsTheRightOneIn, tonesAreTold, certificatesAreReadByTheirUsers,
           sdpIsMadeWrong, metadataTellsTheScene, somethingHappensInTheScene, recordingsAreInOrder)
