// What cameras send that encoders of this machine do not: every sound, H.265, B-frames, slices,
// parameter sets in unusual places, another size in the middle.
#include "support/whepstage.hpp"

using namespace support;

static bool isThere(const char* factory) {
    const Ref<GstElementFactory> found(gst_element_factory_find(factory));
    return found != nullptr;
}

static std::string status(const Stage& stage) {
    return WhepClient::ask("GET", stage.page() + "status").body;
}

/// The text of the next warning on the bus that has `word` in it, or "".
static std::string warning(const Stage& stage, const char* word) {
    while (const auto message = stage.message(GST_MESSAGE_WARNING, 90s)) {
        GError* error = nullptr;
        gst_message_parse_warning(message.get(), &error, nullptr);
        const Ref<GError> owned(error);
        if (std::string(error->message).find(word) != std::string::npos)
            return error->message;
    }
    return "";
}

static void hears(const std::string& source, const char* format) {
    Stage stage(picture + vp8 + "whepsink name=w port=0 audiotestsrc is-live=true ! " + source +
                " ! w.audio_0");
    stage.playAndWait(format);
    WhepClient::Options options = video("VP8");
    options.audio = true;
    options.sound = format;
    WhepClient client(stage.endpoint(), options);
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10), "no picture");
    fail_unless(client.hears(20), "no sound: %s", stage.error().c_str());
}

GST_START_TEST(hearsTelephoneSound) {
    hears("mulawenc", "PCMU");
    hears("mulawenc ! rtppcmupay", "PCMU");
    hears("alawenc", "PCMA");
    hears("alawenc ! rtppcmapay", "PCMA");
}
GST_END_TEST

GST_START_TEST(hearsWhatBecomesOpus) {
    hears("audio/x-raw,rate=44100,channels=1", "OPUS");
    const std::string aac = "audioconvert ! audio/x-raw,rate=16000,channels=1 ! avenc_aac";
    hears(aac, "OPUS");
    hears(aac + " ! aacparse ! rtpmp4gpay", "OPUS");
    hears(aac + " ! aacparse ! rtpmp4apay", "OPUS");
    hears("audioconvert ! audio/x-raw,rate=8000,channels=1 ! avenc_g726 ! rtpg726pay", "OPUS");
    hears("audioconvert ! audio/x-raw,rate=16000,channels=1 ! rtpL16pay", "OPUS");
}
GST_END_TEST

GST_START_TEST(brokenSoundLeavesThePicture) {
    // AAC without the two bytes that say what it is.
    Stage stage(
        picture + vp8 +
        "whepsink name=w port=0 audiotestsrc is-live=true ! audioconvert ! avenc_aac ! "
        "capssetter replace=true caps=audio/mpeg,mpegversion=4,stream-format=raw ! w.audio_0");
    stage.playAndWait();
    const std::string text = warning(stage, "sound");
    fail_unless(text.find("G.711") != std::string::npos, "\"%s\"", text.c_str());
    fail_unless(
        Stage::wait(90s, [&] { return WhepClient(stage.endpoint(), video("VP8")).join() == 201; }));
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(30), "the picture went with the sound");
    const std::string error = stage.error();
    fail_unless(error.empty(), "%s", error.c_str());
}
GST_END_TEST

GST_START_TEST(playsH265WhereOffered) {
    if (!isThere("x265enc") || !isThere("avdec_h265")) {
        g_print("no H.265 here\n");
        return;
    }
    Stage stage(picture +
                "x265enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=50 ! "
                "whepsink name=w port=0");
    stage.playAndWait();
    WhepClient other(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(other.join(), 406);
    fail_unless(other.response().body.find("H265") != std::string::npos);
    WhepClient client(stage.endpoint(), video("H265"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(20), "no picture: %s", stage.error().c_str());
}
GST_END_TEST

GST_START_TEST(av1WhereItCanBePacked) {
    if (!isThere("av1enc")) {
        g_print("no AV1 here\n");
        return;
    }
    Stage stage(picture + "av1enc cpu-used=8 usage-profile=realtime ! whepsink name=w port=0");
    stage.play();
    if (!isThere("rtpav1pay")) {
        const std::string error = stage.error(90s);
        fail_unless(error.find("missing") != std::string::npos, "\"%s\"", error.c_str());
        return;
    }
    fail_unless(Stage::wait(90s, [&] { return status(stage).find("AV1") != std::string::npos; }));
}
GST_END_TEST

GST_START_TEST(bFramesAreNamed) {
    Stage stage(picture + "x264enc speed-preset=veryfast bframes=2 b-adapt=false rc-lookahead=2 "
                          "sync-lookahead=0 bitrate=300 ! whepsink name=w port=0");
    stage.playAndWait();
    const std::string text = warning(stage, "B-frames");
    fail_unless(text.find("Baseline") != std::string::npos, "\"%s\"", text.c_str());
    fail_unless(status(stage).find("B-frames") != std::string::npos, "%s", status(stage).c_str());
    const auto streams = WhepClient::ask("GET", stage.page() + "streams").body;
    fail_unless(streams.find("B-frames") != std::string::npos, "%s", streams.c_str());
    WhepClient client(stage.endpoint(), video("H264"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10), "a warning is no reason to show nothing");
}
GST_END_TEST

struct Units {
    std::atomic<int> sets{0}, keySlices{0}, keyFrames{0};
    std::uint32_t last = 0; ///< timestamp of a key frame
};

/// Counts sequence parameter sets and IDR slices on their way into the fan-out.
static GstPadProbeReturn count(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto* units = static_cast<Units*>(data);
    const auto look = [units](GstBuffer* buffer) {
        guint8 head[14];
        if (gst_buffer_extract(buffer, 0, head, sizeof head) < sizeof head)
            return;
        const unsigned type = head[12] & 0x1f;
        const bool begins = type == 28 && (head[13] & 0x80);
        units->sets += type == 7;
        if (type != 5 && (!begins || (head[13] & 0x1f) != 5))
            return;
        units->keySlices++;
        units->keyFrames += GST_READ_UINT32_BE(head + 4) != units->last;
        units->last = GST_READ_UINT32_BE(head + 4);
    };
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
        GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
        for (guint i = 0; i < gst_buffer_list_length(list); i++)
            look(gst_buffer_list_get(list, i));
    } else {
        look(GST_PAD_PROBE_INFO_BUFFER(info));
    }
    return GST_PAD_PROBE_OK;
}

static void watchUnits(const Stage& stage, Units& units) {
    const Ref<GstIterator> all(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(stage.sink()), "appsink"));
    GValue value = G_VALUE_INIT;
    fail_unless(gst_iterator_next(all.get(), &value) == GST_ITERATOR_OK);
    const Ref<GstPad> pad(
        gst_element_get_static_pad(GST_ELEMENT(g_value_get_object(&value)), "sink"));
    gst_pad_add_probe(pad.get(),
                      GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
                      count, &units, nullptr);
    g_value_unset(&value);
}

GST_START_TEST(parameterSetsOncePerKeyFrame) {
    Units units;
    Stage stage(picture +
                "x264enc tune=zerolatency speed-preset=ultrafast bitrate=600 key-int-max=10 "
                "option-string=slices=4 ! whepsink name=w port=0");
    watchUnits(stage, units);
    stage.playAndWait();
    fail_unless(Stage::wait(90s, [&] { return units.keyFrames >= 4; }));
    fail_unless(status(stage).find("B-frames") == std::string::npos);
    stage.stop();
    const int sets = units.sets, keys = units.keyFrames, slices = units.keySlices;
    fail_unless(slices >= 2 * keys - 1, "%d slices in %d key frames are no test", slices, keys);
    fail_unless(sets >= keys && sets <= keys + 1, "%d sets for %d key frames", sets, keys);
}
GST_END_TEST

GST_START_TEST(parameterSetsThatOnlyTheSdpHas) {
    Stage stage(picture +
                "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=25 ! "
                "h264parse ! video/x-h264,stream-format=avc ! "
                "rtph264pay config-interval=0 mtu=1400 ! whepsink name=w port=0");
    stage.playAndWait();
    fail_unless(Stage::wait(90s, [&] { return stage.stat("frames") > 30; }));
    WhepClient client(stage.endpoint(), video("H264"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(20), "no picture");
}
GST_END_TEST

GST_START_TEST(anotherSizeOfH264) {
    Stage stage("videotestsrc is-live=true ! videoscale ! capsfilter name=size "
                "caps=video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! " +
                h264 + "h264parse ! rtph264pay ! whepsink name=w port=0");
    stage.playAndWait();
    WhepClient client(stage.endpoint(), video("H264"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10));
    const Ref<GstElement> filter(gst_bin_get_by_name(GST_BIN(stage.pipeline()), "size"));
    const Ref<GstCaps> caps(
        gst_caps_from_string("video/x-raw,format=I420,width=160,height=90,framerate=25/1"));
    g_object_set(filter.get(), "caps", caps.get(), nullptr);
    fail_unless(Stage::wait(90s, [&] { return client.width() == 160; }), "still the old size");
    fail_unless_equals_uint64(stage.stat("viewers"), 1);
    fail_unless_equals_uint64(stage.stat("joined"), 1);
}
GST_END_TEST

/// A file from its beginning again, and the timestamps that viewers get go on.
GST_START_TEST(seeksGoForward) {
    Stage stage("videotestsrc ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! " +
                vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    WhepClient::Options options;
    options.encoding = "VP8";
    WhepClient client(stage.endpoint(), options);
    fail_unless_equals_int(client.join(), 201);
    for (int i = 0; i < 2; i++) {
        fail_unless(client.sees(100)); // four seconds
        fail_unless(
            gst_element_seek_simple(stage.pipeline(), GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0));
    }
    fail_unless(client.sees(20));
    fail_unless_equals_int(client.backwards(), 0);
}
GST_END_TEST

static Suite* whepsinkmedia_suite() {
    Suite* suite = suite_create("whepsinkmedia");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, hearsTelephoneSound);
    tcase_add_test(tests, hearsWhatBecomesOpus);
    tcase_add_test(tests, brokenSoundLeavesThePicture);
    tcase_add_test(tests, playsH265WhereOffered);
    tcase_add_test(tests, av1WhereItCanBePacked);
    tcase_add_test(tests, bFramesAreNamed);
    tcase_add_test(tests, parameterSetsOncePerKeyFrame);
    tcase_add_test(tests, parameterSetsThatOnlyTheSdpHas);
    tcase_add_test(tests, anotherSizeOfH264);
    tcase_add_test(tests, seeksGoForward);
    return suite;
}

GST_CHECK_MAIN(whepsinkmedia);
