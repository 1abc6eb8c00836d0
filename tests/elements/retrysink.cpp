// A branch that fails, stalls, ends and comes back, and a pipeline that does not notice.
#include "player.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"
#include "tcppeer.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace {

constexpr const char* picture =
    "videotestsrc is-live=true ! video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! "
    "tee name=t t. ! queue ! fakesink name=other sync=false t. ! queue ! ";
constexpr const char* encoded = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=500 ! "
                                "h264parse ! ";

std::string retrying(const std::string& branch, const std::string& more = {}) {
    return "retrysink name=retry min-delay=50 max-delay=200 " + more + " branch=\"" + branch + "\"";
}

std::string reason(Player& player) {
    GstStructure* raw = nullptr;
    g_object_get(player["retry"].get(), "stats", &raw, nullptr);
    const glue::Ref<GstStructure> stats(raw);
    const char* text = gst_structure_get_string(stats.get(), "reason");
    return text ? text : "";
}

std::string tcp(unsigned port) { return "tcpclientsink port=" + std::to_string(port); }

} // namespace

/// The peer is not there, comes, goes, and comes again; the rest of the pipeline sees every
/// picture.
GST_START_TEST(peerComesAndGoes) {
    const unsigned port = TcpPeer().port;
    Player player(picture + std::string(encoded) +
                  retrying("h264parse config-interval=-1 ! "
                           "video/x-h264,stream-format=byte-stream,alignment=au ! " +
                           tcp(port)));
    player.play();
    player.expectMessage("retrysink-offline", 2);
    fail_unless(player.stat("retry", "drops") > 0);
    for (int visit = 1; visit <= 2; visit++) {
        TcpPeer peer(port);
        peer.take();
        // It begins with a key frame: parameter sets first (access unit delimiter, then SPS).
        const auto head = peer.read(64);
        const bool whole = head[4] == 0x67 || (head[4] == 0x09 && head[10] == 0x67);
        fail_unless(whole, "begins with %02x %02x", head[4], head[10]);
        player.expectMessage("retrysink-online", visit);
    }
    player.expectMessage("retrysink-offline", 3);
    const guint seen = player.count("other");
    player.expectBuffers("other", seen + 10);
    fail_unless(player.stat("retry", "losses") >= 3);
}
GST_END_TEST

/// A peer that takes nothing is no different from one that is not there, after a while.
GST_START_TEST(stalledPeerIsLeft) {
    TcpPeer peer;
    Player player(picture + retrying(tcp(peer.port), "stall-timeout=500 max-buffers=20"));
    player.play();
    peer.take(); // 720 kB/s of raw pictures, and not a byte is read
    player.expectMessage("retrysink-offline");
    fail_unless(reason(player).find("takes nothing") != std::string::npos, "%s",
                reason(player).c_str());
    const guint seen = player.count("other");
    player.expectBuffers("other", seen + 10);
}
GST_END_TEST

/// srtsink plays while it calls, and rtmp2sink until the server answers: neither is connected, and
/// the tries that follow are of one loss.
GST_START_TEST(onlyWhoTakesSomethingIsConnected) {
    const std::string dead = "srt://127.0.0.1:" + std::to_string(support::freePort());
    TcpPeer mute; // its system takes the call, and nobody answers
    for (const std::string& sink :
         {"h264parse config-interval=-1 ! mpegtsmux alignment=7 ! srtsink "
          "wait-for-connection=false uri=" +
              dead,
          "flvmux streamable=true ! rtmp2sink location=rtmp://127.0.0.1:" +
              std::to_string(mute.port) + "/live/k3y"}) {
        Player player(picture + std::string(encoded) + retrying(sink, "stall-timeout=3000"));
        player.play();
        player.expectMessage("retrysink-offline", 2);
        ck_assert_int_eq(player.told["retrysink-online"], 0);
        guint attempt = 0;
        gst_structure_get_uint(player.latest["retrysink-offline"].get(), "attempt", &attempt);
        ck_assert_uint_eq(attempt, 2);
    }
}
GST_END_TEST

/// Who waits to be called has no loss to tell of.
GST_START_TEST(whereItWaitsIsTold) {
    const std::string here = "srt://127.0.0.1:" + std::to_string(support::freePort());
    Player player(picture + std::string(encoded) +
                  retrying("h264parse config-interval=-1 ! mpegtsmux alignment=7 ! srtsink "
                           "wait-for-connection=false uri=" +
                           here + "?mode=listener&passphrase=s3cret0123456"));
    player.play();
    player.expectMessage("retrysink-waiting");
    const char* peer = gst_structure_get_string(player.latest["retrysink-waiting"].get(), "peer");
    fail_unless(peer == here, "%s", peer);
    const guint seen = player.count("other");
    player.expectBuffers("other", seen + 75);
    ck_assert_int_eq(player.told["retrysink-waiting"], 1);
    ck_assert_int_eq(player.told["retrysink-online"], 0);
}
GST_END_TEST

/// What the branch writes at its end is written, when the stream ends and when the element stops.
GST_START_TEST(theEndIsWritten) {
    const auto folder = std::filesystem::temp_directory_path();
    for (const bool stopped : {false, true}) {
        const auto file = folder / ("retrysink-" + std::to_string(getpid()) + ".mp4");
        Player player(
            "videotestsrc is-live=true num-buffers=" + std::string(stopped ? "500" : "40") +
            " ! video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! " + encoded +
            retrying("h264parse ! mp4mux ! filesink name=file location=" + file.string()));
        player.play();
        if (stopped) {
            player.expectMessage("retrysink-online");
            player.stop();
        } else {
            player.expectEnd();
        }
        // An mp4 without its end cannot be played.
        Player reader("filesrc location=" + file.string() +
                      " ! qtdemux ! h264parse ! fakesink name=out");
        reader.play();
        reader.expectEnd();
        fail_unless(reader.count("out") >= 10);
        std::filesystem::remove(file);
    }
}
GST_END_TEST

/// An FLV header says what there is: sound that was quicker than the first key frame waits for it.
GST_START_TEST(pictureAndSoundBeginTogether) {
    TcpPeer peer;
    Player player(
        std::string("retrysink name=retry branch=\"in0. ! m.video in1. ! m.audio flvmux "
                    "name=m streamable=true latency=300000000 ! ") +
        tcp(peer.port) + "\" " + picture + encoded +
        "retry. audiotestsrc is-live=true ! audio/x-raw,channels=1,rate=44100 ! avenc_aac "
        "! aacparse ! retry.");
    player.play();
    peer.take();
    const auto head = peer.read(13);
    fail_unless(head[0] == 'F' && head[1] == 'L' && head[2] == 'V');
    ck_assert_int_eq(head[4], 5); // audio and video
    player.expectMessage("retrysink-online");
}
GST_END_TEST

/// Nothing is wrong with the peer of a muxer that wants another format.
GST_START_TEST(formatsThatDoNotFit) {
    TcpPeer peer;
    Player player(picture + retrying("flvmux ! " + tcp(peer.port)));
    player.play();
    player.expectMessage("retrysink-offline");
    fail_unless(reason(player).find("cannot take what it is given") != std::string::npos, "%s",
                reason(player).c_str());
}
GST_END_TEST

GST_START_TEST(theReasonKeepsItsSecrets) {
    const unsigned port = TcpPeer().port;
    Player player(picture + std::string(encoded) +
                  retrying("flvmux streamable=true ! rtmp2sink location=rtmp://anna:s3cret@127.0.0."
                           "1:" +
                           std::to_string(port) + "/live/k3y"));
    player.play();
    player.expectMessage("retrysink-offline");
    const std::string why = reason(player);
    fail_if(why.empty());
    fail_unless(why.find("s3cret") == std::string::npos && why.find("k3y") == std::string::npos);
    fail_if(
        g_object_class_find_property(G_OBJECT_GET_CLASS(player["retry"].get()), "branch")->flags &
        G_PARAM_READABLE);
}
GST_END_TEST

/// What can never work is an error at once, and says what to do.
GST_START_TEST(branchesThatCannotBe) {
    for (const char* bad :
         {"", "nosuchelement", "fakesink nosuchproperty=1", "!", "in1. ! fakesink",
          "flvmux ! rtmp2sink location=http://host/key", "mpegtsmux ! srtsink uri=foo"}) {
        Player player("videotestsrc ! " + retrying(bad));
        player.play();
        player.expectError();
        fail_if(player.error.find("unexpected") != std::string::npos, "%s", player.error.c_str());
    }
    Player unlinked("retrysink branch=fakesink fakesrc ! fakesink");
    unlinked.play();
    unlinked.expectError();
}
GST_END_TEST

GST_START_TEST(manyLivesLeaveNothing) {
    const unsigned port = TcpPeer().port;
    const auto once = [&] {
        Player player(std::string("videotestsrc is-live=true ! video/x-raw,format=I420,width=160,"
                                  "height=120,framerate=25/1 ! ") +
                      "retrysink name=retry min-delay=1 max-delay=1 branch=\"" + tcp(port) + "\"");
        player.play();
        player.expectMessage("retrysink-offline", 10);
    };
    once();
    const auto descriptors = support::descriptors(), threads = support::threads();
    for (int i = 0; i < 5; i++)
        once();
    fail_unless(support::becomes([&] { return support::descriptors() <= descriptors; }));
    // GLib's pool of threads
    fail_unless(support::becomes([&] { return support::threads() <= threads + 2; }));
}
GST_END_TEST

static Suite* retrysink_suite() {
    Suite* suite = suite_create("retrysink");
    TCase* tests = tcase_create("retrysink");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, peerComesAndGoes);
    tcase_add_test(tests, stalledPeerIsLeft);
    tcase_add_test(tests, onlyWhoTakesSomethingIsConnected);
    tcase_add_test(tests, whereItWaitsIsTold);
    tcase_add_test(tests, theEndIsWritten);
    tcase_add_test(tests, pictureAndSoundBeginTogether);
    tcase_add_test(tests, formatsThatDoNotFit);
    tcase_add_test(tests, theReasonKeepsItsSecrets);
    tcase_add_test(tests, branchesThatCannotBe);
    tcase_add_test(tests, manyLivesLeaveNothing);
    return suite;
}

GST_CHECK_MAIN(retrysink);
