// yolodetect while it plays: never in the way, another network, one network for many, second stage.
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include "detectstream.hpp"

#include <glib/gstdio.h>

#include <thread>
#include <vector>

using namespace detectstream;

namespace {

std::string warningText(GstBus* bus, GstClockTime patience = 120 * GST_SECOND) {
    const Ref<GstMessage> message(gst_bus_timed_pop_filtered(bus, patience, GST_MESSAGE_WARNING));
    if (!message)
        return {};
    GError* error = nullptr;
    gst_message_parse_warning(message.get(), &error, nullptr);
    const std::string text = error->message;
    g_error_free(error);
    return text;
}

void assertLoaded(GstBus* bus, const char* word) {
    const Ref<GstMessage> message(
        gst_bus_timed_pop_filtered(bus, 120 * GST_SECOND, GST_MESSAGE_ELEMENT));
    fail_unless(message && gst_message_has_name(message.get(), "model-loaded"));
    assertSays(gst_structure_get_string(gst_message_get_structure(message.get()), "info"), word);
}

void forget(GstBus* bus) {
    gst_bus_set_flushing(bus, TRUE);
    gst_bus_set_flushing(bus, FALSE);
}

} // namespace

GST_START_TEST(liveGoesOnAndCatchesUp) {
    Stream s(detector("mode=live"));
    std::uint64_t number = 0;
    const auto found = s.until(number, [](const auto& d) { return d.objects.size() == 3; });
    assertSigns(found, inferredAt(number - 1, found), 16.0 / 9, "live");
    // As fast as they come: none waits, most are passed over, all come out.
    for (int i = 0; i < 300; i++)
        s.pass(number++);
    const auto element = s.element();
    const auto frames = stat<guint64>(element.get(), "frames", G_TYPE_UINT64);
    const auto dropped = stat<guint64>(element.get(), "dropped", G_TYPE_UINT64);
    const auto inferences = stat<guint64>(element.get(), "inferences", G_TYPE_UINT64);
    fail_unless_equals_uint64(frames, number);
    // All but the one waiting and the one that runs.
    fail_unless(dropped + inferences <= frames && dropped + inferences + 2 >= frames);
}
GST_END_TEST

GST_START_TEST(liveLoadsBesideTheStream) {
    Stream s("yolodetect mode=live model=" + models() + "shapes.onnx");
    s.pass(0); // at once, whatever the network takes
    assertLoaded(s.bus(), "320x320");
    std::uint64_t number = 1;
    s.until(number, [](const auto& d) { return d.objects.size() == 3; });
}
GST_END_TEST

GST_START_TEST(liveTellsWhatCannotBeLoaded) {
    Stream s("yolodetect mode=live model=/nowhere/best.onnx");
    for (std::uint64_t number = 0; number < 5; number++)
        s.pass(number); // the picture does not depend on it
    const Ref<GstMessage> message(
        gst_bus_timed_pop_filtered(s.bus(), 120 * GST_SECOND, GST_MESSAGE_ERROR));
    fail_unless(message != nullptr);
    GError* error = nullptr;
    gst_message_parse_error(message.get(), &error, nullptr);
    assertSays(error->message, "best.onnx");
    g_error_free(error);
}
GST_END_TEST

GST_START_TEST(anotherNetworkTakesOver) {
    for (const char* mode : {"mode=sync", "mode=live"}) {
        Stream s(detector(mode));
        std::uint64_t number = 0;
        s.until(number, [](const auto& d) { return d.objects.size() == 3; });
        forget(s.bus());
        const std::string names =
            std::string(g_getenv("VIDEO_STREAM_SOURCE_DIR")) + "/models/shapes.names";
        g_object_set(s.element().get(), "model", (models() + "shapes-yolox.onnx").c_str(), "labels",
                     names.c_str(), nullptr);
        assertLoaded(s.bus(), "YOLOX");
        for (int i = 0; i < 100; i++)
            s.pass(number++); // the old one goes on or the new one begins
        const auto found = s.until(number, [](const auto& d) { return d.objects.size() == 3; });
        assertSigns(found, inferredAt(number - 1, found), 16.0 / 9, mode);
        assertSays(aboutModel(s.element().get()), "YOLOX");
    }
}
GST_END_TEST

GST_START_TEST(aBadNetworkIsRefusedAndTheOldStays) {
    for (const char* mode : {"mode=sync", "mode=live"}) {
        Stream s(detector(mode));
        std::uint64_t number = 0;
        s.until(number, [](const auto& d) { return d.objects.size() == 3; });
        const std::string text = models() + "../meson-info/intro-tests.json";
        g_object_set(s.element().get(), "model", text.c_str(), nullptr);
        assertSays(warningText(s.bus()), "What was set before stays");
        for (int i = 0; i < 10; i++)
            s.pass(number++);
        s.until(number, [](const auto& d) { return d.objects.size() == 3; });
    }
}
GST_END_TEST

/// Like another network: it loads beside the stream, and one that is not here changes nothing.
GST_START_TEST(anotherDeviceIsLookedFor) {
    for (const char* mode : {"mode=sync", "mode=live"}) {
        Stream s(detector(mode));
        std::uint64_t number = 0;
        s.until(number, [](const auto& d) { return d.objects.size() == 3; });
        forget(s.bus());
        g_object_set(s.element().get(), "device", "nowhere:1", nullptr);
        const std::string text = warningText(s.bus());
        assertSays(text, "device=nowhere:1");
        assertSays(text, "offers cpu");
        assertSays(text, "What was set before stays");
        for (int i = 0; i < 10; i++)
            s.pass(number++);
        s.until(number, [](const auto& d) { return d.objects.size() == 3; });
        g_object_set(s.element().get(), "device", "CPU", nullptr);
        assertLoaded(s.bus(), "YOLOv8");
        s.until(number, [](const auto& d) { return d.objects.size() == 3; });
        GstStructure* info = nullptr;
        g_object_get(s.element().get(), "model-info", &info, nullptr);
        const Ref<GstStructure> owned(info);
        fail_unless_equals_string(gst_structure_get_string(info, "device"), "cpu");
    }
}
GST_END_TEST

GST_START_TEST(modelAndLabelsTogether) {
    Stream s(detector());
    forget(s.bus());
    char* dir = g_dir_make_tmp("yolodetect-XXXXXX", nullptr);
    const std::string labels = std::string(dir) + "/labels";
    g_free(dir);
    fail_unless(g_file_set_contents(labels.c_str(), "Kreis\nQuadrat\nDreieck\n", -1, nullptr));
    g_object_set(s.element().get(), "model", (models() + "shapes-v5.onnx").c_str(), nullptr);
    g_object_set(s.element().get(), "labels", labels.c_str(), nullptr);
    assertLoaded(s.bus(), "3 classes"); // once for both
    std::uint64_t number = 0;
    s.until(number, [](const auto& d) {
        return d.objects.size() == 3 &&
               (d.objects[0].label == "Kreis" || d.objects[0].label == "Quadrat" ||
                d.objects[0].label == "Dreieck");
    });
    fail_if(Ref<GstMessage>(gst_bus_pop_filtered(s.bus(), GST_MESSAGE_WARNING)) != nullptr);
    g_remove(labels.c_str());
}
GST_END_TEST

GST_START_TEST(streamsShareOneNetwork) {
    // ONNX Runtime's and OpenCV's pools exist once per network or process: with a network of its
    // own each stream would bring more threads than its worker.
    const std::string line =
        "yolodetect mode=live engine=opencv model-instance-id=shared model=" + models();
    Stream first(line + "shapes.onnx");
    std::uint64_t a = 0;
    first.until(a, [](const auto& d) { return d.objects.size() == 3; });
    Stream second("yolodetect mode=live model-instance-id=shared"); // takes what is there
    const auto before = support::threads();
    std::uint64_t b = 0;
    second.until(b, [](const auto& d) { return d.objects.size() == 3; });
    first.until(a, [](const auto& d) { return d.objects.size() == 3; });
    fail_unless(support::becomes([&] { return support::threads() <= before; }),
                "the second stream brought a worker of its own");
    // One goes over to another network; the other keeps what it has.
    forget(first.bus());
    g_object_set(first.element().get(), "model", (models() + "shapes-v5.onnx").c_str(), nullptr);
    assertLoaded(first.bus(), "YOLOv5");
    first.until(a, [](const auto& d) { return d.objects.size() == 3; });
    assertSays(aboutModel(second.element().get()), "YOLOv8");
    second.until(b, [](const auto& d) { return d.objects.size() == 3; });
}
GST_END_TEST

/// Several pictures at once, where the network and its engine take them; said where they do not.
GST_START_TEST(batchesWhereItCan) {
    Stream s("yolodetect batch-size=4 model=" + models() + "shapes-v5.onnx");
    s.pass(0);
    forget(s.bus());
    for (const char* const network : {"shapes.onnx", "layouts/v8-batch.onnx"}) {
        g_object_set(s.element().get(), "model", (models() + network).c_str(), nullptr);
        const Ref<GstMessage> message(gst_bus_timed_pop_filtered(
            s.bus(), 120 * GST_SECOND,
            static_cast<GstMessageType>(GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT)));
        fail_unless(message.get() != nullptr);
        GstStructure* info = nullptr;
        g_object_get(s.element().get(), "model-info", &info, nullptr);
        const Ref<GstStructure> owned(info);
        int batch = 0;
        fail_unless(info && gst_structure_get_int(info, "batch", &batch));
        const bool can = g_str_has_suffix(network, "batch.onnx") &&
                         g_str_has_prefix(gst_structure_get_string(info, "engine"), "onnxruntime");
        fail_unless_equals_int(batch, can ? 4 : 1);
        fail_unless_equals_int(GST_MESSAGE_TYPE(message.get()),
                               can ? GST_MESSAGE_ELEMENT : GST_MESSAGE_WARNING);
        if (!can)
            assertLoaded(s.bus(), "YOLOv8");
    }
}
GST_END_TEST

GST_START_TEST(manyStreamsAtOnce) {
    std::vector<std::thread> cameras;
    for (int i = 0; i < 4; i++)
        cameras.emplace_back([i] {
            Stream s(
                detector("model-instance-id=crowd mode=" + std::string(i % 2 ? "live" : "sync")));
            std::uint64_t number = 0;
            for (int j = 0; j < 5; j++) {
                const auto found =
                    s.until(number, [](const auto& d) { return d.objects.size() == 3; });
                assertSigns(found, inferredAt(number - 1, found), 16.0 / 9, "crowd");
            }
        });
    for (auto& camera : cameras)
        camera.join();
}
GST_END_TEST

GST_START_TEST(regionAndClassesChange) {
    Stream s(detector());
    const auto all = s.detect(0).objects;
    fail_unless_equals_int(all.size(), 3);
    // Around one of the signs, with room.
    const base::Rect box = all[0].box;
    const base::Rect room = base::clampToFrame(
        {box.x - box.width / 2, box.y - box.height / 2, 2 * box.width, 2 * box.height});
    char* roi = g_strdup_printf("%.3f,%.3f,%.3f,%.3f", room.x, room.y, room.width, room.height);
    for (char* c = roi; *c; c++) // whatever the locale
        fail_unless(g_ascii_isdigit(*c) || *c == '.' || *c == ',');
    g_object_set(s.element().get(), "roi", roi, "thresholds", "circle=0.1", nullptr);
    g_free(roi);
    for (const auto& d : s.detect(0).objects)
        fail_unless(base::intersect(d.box, room).area() > 0.95 * d.box.area());
    g_object_set(s.element().get(), "roi", "everywhere", nullptr);
    assertSays(warningText(s.bus()), "roi");
    g_object_set(s.element().get(), "roi", "", "max-detections", 1u, nullptr);
    fail_unless_equals_int(s.detect(1).objects.size(), 1);
}
GST_END_TEST

GST_START_TEST(secondStageAddsToTheFirst) {
    Stream s("yolodetect model=" + models() + "shapes.onnx classes=square ! yolodetect name=two " +
             "model-instance-id=b inference-region=roi-list object-class=square model=" + models() +
             "shapes.onnx");
    const auto found = s.detect(0);
    int squares = 0;
    for (const auto& d : found.objects)
        squares += d.label == "square";
    fail_unless(squares >= 1);
    fail_unless(found.source == "two");
    // Nothing is invented: what the second adds lies in what the first found.
    for (std::size_t i = 1; i < found.objects.size(); i++)
        fail_unless(base::intersect(found.objects[i].box, found.objects[0].box).area() >
                    0.9 * found.objects[i].box.area());
}
GST_END_TEST

GST_START_TEST(stillScenesCostNothing) {
    Stream s(detector("motion-gate=0.002"));
    s.detect(0);
    for (int i = 0; i < 50; i++)
        fail_unless_equals_int(s.detect(0).objects.size(), 3); // the same picture
    fail_unless_equals_uint64(stat<guint64>(s.element().get(), "inferences", G_TYPE_UINT64), 1);
    fail_unless_equals_uint64(stat<guint64>(s.element().get(), "still", G_TYPE_UINT64), 50);
    for (std::uint64_t number = 40; number < 90; number++)
        s.detect(number);
    fail_unless(stat<guint64>(s.element().get(), "inferences", G_TYPE_UINT64) > 10);
}
GST_END_TEST

GST_START_TEST(lateFramesPassUnseen) {
    Stream s(detector());
    s.detect(0);
    gst_harness_push_upstream_event(
        s.harness(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2, 10 * GST_SECOND, 0));
    for (std::uint64_t number = 1; number < 20; number++)
        fail_unless_equals_int(s.detect(number).objects.size(), 3); // carried on
    fail_unless_equals_uint64(stat<guint64>(s.element().get(), "inferences", G_TYPE_UINT64), 1);
    gst_harness_push_upstream_event(
        s.harness(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 0.5, -(GST_SECOND / 2), GST_SECOND));
    s.detect(20);
    fail_unless_equals_uint64(stat<guint64>(s.element().get(), "inferences", G_TYPE_UINT64), 2);
}
GST_END_TEST

static Suite* yolodetectlive_suite() {
    Suite* suite = suite_create("yolodetectlive");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, liveGoesOnAndCatchesUp);
    tcase_add_test(tests, liveLoadsBesideTheStream);
    tcase_add_test(tests, liveTellsWhatCannotBeLoaded);
    tcase_add_test(tests, anotherNetworkTakesOver);
    tcase_add_test(tests, aBadNetworkIsRefusedAndTheOldStays);
    tcase_add_test(tests, anotherDeviceIsLookedFor);
    tcase_add_test(tests, modelAndLabelsTogether);
    tcase_add_test(tests, streamsShareOneNetwork);
    tcase_add_test(tests, batchesWhereItCan);
    tcase_add_test(tests, manyStreamsAtOnce);
    tcase_add_test(tests, regionAndClassesChange);
    tcase_add_test(tests, secondStageAddsToTheFirst);
    tcase_add_test(tests, stillScenesCostNothing);
    tcase_add_test(tests, lateFramesPassUnseen);
    return suite;
}

GST_CHECK_MAIN(yolodetectlive);
