// Publishers of every codec, one after the other, two at once, strangers and those who vanish.
#include "support/offers.hpp"
#include "support/whipstudio.hpp"

#include <atomic>

using namespace support;

namespace {

void publishes(const char* encoding) {
    Studio studio;
    studio.open();
    WhipClient client(studio.whip(), sends(encoding));
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(20), "no picture: %s", studio.error().c_str());
    fail_unless_equals_int(studio.width(), 320);
    fail_unless(studio.isLive());
    fail_unless_equals_int(client.leave(), 200);
    fail_unless(!studio.isLive());
    fail_unless_equals_int(client.leave(), 404);
}

} // namespace

GST_START_TEST(takesVp8) { publishes("VP8"); }
GST_END_TEST

GST_START_TEST(takesVp9) { publishes("VP9"); }
GST_END_TEST

GST_START_TEST(takesH264) { publishes("H264"); }
GST_END_TEST

GST_START_TEST(pictureAndSound) {
    Studio studio;
    studio.open();
    WhipClient client(studio.whip(), sends("VP8", true));
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(20), "no picture: %s", studio.error().c_str());
    fail_unless(studio.hears(20), "no sound: %s", studio.error().c_str());
}
GST_END_TEST

GST_START_TEST(soundThatNobodyWants) {
    Studio studio("whiplistensrc name=w port=0 w.video_0 ! decodebin ! "
                  "fakesink name=video sync=false signal-handoffs=true");
    studio.open();
    WhipClient client(studio.whip(), sends("VP8", true));
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(40), "no picture: %s", studio.error().c_str());
    fail_unless(studio.error().empty());
}
GST_END_TEST

GST_START_TEST(oneAfterTheOther) {
    Studio studio;
    studio.open();
    {
        WhipClient ours(studio.whip());
        fail_unless_equals_int(ours.publish(), 201);
        fail_unless(studio.sees(10), "%s", studio.error().c_str());
        WhipClient theirs(studio.whip());
        fail_unless_equals_int(theirs.publish(), 409);
        fail_unless(theirs.response().header("Content-Type") == "application/problem+json");
        fail_unless(theirs.response().body.find("publishes here already") != std::string::npos);
        fail_unless(studio.sees(10), "the second one took the first's place");
        fail_unless_equals_int(ours.leave(), 200);
    }
    const GstClockTime before = studio.last();
    WhipClient::Options other = sends("VP8");
    other.width = 160;
    WhipClient next(studio.whip(), other);
    fail_unless_equals_int(next.publish(), 201);
    fail_unless(studio.sees(20), "nothing of the next: %s", studio.error().c_str());
    fail_unless_equals_int(studio.width(), 160);
    fail_unless(studio.last() > before);
    fail_unless_equals_int(studio.backwards(), 0);
    fail_unless_equals_uint64(studio.stat("joined"), 2);
    fail_unless_equals_uint64(studio.stat("refused"), 1);
}
GST_END_TEST

GST_START_TEST(whoVanishesIsForgotten) {
    Studio studio(Studio::decoding("silence-timeout=3"));
    studio.open();
    {
        WhipClient client(studio.whip());
        fail_unless_equals_int(client.publish(), 201);
        fail_unless(studio.sees(10), "%s", studio.error().c_str());
    } // without a word
    fail_unless(Stage::wait(120s, [&] { return !studio.isLive(); }), "it is still there");
    WhipClient next(studio.whip());
    fail_unless_equals_int(next.publish(), 201);
    fail_unless(studio.sees(10), "%s", studio.error().c_str());
}
GST_END_TEST

GST_START_TEST(theStreamMayEnd) {
    Studio studio(Studio::decoding("eos-on-leave=true"));
    studio.open();
    WhipClient client(studio.whip(), sends("VP8", true));
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(10), "%s", studio.error().c_str());
    fail_unless_equals_int(client.leave(), 200);
    fail_unless(studio.message(GST_MESSAGE_EOS, 120s) != nullptr, "no end");
    WhipClient late(studio.whip());
    fail_unless_equals_int(late.publish(), 409);
}
GST_END_TEST

GST_START_TEST(aStrangerGivesNothing) {
    Studio studio;
    studio.open();
    WhipClient::Options options = sends("VP8");
    options.edit = [](std::string offer) {
        const auto at = offer.find("a=fingerprint:sha-256 ") + 22;
        return offer.replace(at, 2, offer.compare(at, 2, "AA") == 0 ? "BB" : "AA");
    };
    WhipClient stranger(studio.whip(), options);
    fail_unless_equals_int(stranger.publish(), 201);
    fail_unless(stranger.waitConnected(),
                "the stranger did not even connect: the test tests nothing");
    WhipClient honest(studio.whip());
    fail_unless(
        Stage::wait(120s, [&] { return WhepClient::ask("GET", stranger.session()).status == 404; }),
        "it is still there");
    fail_unless(!studio.isLive());
    fail_unless_equals_uint64(studio.stat("frames"), 0);
    fail_unless_equals_int(honest.publish(), 201);
    fail_unless(studio.sees(5), "%s", studio.error().c_str());
}
GST_END_TEST

GST_START_TEST(hostileOffers) {
    Studio studio(Studio::decoding("connect-timeout=1"));
    studio.open();
    const std::string watching = recordedOffer("chromium");
    const std::string offer = withAll(watching, "a=recvonly", "a=sendonly");
    const auto post = [&](const std::string& body, const char* type = "application/sdp") {
        return WhepClient::ask("POST", studio.whip(), {{"Content-Type", type}}, body).status;
    };
    fail_unless_equals_int(post("rubbish"), 400);
    fail_unless_equals_int(post(std::string(30000, '\0')), 400);
    fail_unless_equals_int(post(offer, "text/html"), 415);
    fail_unless_equals_int(post(watching), 400); // it wants to watch
    // Cut and turned around anywhere: an answer or a refusal, and the next one is served.
    unsigned seed = 7;
    for (int i = 0; i < 60; i++) {
        std::string damaged = offer;
        for (int k = 0; k < 4; k++) {
            seed = seed * 1103515245 + 12345;
            damaged[seed % damaged.size()] = static_cast<char>(seed >> 16);
        }
        if (i % 3 == 0)
            damaged.resize(seed % damaged.size());
        const int status = post(damaged);
        fail_unless(status >= 201 && status < 500, "answered with %d", status);
    }
    for (const char* lines :
         {"a=ssrc:0 cname:x\r\n", "a=ssrc:99999999999 cname:x\r\n", "a=ssrc-group:FID 1\r\n",
          "a=ssrc-group:FID 1 1\r\n", "a=ssrc:1 cname:x\r\na=ssrc:1 cname:x\r\n"}) {
        fail_unless(Stage::wait(120s, [&] {
            const int status = post(with(offer, "a=mid:0\r\n", "a=mid:0\r\n" + std::string(lines)));
            return status == 201 || status == 400;
        }));
    }
    WhipClient client(studio.whip());
    fail_unless(Stage::wait(120s, [&] { return WhipClient(studio.whip()).publish() == 201; }));
    fail_unless(Stage::wait(120s, [&] { return client.publish() == 201; }));
    fail_unless(studio.sees(5), "%s", studio.error().c_str());
    fail_unless(studio.error().empty());
}
GST_END_TEST

GST_START_TEST(whoHasTheToken) {
    Studio studio(Studio::decoding("auth=token:moonlight-over-the-bay"));
    studio.open();
    const auto post = [&](net::HttpHeaders headers) {
        headers.emplace_back("Content-Type", "application/sdp");
        return WhepClient::ask("POST", studio.whip(), headers,
                               withAll(recordedOffer("chromium"), "a=recvonly", "a=sendonly"))
            .status;
    };
    fail_unless_equals_int(WhipClient(studio.whip()).publish(), 401);
    fail_unless_equals_int(post({{"Authorization", "Bearer sunlight-over-the-bay"}}), 401);
    fail_unless_equals_int(post({{"Authorization", "Bearer moonlight-over-the-bay"}}), 201);
}
GST_END_TEST

GST_START_TEST(answersNameTheRouter) {
    Studio studio(Studio::decoding("advertise-address=192.0.2.7 min-rtp-port=42000 "
                                   "max-rtp-port=42099"));
    studio.open();
    WhipClient client(studio.whip());
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(studio.sees(5), "what is added takes nothing away");
    const std::string& answer = client.response().body;
    fail_unless(answer.find(" 192.0.2.7 420") != std::string::npos, "%s", answer.c_str());
}
GST_END_TEST

GST_START_TEST(comesBackAfterAStop) {
    Studio studio("whiplistensrc name=w port=0 vp8dec name=d ! "
                  "fakesink name=video sync=false signal-handoffs=true");
    const auto link = +[](GstElement*, GstPad* pad, gpointer bin) {
        const Ref<GstElement> decoder(gst_bin_get_by_name(GST_BIN(bin), "d"));
        const Ref<GstPad> in(gst_element_get_static_pad(decoder.get(), "sink"));
        fail_unless_equals_int(gst_pad_link(pad, in.get()), GST_PAD_LINK_OK);
    };
    g_signal_connect(studio.sink(), "pad-added", G_CALLBACK(link), studio.pipeline());
    for (int i = 0; i < 2; i++) {
        studio.open();
        WhipClient client(studio.whip());
        fail_unless_equals_int(client.publish(), 201);
        fail_unless(studio.sees(5), "round %d: %s", i, studio.error().c_str());
        if (i == 0) {
            studio.set(GST_STATE_PAUSED);
            fail_unless(!studio.isLive());
            fail_unless_equals_int(WhipClient(studio.whip()).publish(), 409);
        }
        studio.stop();
    }
}
GST_END_TEST

/// In the thread of the message, as applications do that decide at once.
GST_START_TEST(whoHearsOfItMayPause) {
    Studio studio("whiplistensrc name=w port=0 ! fakesink name=video async=false");
    const Ref<GstBus> bus(gst_element_get_bus(studio.pipeline()));
    static std::atomic<bool> paused;
    paused = false;
    const auto onMessage = [](GstBus*, GstMessage* message, gpointer source) {
        gboolean live = FALSE;
        const GstStructure* told = gst_message_get_structure(message);
        if (told && gst_structure_get_boolean(told, "live", &live) && live) {
            gst_element_set_state(GST_ELEMENT(source), GST_STATE_PAUSED);
            paused = true;
        }
        return GST_BUS_PASS;
    };
    gst_bus_set_sync_handler(bus.get(), onMessage, studio.sink(), nullptr);
    studio.open();
    WhipClient client(studio.whip(), sends("VP8"));
    fail_unless_equals_int(client.publish(), 201);
    fail_unless(Stage::wait(120s, [] { return paused.load(); }));
    fail_unless_equals_int(client.leave(), 404);
    fail_unless(!studio.isLive());
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
    gst_element_set_state(studio.sink(), GST_STATE_PLAYING);
    WhipClient next(studio.whip(), sends("VP8"));
    fail_unless_equals_int(next.publish(), 201);
    fail_unless(Stage::wait(120s, [&] { return studio.isLive(); }));
}
GST_END_TEST

GST_START_TEST(fortyComeAndGo) {
    Studio studio;
    studio.open();
    const auto visit = [&](bool polite) {
        WhipClient client(studio.whip());
        fail_unless(Stage::wait(120s, [&] { return client.publish() == 201; }));
        fail_unless(studio.sees(2), "%s", studio.error().c_str());
        if (polite)
            client.leave();
        else
            WhepClient::ask("DELETE", client.session());
    };
    for (int i = 0; i < 5; i++)
        visit(true);
    const auto fds = descriptors(), running = threads();
    for (int i = 0; i < 35; i++)
        visit(i % 2);
    fail_unless(Stage::wait(120s, [&] { return descriptors() <= fds && threads() <= running + 2; }),
                "%zu descriptors of %zu, %zu threads of %zu", descriptors(), fds, threads(),
                running);
}
GST_END_TEST

static Suite* whiplistensrc_suite() {
    Suite* suite = suite_create("whiplistensrc");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, takesVp8);
    tcase_add_test(tests, takesVp9);
    tcase_add_test(tests, takesH264);
    tcase_add_test(tests, pictureAndSound);
    tcase_add_test(tests, soundThatNobodyWants);
    tcase_add_test(tests, oneAfterTheOther);
    tcase_add_test(tests, whoVanishesIsForgotten);
    tcase_add_test(tests, theStreamMayEnd);
    tcase_add_test(tests, aStrangerGivesNothing);
    tcase_add_test(tests, hostileOffers);
    tcase_add_test(tests, whoHasTheToken);
    tcase_add_test(tests, answersNameTheRouter);
    tcase_add_test(tests, comesBackAfterAStop);
    tcase_add_test(tests, whoHearsOfItMayPause);
    tcase_add_test(tests, fortyComeAndGo);
    return suite;
}

GST_CHECK_MAIN(whiplistensrc);
