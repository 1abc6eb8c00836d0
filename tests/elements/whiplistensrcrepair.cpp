// What is lost on the way from a publisher: sent again where that helps, asked for anew where not.
#include "support/whipstudio.hpp"

#include <gst/video/video.h>

#include <memory>

using namespace support;

GST_START_TEST(keyFramesOnDemand) {
    // Whoever watches asks for a key frame, and the publisher's own are two minutes apart.
    Stage stage("whiplistensrc name=w port=0 ! whepsink name=out port=0");
    stage.play();
    const Ref<GstElement> out(gst_bin_get_by_name(GST_BIN(stage.pipeline()), "out"));
    char* url = nullptr;
    g_object_get(out.get(), "url", &url, nullptr);
    const std::string watch = std::string(Ref<char>(url).get()) + "whep";
    WhipClient client(stage.page() + "whip");
    fail_unless(Stage::wait(120s, [&] { return client.publish() == 201; }));
    const auto joins = [&] {
        auto viewer = std::make_unique<WhepClient>(watch, video("VP8"));
        return viewer->join() == 201 ? std::move(viewer) : nullptr;
    };
    std::unique_ptr<WhepClient> first;
    fail_unless(Stage::wait(120s, [&] { return (first = joins()) != nullptr; }), "%s",
                stage.error().c_str());
    fail_unless(first->sees(10), "%s", stage.error().c_str());
    bool asked = false;
    for (int i = 0; i < 10 && !asked; i++) {
        g_usleep(G_USEC_PER_SEC); // a key frame that has just come would do for both
        const guint64 before = stage.stat("keyframes");
        const auto second = joins();
        fail_unless(second && second->sees(10));
        asked = Stage::wait(12s, [&] { return stage.stat("keyframes") > before; });
    }
    fail_unless(asked, "the publisher was not asked");
}
GST_END_TEST

GST_START_TEST(whatIsLostIsSentAgain) {
    // It waits as long as that for a packet, so that a slow machine asks for it, too.
    Studio studio(Studio::decoding("latency=2000"));
    studio.open();
    WhipClient client(studio.whip());
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(10), "%s", studio.error().c_str());
    for (int i = 0; i < 3; i++) {
        const int before = client.repeated();
        client.loseOnTheWay(3);
        fail_unless(Stage::wait(60s, [&] { return client.repeated() >= before + 3; }),
                    "%d of 3 were sent again", client.repeated() - before);
        fail_unless(studio.sees(10), "%s", studio.error().c_str());
    }
}
GST_END_TEST

/// The publisher's own key frames are two minutes apart.
static void goesOnWithout(const char* encoding) {
    Studio studio;
    studio.open();
    WhipClient client(studio.whip(), sends(encoding));
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(10), "%s: %s", encoding, studio.plight(client).c_str());
    for (int i = 0; i < 3; i++) {
        const guint64 keyFrames = studio.stat("keyframes");
        client.lose(5);
        fail_unless(Stage::wait(60s, [&] { return studio.stat("keyframes") > keyFrames; }),
                    "%s: no key frame after a loss, though %d have been asked for", encoding,
                    client.keyRequests());
        fail_unless(studio.sees(10), "%s: %s", encoding, studio.plight(client).c_str());
    }
    fail_unless(client.keyRequests() >= 3);
}

GST_START_TEST(whatIsGoneIsAskedForAnew) {
    for (const char* encoding : {"VP8", "VP9", "H264"})
        goesOnWithout(encoding);
}
GST_END_TEST

GST_START_TEST(theFirstKeyFrameIsLost) {
    // Nothing shows that it was: the stream begins with what comes first.
    for (const char* encoding : {"VP8", "VP9", "H264"}) {
        Studio studio;
        studio.open();
        WhipClient client(studio.whip(), sends(encoding));
        client.lose(20);
        fail_unless_equals_int(client.publish(), 201);
        fail_unless(studio.sees(10), "%s: %s", encoding, studio.plight(client).c_str());
    }
}
GST_END_TEST

GST_START_TEST(aHundredWishesAreOne) {
    Studio studio;
    studio.open();
    WhipClient client(studio.whip());
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(10), "%s", studio.error().c_str());
    const Ref<GstPad> pad(gst_element_get_static_pad(studio.sink(), "video_0"));
    const int before = client.keyRequests();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; i++)
        gst_pad_send_event(
            pad.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    fail_unless(Stage::wait(60s, [&] { return client.keyRequests() > before; }));
    fail_unless(studio.sees(50), "%s", studio.error().c_str()); // whatever else was on its way
    // One at once and one for those who asked after it, and what was asked before this began.
    const auto passed = std::chrono::steady_clock::now() - begin;
    const int most = 3 + static_cast<int>(passed / 500ms);
    fail_unless(client.keyRequests() - before <= most, "%d of 100 got through, at most %d were due",
                client.keyRequests() - before, most);
}
GST_END_TEST

static Suite* whiplistensrcrepair_suite() {
    Suite* suite = suite_create("whiplistensrcrepair");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, keyFramesOnDemand);
    tcase_add_test(tests, whatIsLostIsSentAgain);
    tcase_add_test(tests, whatIsGoneIsAskedForAnew);
    tcase_add_test(tests, theFirstKeyFrameIsLost);
    tcase_add_test(tests, aHundredWishesAreOne);
    return suite;
}

GST_CHECK_MAIN(whiplistensrcrepair);
