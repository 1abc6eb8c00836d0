// What was found in the frames, on its way to those who watch: tied to its frame, bounded, and
// nothing of it left behind.
#include "glue/detectionmeta.hpp"
#include "support/whepstage.hpp"

#include <atomic>
#include <set>
#include <string>

using namespace support;

namespace {

base::Detections found(const char* label) {
    base::Detection d;
    d.box = {0.25, 0.25, 0.5, 0.5};
    d.score = 0.5F;
    d.classId = 1;
    d.label = label;
    d.drawn = true;
    base::Detections all;
    all.objects = {d};
    all.source = "test";
    return all;
}

/// Hangs a detection on each buffer that leaves the element of that name.
void finds(Stage& stage, const char* element, const char* label) {
    glue::registerDetectionMeta();
    const Ref<GstElement> from(gst_bin_get_by_name(GST_BIN(stage.pipeline()), element));
    const Ref<GstPad> pad(gst_element_get_static_pad(from.get(), "src"));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer name) {
            GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
            glue::attachDetections(buffer, found(static_cast<const char*>(name)), 320, 180);
            GST_PAD_PROBE_INFO_DATA(info) = buffer;
            return GST_PAD_PROBE_OK;
        },
        const_cast<char*>(label), nullptr);
}

WhepClient::Options watching(const char* channel = "detections") {
    WhepClient::Options options = video("VP8");
    options.channel = channel;
    return options;
}

std::set<std::string> stampsOf(const std::vector<std::string>& messages) {
    std::set<std::string> stamps;
    for (const std::string& message : messages)
        stamps.insert(message.substr(0, message.find(',')));
    return stamps;
}

} // namespace

GST_START_TEST(throughEncoderAndPayloader) {
    Stage stage("videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,"
                "framerate=25/1 ! identity name=eye ! " +
                vp8 + "whepsink name=w port=0");
    finds(stage, "eye", "cat");
    stage.playAndWait();
    WhepClient client(stage.endpoint(), watching());
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(5));
    fail_unless(Stage::wait(90s, [&] { return client.messages().size() >= 10; }), "%zu messages",
                client.messages().size());
    const std::vector<std::string> messages = client.messages(); // more come meanwhile
    for (const std::string& message : messages)
        for (const char* part : {"\"label\":\"cat\"", "\"drawn\":true"})
            fail_unless(message.find(part) != std::string::npos, "%s", message.c_str());
    // One message a frame, each with a timestamp of its own.
    fail_unless_equals_int(stampsOf(messages).size(), messages.size());
    fail_unless(stage.stat("detections") >= 10);
}
GST_END_TEST

GST_START_TEST(foundInAnotherStream) {
    Stage stage(
        "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! "
        "tee name=t t. ! queue ! " +
        vp8 + "whepsink name=w port=0 t. ! queue ! identity name=eye ! w.detections_0");
    finds(stage, "eye", "dog");
    stage.playAndWait();
    WhepClient client(stage.endpoint(), watching());
    fail_unless_equals_int(client.join(), 201);
    fail_unless(Stage::wait(90s, [&] { return client.messages().size() >= 10; }));
    const std::vector<std::string> messages = client.messages(); // more come meanwhile
    fail_unless(messages[0].find("\"label\":\"dog\"") != std::string::npos);
    // Drawn it is in pictures that nobody sees.
    fail_unless(messages[0].find("\"drawn\"") == std::string::npos);
    fail_unless_equals_int(stampsOf(messages).size(), messages.size());
}
GST_END_TEST

GST_START_TEST(otherChannelsAreNotWelcome) {
    Stage stage(picture + vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    WhepClient stranger(stage.endpoint(), watching("files"));
    fail_unless_equals_int(stranger.join(), 201);
    fail_unless(Stage::wait(90s, [&] { return stage.stat("viewers") == 0; }), "it is still there");
    WhepClient client(stage.endpoint(), watching());
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(5));
}
GST_END_TEST

GST_START_TEST(nothingIsLeftBehind) {
    Stage stage("videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,"
                "framerate=25/1 ! identity name=eye ! " +
                vp8 + "whepsink name=w port=0");
    finds(stage, "eye", "cat");
    stage.playAndWait();
    const auto visit = [&] {
        WhepClient client(stage.endpoint(), watching());
        fail_unless_equals_int(client.join(), 201);
        fail_unless(Stage::wait(90s, [&] { return client.messages().size() >= 2; }));
        client.leave();
    };
    for (int i = 0; i < 2; i++)
        visit();
    const auto files = descriptors();
    const auto others = threads();
    for (int i = 0; i < 8; i++)
        visit();
    fail_unless(Stage::wait(90s, [&] { return descriptors() <= files && threads() <= others + 3; }),
                "%zu of %zu descriptors, %zu of %zu threads", descriptors(), files, threads(),
                others);
}
GST_END_TEST

static Suite* whepsinkdetections_suite() {
    Suite* suite = suite_create("whepsinkdetections");
    TCase* tests = tcase_create("whepsinkdetections");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, throughEncoderAndPayloader);
    tcase_add_test(tests, foundInAnotherStream);
    tcase_add_test(tests, otherChannelsAreNotWelcome);
    tcase_add_test(tests, nothingIsLeftBehind);
    return suite;
}

GST_CHECK_MAIN(whepsinkdetections);
