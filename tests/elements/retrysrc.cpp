// A source that fails, falls silent, ends and comes back, and a pipeline that does not notice.
#include "player.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"
#include "tcppeer.hpp"

#include <atomic>
#include <mutex>

namespace {

constexpr const char* picture = "videotestsrc is-live=true ! "
                                "video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! ";
constexpr const char* encoded = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! "
                                "h264parse ! ";
constexpr const char* sound = "audiotestsrc is-live=true ! audio/x-raw,channels=1,rate=44100 ! "
                              "avenc_aac ! aacparse ! ";

std::string retrying(const std::string& branch, const std::string& more = {}) {
    return "retrysrc name=retry min-delay=50 max-delay=200 " + more + " branch=\"" + branch + "\" ";
}

std::string from(unsigned port) { return "tcpclientsrc port=" + std::to_string(port) + " "; }
std::string to(unsigned port) {
    return "tcpserversink sync-method=latest-keyframe port=" + std::to_string(port) + " ";
}

std::string reason(Player& player) {
    GstStructure* raw = nullptr;
    g_object_get(player["retry"].get(), "stats", &raw, nullptr);
    const glue::Ref<GstStructure> stats(raw);
    const char* text = gst_structure_get_string(stats.get(), "reason");
    return text ? text : "";
}

/// What comes out, as a sink sees it.
class Watch {
public:
    Watch(Player& player, const char* sink) : sink_(player[sink]) {
        const glue::Ref<GstPad> in(gst_element_get_static_pad(sink_.get(), "sink"));
        gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_BUFFER, onBuffer, this, nullptr);
    }

    /// Times never go back, and at each beginning stands a key frame, marked as one.
    void expectBeginnings(unsigned count) {
        const std::lock_guard<std::mutex> lock(mutex_);
        ck_assert_uint_eq(beginnings_, count);
        ck_assert_uint_eq(backwards_, 0);
        ck_assert_uint_eq(builtOnNothing_, 0);
    }

private:
    static GstPadProbeReturn onBuffer(GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* self = static_cast<Watch*>(data);
        const GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
        const std::lock_guard<std::mutex> lock(self->mutex_);
        const GstClockTime time = GST_BUFFER_DTS_OR_PTS(buffer);
        const bool first = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
        self->backwards_ += !GST_CLOCK_TIME_IS_VALID(time) || time < self->latest_;
        self->latest_ = time;
        self->beginnings_ += first;
        self->builtOnNothing_ +=
            first && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        return GST_PAD_PROBE_OK;
    }

    const glue::Ref<GstElement> sink_;
    std::mutex mutex_;
    GstClockTime latest_ = 0;
    unsigned beginnings_ = 0, backwards_ = 0, builtOnNothing_ = 0;
};

} // namespace

/// The peer is not there, comes, goes, and comes again; the pipeline's pad stays, its time goes on,
/// and its other streams never stop.
GST_START_TEST(peerComesAndGoes) {
    const unsigned port = TcpPeer().port;
    Player player(retrying(from(port) + "! flvdemux ! h264parse") +
                  "! fakesink name=out sync=false async=false " + picture +
                  "fakesink name=other sync=false async=false");
    Watch watch(player, "out");
    player.play();
    player.expectMessage("retrysrc-offline", 2);
    fail_if(reason(player).empty());
    player.expectBuffers("other", 10);
    for (int visit = 1; visit <= 2; visit++) {
        Player peer(picture + std::string(encoded) + "flvmux streamable=true ! " + to(port));
        peer.play();
        player.expectMessage("retrysrc-online", visit);
        player.expectBuffers("out", player.count("out") + 10);
    }
    player.expectMessage("retrysrc-offline", 3);
    player.expectBuffers("other", player.count("other") + 10);
    watch.expectBeginnings(2);
    ck_assert_uint_eq(player.stat("retry", "gaps"), 1);
    fail_unless(player.stat("retry", "gap-time") > 0);
}
GST_END_TEST

/// One that neither sends nor ends is no different from one that is not there, after a while.
GST_START_TEST(silentPeerIsLeft) {
    TcpPeer peer;
    Player player(retrying(from(peer.port), "stall-timeout=500") + "! fakesink name=out");
    player.play();
    peer.take();
    player.expectMessage("retrysrc-offline");
    fail_unless(reason(player) == "nothing comes", "%s", reason(player).c_str());
    // On a busy machine one may have been given up by the time that something is said to it.
    while (player.count("out") == 0) {
        peer.hangUp();
        peer.take();
        peer.mention("hello");
        player.listen();
    }
    const auto fellSilent = [&] {
        const GstStructure* loss = player.latest["retrysrc-offline"].get();
        return std::string("nothing comes any more") == gst_structure_get_string(loss, "reason");
    };
    for (int tries = 0; tries < 100 && !fellSilent(); tries++)
        player.expectMessage("retrysrc-offline", player.told["retrysrc-offline"] + 1);
    fail_unless(fellSilent(), "%s", reason(player).c_str());
}
GST_END_TEST

/// The end of what the peer has is not the end of the pipeline.
GST_START_TEST(theEndIsABeginning) {
    Player player(retrying("videotestsrc num-buffers=3") + "! fakesink name=out sync=false");
    Watch watch(player, "out");
    player.play();
    player.expectBuffers("out", 9);
    fail_if(player.ended);
    fail_unless(player.stat("retry", "gaps") >= 2);
    player.sendEnd();
    player.expectEnd();
}
GST_END_TEST

/// A pad for each stream that there is; for one that the peer does not have, none.
GST_START_TEST(pictureAndSound) {
    for (const bool both : {true, false}) {
        const unsigned port = TcpPeer().port;
        Player peer(std::string("flvmux name=m streamable=true ! ") + to(port) + picture + encoded +
                    "m. " + (both ? sound + std::string("m.") : ""));
        peer.play();
        Player player(retrying(from(port) + "! flvdemux name=d d.video ! queue ! h264parse ! out0. "
                                            "d.audio ! queue ! aacparse ! out1.") +
                      "retry.src_0 ! fakesink name=seen sync=false async=false "
                      "retry.src_1 ! fakesink name=heard sync=false async=false");
        player.play();
        player.expectBuffers("seen", 10);
        if (both)
            player.expectBuffers("heard", 10);
        ck_assert_int_eq(player["retry"]->numsrcpads, both ? 2 : 1);
    }
}
GST_END_TEST

/// Who is told of pads, and takes its time.
struct Listeners {
    std::atomic<int> inside{0}, most{0}, done{0};

    static void onPadAdded(GstElement*, GstPad*, gpointer data) {
        auto* self = static_cast<Listeners*>(data);
        self->most = std::max(self->most.load(), ++self->inside);
        g_usleep(200000);
        self->inside--;
        self->done++;
    }
};

/// Whoever links a pad when it hears of it does so for one after the other, although each output
/// has a thread.
/// As where a camera's sound has no use.
GST_START_TEST(soundThatNobodyWants) {
    Player player(retrying("videotestsrc is-live=true ! out0. audiotestsrc is-live=true ! out1.") +
                  "retry.src_0 ! fakesink name=out async=false");
    player.play();
    while (player.stat("retry", "buffers") < player.count("out") + 50)
        player.expectBuffers("out", player.count("out") + 1);
    player.expectBuffers("out", player.count("out") + 10);
}
GST_END_TEST

GST_START_TEST(oneAnnouncementAtATime) {
    Listeners listeners;
    Player player(retrying("videotestsrc is-live=true ! out0. audiotestsrc is-live=true ! out1.") +
                  "retry.src_0 ! fakesink async=false retry.src_1 ! fakesink async=false");
    g_signal_connect(player["retry"].get(), "pad-added", G_CALLBACK(Listeners::onPadAdded),
                     &listeners);
    player.play();
    const gint64 end = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    while (listeners.done < 2 && g_get_monotonic_time() < end)
        g_usleep(10000);
    ck_assert_int_eq(listeners.done, 2);
    ck_assert_int_eq(listeners.most, 1);
}
GST_END_TEST

/// Downstream is slower than the peer: what waits is bounded, and the rest is counted.
GST_START_TEST(slowPipelineDrops) {
    Player player(retrying(picture + std::string(encoded) + "identity", "max-buffers=5") +
                  "! identity sleep-time=200000 ! fakesink name=out sync=false");
    Watch watch(player, "out");
    player.play();
    player.expectBuffers("out", 8);
    fail_unless(player.stat("retry", "drops") > 0);
}
GST_END_TEST

/// A key frame that is wanted downstream is asked for in the branch.
GST_START_TEST(keyFramesAreAskedFor) {
    Player player(retrying(picture + std::string("x264enc tune=zerolatency speed-preset=ultrafast "
                                                 "key-int-max=1000 ! h264parse")) +
                  "! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 5);
    const glue::Ref<GstElement> sink = player["out"];
    const glue::Ref<GstPad> in(gst_element_get_static_pad(sink.get(), "sink"));
    std::atomic<int> keyFrames{0};
    gst_pad_add_probe(
        in.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer count) {
            const GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
            *static_cast<std::atomic<int>*>(count) +=
                !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
            return GST_PAD_PROBE_OK;
        },
        &keyFrames, nullptr);
    gst_pad_push_event(in.get(),
                       gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                                            gst_structure_new("GstForceKeyUnit", "all-headers",
                                                              G_TYPE_BOOLEAN, TRUE, nullptr)));
    player.expectBuffers("out", player.count("out") + 20);
    ck_assert_int_ge(keyFrames, 1);
}
GST_END_TEST

/// Trying a wrong password again and again would lock its owner out. It is in no message.
GST_START_TEST(refusedPasswordIsAnError) {
    TcpPeer peer;
    Player player(retrying("souphttpsrc retries=0 user-id=anna user-pw=s3cret location=http://bob:"
                           "n0pe@127.0.0.1:" +
                           std::to_string(peer.port) + "/k3y") +
                  "! fakesink");
    player.play();
    for (int tries = 0; tries < 2; tries++) { // without, and with what it has
        peer.take();
        peer.say("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
                 "Content-Length: 0\r\nConnection: close\r\n\r\n");
        peer.hangUp();
    }
    player.expectError();
    const std::string all = player.error + player.details;
    fail_unless(all.find("password") != std::string::npos, "%s", all.c_str());
    for (const char* secret : {"s3cret", "n0pe", "k3y"})
        fail_unless(all.find(secret) == std::string::npos, "%s", all.c_str());
}
GST_END_TEST

GST_START_TEST(theReasonKeepsItsSecrets) {
    Player player(retrying("rtmp2src location=rtmp://anna:s3cret@127.0.0.1:" +
                           std::to_string(TcpPeer().port) + "/live/k3y") +
                  "! fakesink");
    player.play();
    player.expectMessage("retrysrc-offline");
    const std::string why = reason(player);
    fail_if(why.empty());
    fail_unless(why.find("s3cret") == std::string::npos && why.find("k3y") == std::string::npos);
    fail_if(
        g_object_class_find_property(G_OBJECT_GET_CLASS(player["retry"].get()), "branch")->flags &
        G_PARAM_READABLE);
}
GST_END_TEST

GST_START_TEST(branchesThatCannotBe) {
    for (const char* bad :
         {"", "nosuchelement", "fakesrc nosuchproperty=1", "!", "fakesink", "rtmp2src location=foo",
          "srtsrc uri=foo", "souphttpsrc location=file:///etc/passwd"}) {
        Player player(retrying(bad) + "! fakesink");
        player.play();
        player.expectError();
        fail_if(player.error.find("unexpected") != std::string::npos, "%s", player.error.c_str());
    }
}
GST_END_TEST

/// Stopped and paused at any moment, it leaves nothing behind.
GST_START_TEST(manyLivesLeaveNothing) {
    const unsigned nobody = TcpPeer().port;
    const auto once = [&](int life) {
        const bool there = life % 2;
        Player player(retrying(there ? picture + std::string("identity") : from(nobody)) +
                      "! fakesink name=out sync=false");
        player.play();
        if (!there)
            return player.expectMessage("retrysrc-offline", 1);
        player.expectBuffers("out", 1);
        player.pause();
        player.play();
        player.expectBuffers("out", player.count("out") + 2);
    };
    once(0), once(1);
    const auto descriptors = support::descriptors(), threads = support::threads();
    for (int i = 0; i < 10; i++)
        once(i);
    fail_unless(support::becomes([&] { return support::descriptors() <= descriptors; }));
    // GLib's pool of threads
    fail_unless(support::becomes([&] { return support::threads() <= threads + 2; }));
}
GST_END_TEST

static Suite* retrysrc_suite() {
    Suite* suite = suite_create("retrysrc");
    TCase* tests = tcase_create("retrysrc");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, peerComesAndGoes);
    tcase_add_test(tests, silentPeerIsLeft);
    tcase_add_test(tests, theEndIsABeginning);
    tcase_add_test(tests, pictureAndSound);
    tcase_add_test(tests, soundThatNobodyWants);
    tcase_add_test(tests, oneAnnouncementAtATime);
    tcase_add_test(tests, slowPipelineDrops);
    tcase_add_test(tests, keyFramesAreAskedFor);
    tcase_add_test(tests, refusedPasswordIsAnError);
    tcase_add_test(tests, theReasonKeepsItsSecrets);
    tcase_add_test(tests, branchesThatCannotBe);
    tcase_add_test(tests, manyLivesLeaveNothing);
    return suite;
}

GST_CHECK_MAIN(retrysrc);
