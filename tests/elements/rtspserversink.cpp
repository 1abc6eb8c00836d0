// A pipeline offered as rtsp://: stock clients on real sockets, and clients without manners.
#include "rtspdialogue.hpp"

namespace {

constexpr const char* picture =
    "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=500 name=encoder ! h264parse ! ";

std::string served(const std::string& properties = {}) {
    return picture + std::string("rtspserversink name=server port=0 path=yard ") + properties;
}

std::string urlOf(Player& player, const char* server = "server") {
    gchar* url = nullptr;
    g_object_get(player[server].get(), "url", &url, nullptr);
    const glue::Ref<char> owned(url);
    return url ? url : "";
}

std::string client(const std::string& url, const char* more = "protocols=tcp") {
    return "rtspsrc latency=50 " + std::string(more) + " location=" + url +
           " ! rtph264depay ! avdec_h264 ! fakesink sync=false name=out";
}

/// Plays until the stream can be described.
void start(Player& player) {
    player.play();
    for (int i = 0; i < 2400 && player.stat("server", "frames") == 0; i++)
        g_usleep(50000);
    fail_unless(player.stat("server", "frames") > 0);
}

void expectClients(Player& player, guint64 count) {
    for (int i = 0; i < 2400 && player.stat("server", "clients") != count; i++)
        g_usleep(50000);
    fail_unless_equals_uint64(player.stat("server", "clients"), count);
}

/// To the element that is named like the medium. Both pads come at once, which is too much for the
/// links of gst_parse_launch() now and then.
void linkByMedia(GstElement*, GstPad* pad, gpointer viewer) {
    const glue::Ref<GstCaps> caps(gst_pad_query_caps(pad, nullptr));
    const char* media = gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "media");
    const auto element = (*static_cast<Player*>(viewer))[media];
    const glue::Ref<GstPad> to(gst_element_get_static_pad(element.get(), "sink"));
    gst_pad_link(pad, to.get());
}

} // namespace

GST_START_TEST(watchedOverEachTransport) {
    Player server(served("protocols=tcp+udp"));
    start(server);
    for (const char* protocols : {"protocols=tcp", "protocols=udp"}) {
        Player viewer(client(urlOf(server), protocols));
        viewer.play();
        viewer.expectBuffers("out", 20);
        expectClients(server, 1);
        viewer.stop();
        expectClients(server, 0);
    }
    // The encoder makes one of its own in 20 s: each client asked for one.
    fail_unless(server.stat("server", "keyframe-requests") >= 2);
}
GST_END_TEST

/// What is not offered is refused.
GST_START_TEST(onlyTheProtocolsNamed) {
    Player server(served("protocols=tcp"));
    start(server);
    Player viewer(client(urlOf(server), "protocols=udp"));
    viewer.play();
    viewer.expectError();
}
GST_END_TEST

GST_START_TEST(pictureAndSound) {
    Player server(std::string("rtspserversink name=server port=0 path=both ") + picture +
                  "server. audiotestsrc is-live=true ! opusenc ! server.");
    start(server);
    Player viewer("rtspsrc name=in protocols=tcp latency=50 location=" + urlOf(server) +
                  " rtph264depay name=video ! fakesink sync=false name=out "
                  "rtpopusdepay name=audio ! fakesink sync=false name=sound");
    g_signal_connect(viewer["in"].get(), "pad-added", G_CALLBACK(linkByMedia), &viewer);
    viewer.play();
    viewer.expectBuffers("out", 10);
    viewer.expectBuffers("sound", 10);
}
GST_END_TEST

/// Every codec has a packing that a stock client can undo.
GST_START_TEST(codecs) {
    const struct {
        const char *encoder, *depayloader;
    } rows[] = {{"vp8enc deadline=1", "rtpvp8depay"},
                {"vp9enc deadline=1 cpu-used=8", "rtpvp9depay"},
                {"jpegenc", "rtpjpegdepay"}};
    for (const auto& row : rows) {
        Player server(
            "videotestsrc is-live=true ! video/x-raw,format=I420,width=160,height=120 ! " +
            std::string(row.encoder) + " ! rtspserversink name=server port=0");
        start(server);
        Player viewer("rtspsrc protocols=tcp latency=50 location=" + urlOf(server) + " ! " +
                      row.depayloader + " ! fakesink sync=false name=out");
        viewer.play();
        viewer.expectBuffers("out", 5);
    }
}
GST_END_TEST

GST_START_TEST(severalSinksOnOnePort) {
    Player first(served());
    start(first);
    const std::string port = portOf(urlOf(first));
    Player second(picture + std::string("rtspserversink name=server path=gate/sub port=") + port);
    start(second);
    Player viewer(client(urlOf(second)));
    viewer.play();
    viewer.expectBuffers("out", 5);
    fail_unless(portOf(urlOf(second)) == port);

    Player same(picture + std::string("rtspserversink path=yard port=") + port);
    same.play();
    same.expectError();
    fail_unless(says(same.error, "another path"), "%s", same.error.c_str());
    Player locked(picture + std::string("rtspserversink path=x user-id=a user-pw=b port=") + port);
    locked.play();
    locked.expectError();
    fail_unless(says(locked.error, "same user-id"), "%s", locked.error.c_str());

    // The first goes; the second and its viewer stay.
    first.stop();
    const guint seen = viewer.count("out");
    viewer.expectBuffers("out", seen + 10);
}
GST_END_TEST

GST_START_TEST(asksForThePassword) {
    Player server(served("user-id=anna user-pw=s3cret"));
    start(server);
    for (const char* wrong : {"protocols=tcp", "protocols=tcp user-id=anna user-pw=wrong"}) {
        Player stranger(client(urlOf(server), wrong));
        stranger.play();
        stranger.expectError();
    }
    Player anna(client(urlOf(server), "protocols=tcp user-id=anna user-pw=s3cret"));
    anna.play();
    anna.expectBuffers("out", 5);
    fail_if(
        g_object_class_find_property(G_OBJECT_GET_CLASS(server["server"].get()), "user-pw")->flags &
        G_PARAM_READABLE);
}
GST_END_TEST

GST_START_TEST(tellsWhatIsNotThere) {
    // An encoder that has not begun.
    Player silent("appsrc name=in ! video/x-h264,stream-format=avc,alignment=au ! "
                  "rtspserversink name=server port=0 path=yard");
    silent.play();
    RtspDialogue early(urlOf(silent));
    fail_unless(says(early.ask("DESCRIBE"), "RTSP/1.0 503 "));
    std::string elsewhere = urlOf(silent);
    elsewhere.replace(elsewhere.find("yard"), 4, "garden");
    RtspDialogue lost(elsewhere);
    fail_unless(says(lost.ask("DESCRIBE"), "RTSP/1.0 404 "));
}
GST_END_TEST

GST_START_TEST(fullHouse) {
    Player server(served("max-clients=1"));
    start(server);
    RtspDialogue first(urlOf(server));
    first.setUp();
    RtspDialogue second(urlOf(server));
    second.ask("DESCRIBE");
    const std::string answer =
        second.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", "/stream=0");
    fail_unless(says(answer, "RTSP/1.0 453 "), "%s", answer.c_str());
}
GST_END_TEST

/// Somebody asks to watch and then does not read: the others see every picture all the same.
GST_START_TEST(whoeverDoesNotReadHoldsNobody) {
    Player server("videotestsrc is-live=true pattern=snow ! "
                  "video/x-raw,format=I420,width=640,height=480,framerate=25/1 ! x264enc "
                  "tune=zerolatency speed-preset=ultrafast bitrate=20000 ! h264parse ! "
                  "rtspserversink name=server port=0");
    start(server);
    RtspDialogue stuck(urlOf(server));
    stuck.setUp();
    fail_unless(says(stuck.ask("PLAY"), "RTSP/1.0 200 "));
    Player viewer(client(urlOf(server)));
    viewer.play();
    viewer.expectBuffers("out", 20);
    // Six seconds at 20 Mbit/s: more than any socket holds.
    viewer.expectBuffers("out", 150);
}
GST_END_TEST

GST_START_TEST(theEndReachesTheClients) {
    Player server("videotestsrc num-buffers=100 is-live=true ! "
                  "video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! x264enc "
                  "tune=zerolatency ! h264parse ! rtspserversink name=server port=0");
    start(server);
    Player viewer(client(urlOf(server)));
    viewer.play();
    viewer.expectBuffers("out", 5);
    server.expectEnd();
    viewer.expectEnd();
}
GST_END_TEST

/// A file is sent at its own speed, not at that of the disk.
GST_START_TEST(aFileKeepsItsPace) {
    Player server(
        "videotestsrc num-buffers=5000 ! "
        "video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! x264enc "
        "tune=zerolatency speed-preset=ultrafast ! h264parse ! rtspserversink name=server "
        "port=0");
    start(server);
    const gint64 before = g_get_monotonic_time();
    const guint64 first = server.stat("server", "frames");
    g_usleep(G_USEC_PER_SEC);
    const guint64 frames = server.stat("server", "frames") - first;
    const double seconds = double(g_get_monotonic_time() - before) / G_USEC_PER_SEC;
    fail_unless(double(frames) <= 25 * seconds + 25, "%u frames in %f s", unsigned(frames),
                seconds);
}
GST_END_TEST

/// Clients that hang up in the middle of anything leave nothing behind.
GST_START_TEST(comingsAndGoings) {
    Player server(served());
    start(server);
    const auto once = [&](int step) {
        RtspDialogue guest(urlOf(server));
        if (step >= 1)
            guest.setUp();
        if (step >= 2)
            guest.ask("PLAY");
        if (step >= 3)
            guest.packet();
    };
    for (int step = 0; step < 4; step++)
        once(step);
    expectClients(server, 0);
    g_usleep(1500000); // closed clients are kept for a second
    const std::size_t descriptors = ::descriptors(), threads = ::threads();
    for (int i = 0; i < 100; i++)
        once(i % 4);
    expectClients(server, 0);
    fail_unless(becomes([&] { return ::descriptors() <= descriptors; }),
                "%zu descriptors, %zu before", ::descriptors(), descriptors);
    fail_unless(becomes([&] { return ::threads() <= threads + 2; })); // GLib's pool of threads
}
GST_END_TEST

GST_START_TEST(stopsWithClients) {
    for (int i = 0; i < 3; i++) {
        Player server(served());
        start(server);
        Player viewer(client(urlOf(server)));
        viewer.play();
        viewer.expectBuffers("out", 3);
        server.stop();
        viewer.expectErrorOrEnd();
    }
}
GST_END_TEST

GST_START_TEST(badSettings) {
    for (const char* bad : {"path=../etc", "path=a//b", "path=\"a b\"", "address=nowhere",
                            "user-pw=x", "protocols=http"}) {
        Player server(std::string(picture) + "rtspserversink name=server port=0 " + bad);
        server.play();
        server.expectError();
        fail_if(says(server.error, "unexpected"), "%s: %s", bad, server.error.c_str());
    }
}
GST_END_TEST

static Suite* rtspserversink_suite() {
    Suite* suite = suite_create("rtspserversink");
    TCase* tests = tcase_create("rtspserversink");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, watchedOverEachTransport);
    tcase_add_test(tests, onlyTheProtocolsNamed);
    tcase_add_test(tests, pictureAndSound);
    tcase_add_test(tests, codecs);
    tcase_add_test(tests, severalSinksOnOnePort);
    tcase_add_test(tests, asksForThePassword);
    tcase_add_test(tests, tellsWhatIsNotThere);
    tcase_add_test(tests, fullHouse);
    tcase_add_test(tests, whoeverDoesNotReadHoldsNobody);
    tcase_add_test(tests, theEndReachesTheClients);
    tcase_add_test(tests, aFileKeepsItsPace);
    tcase_add_test(tests, comingsAndGoings);
    tcase_add_test(tests, stopsWithClients);
    tcase_add_test(tests, badSettings);
    return suite;
}

GST_CHECK_MAIN(rtspserversink);
