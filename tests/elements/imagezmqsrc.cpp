// imagezmqsrc as an element: it ends while it waits, starts anew, and follows a picture's format.
#include "glue/ref.hpp"
#include "player.hpp"

#include <gst/video/video.h>

#include <chrono>
#include <string>
#include <thread>

// Last: Check makes a macro of `fail`, which is a word of the streams.
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

using glue::Ref;
using namespace std::chrono_literals;

namespace {

std::string urlOf(GstElement* element) {
    char* url = nullptr;
    g_object_get(element, "url", &url, nullptr);
    const Ref<char> owned(url);
    return url ? url : "";
}

/// A hub in a harness.
class Hub {
public:
    explicit Hub(const std::string& settings = "")
        : harness_(gst_harness_new_parse(
              ("imagezmqsrc mode=rep endpoint=tcp://127.0.0.1:* " + settings).c_str())) {
        element_.reset(gst_harness_find_element(harness_, "imagezmqsrc"));
        gst_harness_play(harness_);
    }
    ~Hub() { gst_harness_teardown(harness_); }
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    std::string url() const { return urlOf(element_.get()); }
    Ref<GstBuffer> pull() {
        Ref<GstBuffer> buffer(gst_harness_pull(harness_));
        fail_unless(buffer != nullptr, "no picture came");
        return buffer;
    }
    /// Of the newest buffer.
    std::string format() {
        const Ref<GstPad> pad(gst_element_get_static_pad(element_.get(), "src"));
        const Ref<GstCaps> caps(gst_pad_get_current_caps(pad.get()));
        const GstStructure* s = gst_caps_get_structure(caps.get(), 0);
        const char* format = gst_structure_get_string(s, "format");
        int width = 0;
        gst_structure_get_int(s, "width", &width);
        return (format ? format : gst_structure_get_name(s)) + std::string(" ") +
               std::to_string(width);
    }

private:
    GstHarness* harness_;
    Ref<GstElement> element_;
};

/// Sends `count` pictures to the hub and waits for its answers.
class Camera {
public:
    Camera(const std::string& url, const std::string& caps, const std::string& encoder = "") {
        const std::string line = "videotestsrc is-live=true ! " + caps + " ! " + encoder +
                                 "imagezmqsink mode=req endpoint=" + url;
        pipeline_.reset(gst_parse_launch(line.c_str(), nullptr));
        gst_object_ref_sink(pipeline_.get());
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~Camera() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Camera(const Camera&) = delete;
    Camera& operator=(const Camera&) = delete;

private:
    Ref<GstElement> pipeline_;
};

std::string raw(const char* format, int width) {
    return std::string("video/x-raw,height=48,framerate=25/1,format=") + format +
           ",width=" + std::to_string(width);
}

} // namespace

GST_START_TEST(endsWhileItWaits) {
    for (const char* mode : {"sub", "rep"}) {
        const std::string line =
            std::string("imagezmqsrc endpoint=tcp://127.0.0.1:* connection=bind mode=") + mode +
            " ! fakesink";
        const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), nullptr));
        gst_object_ref_sink(pipeline.get());
        for (int i = 0; i < 3; i++) {
            gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
            std::this_thread::sleep_for(50ms);
            fail_unless_equals_int(gst_element_set_state(pipeline.get(), GST_STATE_READY),
                                   GST_STATE_CHANGE_SUCCESS);
        }
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    }
}
GST_END_TEST

GST_START_TEST(followsTheFormat) {
    Hub hub;
    const struct {
        const char* format;
        int width;
    } pictures[] = {{"BGR", 64}, {"GRAY8", 63}, {"RGB", 61}, {"BGRA", 62}};
    for (const auto& picture : pictures) {
        const Camera camera(hub.url(), raw(picture.format, picture.width));
        const std::string wanted =
            picture.format + std::string(" ") + std::to_string(picture.width);
        Ref<GstBuffer> buffer;
        for (int i = 0; i < 1000 && (!buffer || hub.format() != wanted); i++)
            buffer = hub.pull();
        fail_unless(hub.format() == wanted, "%s", hub.format().c_str());
        GstVideoInfo info;
        gst_video_info_set_format(&info, gst_video_format_from_string(picture.format),
                                  static_cast<guint>(picture.width), 48);
        fail_unless_equals_uint64(gst_buffer_get_size(buffer.get()), info.size);
    }
    const Camera camera(hub.url(), raw("I420", 64), "jpegenc ! ");
    for (int i = 0; i < 1000 && hub.format() != "image/jpeg 64"; i++)
        hub.pull();
    fail_unless(hub.format() == "image/jpeg 64", "%s", hub.format().c_str());
}
GST_END_TEST

/// Whose channels nobody tells.
GST_START_TEST(threeChannels) {
    Hub hub("channels=rgb");
    const Camera camera(hub.url(), raw("BGR", 64));
    hub.pull();
    fail_unless(hub.format() == "RGB 64", "%s", hub.format().c_str());
}
GST_END_TEST

/// libzmq asks for it again and again, and says nothing.
GST_START_TEST(unknownHostsAreTold) {
    // No name server is asked for a name of which a part is longer than 63 letters.
    const std::string host = std::string(64, 'x') + ".invalid";
    for (const std::string& line :
         {"imagezmqsrc endpoint=tcp://" + host + ":5555 ! fakesink",
          "fakesrc num-buffers=1 ! imagezmqsink mode=req linger=0 endpoint=tcp://" + host +
              ":5555"}) {
        Player player(line);
        player.play();
        player.expectWarning();
        fail_unless(player.warning.find(host) != std::string::npos, "%s", player.warning.c_str());
        fail_unless(player.error.empty(), "%s", player.error.c_str());
    }
}
GST_END_TEST

static Suite* imagezmqsrc_suite() {
    Suite* suite = suite_create("imagezmqsrc");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, endsWhileItWaits);
    tcase_add_test(tests, followsTheFormat);
    tcase_add_test(tests, threeChannels);
    tcase_add_test(tests, unknownHostsAreTold);
    return suite;
}

GST_CHECK_MAIN(imagezmqsrc);
