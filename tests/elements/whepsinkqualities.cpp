// One picture in two sizes: who watches gets one at a time, in one session.
#include "support/whepstage.hpp"

using namespace support;

static const std::string sources = "videotestsrc is-live=true ! "
                                   "video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! "
                                   "tee name=t ! queue ! ";
static const std::string small = " t. ! queue ! videoscale ! video/x-raw,width=160,height=90 ! ";

static net::HttpResponse choose(const WhepClient& client, const std::string& layer) {
    return WhepClient::ask("POST", client.session() + "/layer",
                           {{"Content-Type", "application/json"}},
                           "{\"encodingId\":\"" + layer + "\"}");
}

static std::string layers(const WhepClient& client) {
    return WhepClient::ask("GET", client.session() + "/layer").body;
}

static bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

/// As a browser that cannot decode: it asks for a key frame again and again. The one that began a
/// size may have been lost, and the next one as well.
static bool becomesWide(WhepClient& client, int width) {
    const auto isWide = [&] { return client.width() == width; };
    for (int second = 0; second < 90 && !isWide(); second++) {
        client.askForKeyFrame();
        Stage::wait(1s, isWide);
    }
    return isWide();
}

/// Goes down and up in one session, and loses nothing on the way.
static void switches(const std::string& encoder, const char* format) {
    Stage stage(sources + encoder + "whepsink name=w port=0 " + small + encoder + "w.quality_0");
    stage.playAndWait();
    // Both sizes have to be known.
    fail_unless(Stage::wait(90s, [&] { return stage.stat("keyframes") >= 2; }));
    WhepClient client(stage.endpoint(), video(format));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(has(client.response().header("Link"), "/layer>; rel=\"urn:ietf:params:whep"), "%s",
                client.response().header("Link").c_str());
    fail_unless(client.sees(10));
    fail_unless_equals_int(client.width(), 320);
    fail_unless(has(layers(client), "\"selected\":\"auto\",\"current\":\"0\""), "%s",
                layers(client).c_str());
    fail_unless(has(layers(client), "{\"encodingId\":\"1\",\"width\":160,\"height\":90}"), "%s",
                layers(client).c_str());
    for (const auto& [layer, width] : {std::pair("1", 160), std::pair("0", 320)}) {
        fail_unless_equals_int(choose(client, layer).status, 200);
        fail_unless(becomesWide(client, width), "layer %s never came: %s", layer,
                    layers(client).c_str());
        fail_unless(client.sees(10), "no picture in layer %s", layer);
        fail_unless(has(layers(client), std::string("\"current\":\"") + layer), "%s",
                    layers(client).c_str());
    }
    fail_unless_equals_uint64(stage.stat("joined"), 1);
    fail_unless_equals_uint64(stage.stat("drops"), 0);
}

GST_START_TEST(switchesVp8) { switches(vp8, "VP8"); }
GST_END_TEST

GST_START_TEST(switchesVp9) { switches(vp9, "VP9"); }
GST_END_TEST

GST_START_TEST(switchesH264) { switches(h264, "H264"); }
GST_END_TEST

GST_START_TEST(switchesWhatComesAsRtp) {
    // Timestamps and picture ids of two payloaders that know nothing of each other.
    switches(vp8 + "rtpvp8pay picture-id-mode=15-bit ! ", "VP8");
}
GST_END_TEST

GST_START_TEST(goesDownWhileMuchIsLost) {
    Stage stage(sources + vp8 + "whepsink name=w port=0 " + small + vp8 + "w.quality_0");
    stage.playAndWait();
    fail_unless(Stage::wait(90s, [&] { return stage.stat("keyframes") >= 2; }));
    WhepClient client(stage.endpoint(), video("VP8")), other(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless_equals_int(other.join(), 201);
    fail_unless(client.sees(10) && other.sees(10));
    client.lose(4);
    fail_unless(Stage::wait(90s, [&] { return has(layers(client), "\"current\":\"1\""); }), "%s",
                layers(client).c_str());
    fail_unless(has(layers(client), "\"selected\":\"auto\""));
    client.lose(0);
    fail_unless(client.sees(10));
    fail_unless(becomesWide(client, 160), "%d", client.width());
    fail_unless(has(layers(other), "\"current\":\"0\""), "one loses, and others pay");
}
GST_END_TEST

GST_START_TEST(anotherSizeStandsIn) {
    Stage stage(sources + "valve name=stop ! " + vp8 + "whepsink name=w port=0 " + small + vp8 +
                "w.quality_0");
    stage.playAndWait();
    fail_unless(Stage::wait(90s, [&] { return stage.stat("keyframes") >= 2; }));
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10));
    fail_unless_equals_int(client.width(), 320);
    fail_unless_equals_int(choose(client, "0").status, 200);
    const Ref<GstElement> valve(
        gst_bin_get_by_name(GST_BIN(GST_OBJECT_PARENT(stage.sink())), "stop"));
    // rtpjitterbuffer gives a packet up that is as late as that, the first one of the key frame.
    const auto comes = [&](const char* current, int width) {
        fail_unless(Stage::wait(90s, [&] { return has(layers(client), current); }), "%s",
                    layers(client).c_str());
        fail_unless(becomesWide(client, width), "%d wide, %s", client.width(),
                    layers(client).c_str());
        fail_unless(client.sees(10));
    };
    g_object_set(valve.get(), "drop", TRUE, nullptr);
    comes("\"selected\":\"0\",\"current\":\"1\"", 160);
    g_object_set(valve.get(), "drop", FALSE, nullptr);
    comes("\"selected\":\"0\",\"current\":\"0\"", 320);
}
GST_END_TEST

GST_START_TEST(refusesWhatIsNoChoice) {
    Stage stage(sources + vp8 + "whepsink name=w port=0 " + small + vp8 + "w.quality_0");
    stage.playAndWait();
    fail_unless(Stage::wait(90s, [&] { return stage.stat("keyframes") >= 2; }));
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    for (const char* unknown : {"2", "", "-1", "01", "high"})
        fail_unless_equals_int(choose(client, unknown).status, 409);
    for (const char* body : {"{}", "[]", "{\"encodingId\":1}", "{\"encodingId\":null}", "{",
                             "\"0\"", "{\"encodingId\":\"\xff\"}"})
        fail_unless_equals_int(WhepClient::ask("POST", client.session() + "/layer",
                                               {{"Content-Type", "application/json"}}, body)
                                   .status,
                               400);
    fail_unless_equals_int(WhepClient::ask("POST", client.session() + "/layer", {}, "{}").status,
                           415);
    fail_unless_equals_int(WhepClient::ask("DELETE", client.session() + "/layer").status, 405);
    fail_unless_equals_int(WhepClient::ask("GET", client.session() + "/other").status, 404);
    fail_unless_equals_int(choose(client, "auto").status, 200);
    fail_unless(client.sees(10));
    fail_unless_equals_int(client.leave(), 200);
    fail_unless_equals_int(choose(client, "auto").status, 404);
}
GST_END_TEST

GST_START_TEST(anotherCodecIsForWhoCannotPlayTheFirst) {
    Stage stage(sources + vp9 + "whepsink name=w port=0 " + small + vp8 + "w.quality_0");
    stage.playAndWait();
    fail_unless(Stage::wait(90s, [&] { return stage.stat("keyframes") >= 2; }));
    WhepClient modern(stage.endpoint()), old(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(modern.join(), 201);
    fail_unless_equals_int(old.join(), 201);
    fail_unless(modern.sees(10) && old.sees(10));
    fail_unless_equals_int(modern.width(), 320);
    fail_unless_equals_int(old.width(), 160);
    fail_unless(modern.response().header("Link").empty(), "there is no choice");
    fail_unless_equals_int(choose(modern, "0").status, 404);
}
GST_END_TEST

GST_START_TEST(numbersOfEachViewer) {
    Stage stage(picture + vp8 + "whepsink name=w port=0 path=yard");
    stage.playAndWait();
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10));
    const std::string root = stage.page().substr(0, stage.page().find("yard"));
    std::string metrics;
    const auto tells = [&](const char* what) { return has(metrics, what); };
    fail_unless(
        Stage::wait(90s,
                    [&] {
                        metrics = WhepClient::ask("GET", root + "metrics").body;
                        return tells("whep_viewer_bitrate{stream=\"yard\",viewer=\"1\"} ") &&
                               !tells("whep_viewer_bitrate{stream=\"yard\",viewer=\"1\"} 0\n") &&
                               tells("whep_viewer_frames{stream=\"yard\",viewer=\"1\"} ");
                    }),
        "%s", metrics.c_str());
    fail_unless(tells("video_stream_whep_viewers{stream=\"yard\"} 1\n"), "%s", metrics.c_str());
    const std::string key = client.session().substr(client.session().rfind('/') + 1);
    fail_unless(!has(metrics, key), "a session's key is in %s", metrics.c_str());

    GstStructure* stats = nullptr;
    g_object_get(stage.sink(), "stats", &stats, nullptr);
    const Ref<GstStructure> owned(stats);
    const GValue* list = gst_structure_get_value(stats, "sessions");
    const GstStructure* one = gst_value_get_structure(gst_value_list_get_value(list, 0));
    guint64 bitrate = 0, frames = 0;
    gint64 age = -1;
    double lost = -1;
    fail_unless(gst_structure_get_uint64(one, "bitrate", &bitrate) && bitrate > 1000);
    fail_unless(gst_structure_get_uint64(one, "frames", &frames) && frames >= 10);
    fail_unless(gst_structure_get_int64(one, "frame-age", &age) && age >= 0);
    fail_unless(gst_structure_get_double(one, "fraction-lost", &lost) && lost >= 0 && lost <= 1);
}
GST_END_TEST

static Suite* whepsinkqualities_suite() {
    Suite* suite = suite_create("whepsinkqualities");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, switchesVp8);
    tcase_add_test(tests, switchesVp9);
    tcase_add_test(tests, switchesH264);
    tcase_add_test(tests, switchesWhatComesAsRtp);
    tcase_add_test(tests, goesDownWhileMuchIsLost);
    tcase_add_test(tests, anotherSizeStandsIn);
    tcase_add_test(tests, refusesWhatIsNoChoice);
    tcase_add_test(tests, anotherCodecIsForWhoCannotPlayTheFirst);
    tcase_add_test(tests, numbersOfEachViewer);
    return suite;
}

GST_CHECK_MAIN(whepsinkqualities);
