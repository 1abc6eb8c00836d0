// Publishers of every codec, one after the other, two at once, strangers and those who vanish.
#include "support/offers.hpp"
#include "support/whepstage.hpp"
#include "support/whipclient.hpp"

#include <gst/video/video.h>

#include <atomic>
#include <mutex>

using namespace support;

namespace {

WhipClient::Options sends(const char* encoding, bool audio = false) {
    WhipClient::Options options;
    options.encoding = encoding;
    options.audio = audio;
    return options;
}

/// A pipeline with a "whiplistensrc name=w" in it, and what comes out of its sinks "video" and
/// "audio".
class Studio : public Stage {
public:
    explicit Studio(const std::string& description) : Stage(description) {
        watch("video", G_CALLBACK(onFrame));
        watch("audio", G_CALLBACK(onSound));
    }
    Studio() : Studio(decoding()) {}

    /// Decodes all that comes.
    static std::string decoding(const std::string& settings = "") {
        return "whiplistensrc name=w port=0 " + settings +
               " w.video_0 ! decodebin ! fakesink name=video sync=false signal-handoffs=true "
               "w.audio_0 ! opusdec ! fakesink name=audio sync=false signal-handoffs=true "
               "async=false";
    }

    std::string whip() const { return page() + "whip"; }
    void open() {
        play();
        fail_unless(wait(120s, [this] { return !page().empty(); }), "%s", error().c_str());
        GstState state = GST_STATE_NULL;
        gst_element_get_state(sink(), &state, nullptr, 20 * GST_SECOND);
        fail_unless_equals_int(state, GST_STATE_PLAYING);
    }
    bool sees(int frames, std::chrono::seconds limit = 120s) {
        const int wanted = frames_ + frames;
        return wait(limit, [&] { return frames_ >= wanted; });
    }
    bool hears(int buffers) {
        const int wanted = sounds_ + buffers;
        return wait(120s, [&] { return sounds_ >= wanted; });
    }
    bool isLive() const {
        GstStructure* stats = nullptr;
        g_object_get(sink(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        gboolean live = FALSE;
        gst_structure_get_boolean(stats, "live", &live);
        return live;
    }
    /// What is known where no picture comes.
    std::string plight(const WhipClient& client) const {
        GstStructure* stats = nullptr;
        g_object_get(sink(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        return error() + "; " + Ref<char>(gst_structure_to_string(stats)).get() + "; " +
               std::to_string(frames_) + " frames were shown, " +
               std::to_string(client.keyRequests()) + " key frames asked for";
    }
    int width() const { return width_; }
    int backwards() const { return backwards_; }
    GstClockTime last() const { return last_; }

private:
    void watch(const char* name, GCallback handler) {
        if (const Ref<GstElement> sink{gst_bin_get_by_name(GST_BIN(pipeline()), name)})
            g_signal_connect(sink.get(), "handoff", handler, this);
    }
    static void onFrame(GstElement*, GstBuffer* buffer, GstPad* pad, gpointer data) {
        auto* self = static_cast<Studio*>(data);
        const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
        int width = 0;
        if (caps && gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "width", &width))
            self->width_ = width;
        const GstClockTime time = GST_BUFFER_PTS(buffer);
        if (self->last_ != GST_CLOCK_TIME_NONE && time <= self->last_)
            self->backwards_++;
        self->last_ = time;
        self->frames_++;
    }
    static void onSound(GstElement*, GstBuffer*, GstPad*, gpointer data) {
        static_cast<Studio*>(data)->sounds_++;
    }
    std::atomic<int> frames_{0}, sounds_{0}, width_{0}, backwards_{0};
    std::atomic<GstClockTime> last_{GST_CLOCK_TIME_NONE};
};

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
    g_usleep(G_USEC_PER_SEC); // a key frame that has just come would do for both
    const guint64 before = stage.stat("keyframes");
    const auto second = joins();
    fail_unless(second && second->sees(10));
    fail_unless(Stage::wait(120s, [&] { return stage.stat("keyframes") > before; }),
                "the publisher was not asked");
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
    tcase_add_test(tests, keyFramesOnDemand);
    tcase_add_test(tests, whatIsLostIsSentAgain);
    tcase_add_test(tests, whatIsGoneIsAskedForAnew);
    tcase_add_test(tests, theFirstKeyFrameIsLost);
    tcase_add_test(tests, aHundredWishesAreOne);
    tcase_add_test(tests, comesBackAfterAStop);
    tcase_add_test(tests, whoHearsOfItMayPause);
    tcase_add_test(tests, fortyComeAndGo);
    return suite;
}

GST_CHECK_MAIN(whiplistensrc);
