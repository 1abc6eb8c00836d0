// Pictures and what is found in them, from imagezmqsink to imagezmqsrc; and what a subscriber that
// does not read may keep.
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/video/video.h>
#include <zmq.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

// Last: Check makes a macro of `fail`, which is a word of the streams.
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

using glue::Ref;
using namespace std::chrono_literals;

namespace {

constexpr const char* gray = "video/x-raw,format=GRAY8,width=64,height=48,framerate=25/1";

/// A harness of an element, which tells its address and its stats.
class Wire {
public:
    explicit Wire(const std::string& line) : harness_(gst_harness_new_parse(line.c_str())) {
        element_.reset(gst_harness_find_element(harness_, line.substr(0, line.find(' ')).c_str()));
    }
    ~Wire() { gst_harness_teardown(harness_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    GstHarness* harness() { return harness_; }
    std::string url() const {
        char* url = nullptr;
        g_object_get(element_.get(), "url", &url, nullptr);
        const Ref<char> owned(url);
        return url ? url : "";
    }
    guint64 stat(const char* name) const {
        GstStructure* stats = nullptr;
        g_object_get(element_.get(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        guint64 value = 0;
        guint small = 0;
        if (gst_structure_get_uint(stats, name, &small))
            return small;
        fail_unless(gst_structure_get_uint64(stats, name, &value), "no %s in stats", name);
        return value;
    }

private:
    GstHarness* harness_;
    Ref<GstElement> element_;
};

template <class Condition>
bool waitFor(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 120s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

Ref<GstBuffer> pictureOf(guint8 value, std::size_t size = std::size_t{64} * 48) {
    Ref<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, size, nullptr));
    gst_buffer_memset(buffer.get(), 0, value, size);
    return buffer;
}

base::Detections someone() {
    base::Detection d;
    d.box = {0.25, 0.5, 0.125, 0.25};
    d.score = 0.75f;
    d.classId = 3;
    d.label = "person";
    d.trackId = 7;
    return {{d}, {}, "test"};
}

/// The text of the first part of what comes, as any ZeroMQ program has it.
class Subscriber {
public:
    explicit Subscriber(const std::string& url)
        : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_SUB)) {
        const int one = 1, small = 65536, none = 0;
        zmq_setsockopt(socket_, ZMQ_RCVHWM, &one, sizeof one);
        zmq_setsockopt(socket_, ZMQ_RCVBUF, &small, sizeof small);
        zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
        zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
        fail_unless(zmq_connect(socket_, url.c_str()) == 0);
    }
    ~Subscriber() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    std::string head() {
        char bytes[4096];
        const int size = zmq_recv(socket_, bytes, sizeof bytes, ZMQ_DONTWAIT);
        return size < 0 ? "" : std::string(bytes, static_cast<std::size_t>(size));
    }

private:
    void* context_;
    void* socket_;
};

} // namespace

GST_START_TEST(objectsRideAlong) {
    Wire hub("imagezmqsrc mode=rep endpoint=tcp://127.0.0.1:*");
    gst_harness_play(hub.harness());
    Wire sink("imagezmqsink mode=req sync=false detections=field endpoint=" + hub.url());
    gst_harness_set_src_caps_str(sink.harness(), gray);
    Ref<GstBuffer> buffer = pictureOf(77);
    glue::attachDetections(buffer.get(), someone(), 64, 48);
    fail_unless_equals_int(gst_harness_push(sink.harness(), buffer.release()), GST_FLOW_OK);
    const Ref<GstBuffer> got(gst_harness_pull(hub.harness()));
    fail_unless(got != nullptr);
    const auto found = glue::detectionsOf(got.get());
    fail_unless(found && found->objects.size() == 1);
    const base::Detection& d = found->objects.front();
    fail_unless(d.label == "person" && d.classId == 3 && d.trackId == 7 && d.score == 0.75f);
    fail_unless(d.box.x == 0.25 && d.box.height == 0.25);
    const std::string sent(std::size_t{64} * 48, 77);
    fail_unless_equals_int(gst_buffer_get_size(got.get()), sent.size());
    fail_unless(gst_buffer_memcmp(got.get(), 0, sent.data(), sent.size()) == 0);
    fail_unless(waitFor([&] { return sink.stat("replies") == 1; }));
}
GST_END_TEST

GST_START_TEST(textCarriesThem) {
    Wire sink("imagezmqsink sync=false detections=msg msg=yard endpoint=tcp://127.0.0.1:*");
    gst_harness_set_src_caps_str(sink.harness(), gray);
    Subscriber reader(sink.url());
    std::string head;
    fail_unless(waitFor([&] {
        Ref<GstBuffer> buffer = pictureOf(1);
        glue::attachDetections(buffer.get(), someone(), 64, 48);
        gst_harness_push(sink.harness(), buffer.release());
        head = reader.head();
        return !head.empty();
    }));
    const std::string begin = R"({"msg":"{\"msg\":\"yard\",\"detections\":[{\"label\":\"person\",)";
    fail_unless(head.rfind(begin, 0) == 0, "%s", head.c_str());
    fail_unless(head.find(R"(,"dtype":"uint8","shape":[48,64]})") != std::string::npos);
}
GST_END_TEST

static std::atomic<int> alive;

GST_START_TEST(whoDoesNotReadKeepsFewBuffers) {
    Wire sink("imagezmqsink sync=false queue-size=20 endpoint=tcp://127.0.0.1:*");
    const int width = 1024, height = 1024; // without gaps: it would be lent
    gst_harness_set_src_caps_str(sink.harness(),
                                 "video/x-raw,format=GRAY8,width=1024,height=1024,framerate=25/1");
    Subscriber sleeper(sink.url());
    fail_unless(waitFor([&] { return sink.stat("peers") == 1; }));
    const auto gone = [](gpointer, GstMiniObject*) { alive--; };
    alive = 0;
    const auto push = [&] {
        Ref<GstBuffer> buffer = pictureOf(1, std::size_t{width} * height);
        alive++;
        gst_mini_object_weak_ref(GST_MINI_OBJECT(buffer.get()), gone, nullptr);
        fail_unless_equals_int(gst_harness_push(sink.harness(), buffer.release()), GST_FLOW_OK);
        const guint64 frames = sink.stat("frames");
        fail_unless(waitFor([&] {
            return sink.stat("sent") + sink.stat("drops") >= frames || sink.stat("sent") == 0;
        }));
        // Two that are lent, and one that waits to be sent.
        fail_unless(alive <= 3, "%d buffers are kept", alive.load());
    };
    for (int i = 0; i < 1000 && sink.stat("drops") < 10; i++)
        push();
    fail_unless(sink.stat("drops") >= 10, "nothing was dropped");
    fail_unless(alive > 0, "nothing was lent: this shows nothing");
}
GST_END_TEST

/// Nothing is held or converted where nobody listens.
GST_START_TEST(nobodyListens) {
    Wire sink("imagezmqsink sync=false endpoint=tcp://127.0.0.1:*");
    gst_harness_set_src_caps_str(sink.harness(), gray);
    for (int i = 0; i < 50; i++)
        fail_unless_equals_int(gst_harness_push(sink.harness(), pictureOf(1).release()),
                               GST_FLOW_OK);
    fail_unless_equals_uint64(sink.stat("frames"), 50);
    fail_unless_equals_uint64(sink.stat("sent"), 0);
    fail_unless(sink.url().rfind("tcp://127.0.0.1:", 0) == 0);
}
GST_END_TEST

GST_START_TEST(lastPictureGoesBeforeTheEnd) {
    Wire hub("imagezmqsrc mode=rep endpoint=tcp://127.0.0.1:*");
    gst_harness_play(hub.harness());
    for (int round = 0; round < 5; round++) {
        {
            Wire sink("imagezmqsink mode=req sync=false linger=60000 endpoint=" + hub.url());
            gst_harness_set_src_caps_str(sink.harness(), gray);
            gst_harness_push(sink.harness(), pictureOf(static_cast<guint8>(round)).release());
            gst_harness_push_event(sink.harness(), gst_event_new_eos());
        }
        const Ref<GstBuffer> got(gst_harness_pull(hub.harness()));
        fail_unless(got != nullptr);
        guint8 value = 255;
        gst_buffer_extract(got.get(), 0, &value, 1);
        fail_unless_equals_int(value, round);
    }
}
GST_END_TEST

static Suite* imagezmqsink_suite() {
    Suite* suite = suite_create("imagezmqsink");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(
        tests, [] { glue::registerDetectionMeta(); }, nullptr);
    tcase_add_test(tests, objectsRideAlong);
    tcase_add_test(tests, textCarriesThem);
    tcase_add_test(tests, whoDoesNotReadKeepsFewBuffers);
    tcase_add_test(tests, nobodyListens);
    tcase_add_test(tests, lastPictureGoesBeforeTheEnd);
    return suite;
}

GST_CHECK_MAIN(imagezmqsink);
