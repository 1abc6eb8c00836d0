// yolodetect on the drawn scene with the tiny network of the house: what is where is known.
#include "detectstream.hpp"

#include <cstdio>

using namespace detectstream;

namespace {

constexpr const char* formats[] = {"I420", "NV12", "YUY2", "BGR", "RGB",
                                   "BGRx", "RGBx", "BGRA", "RGBA"};

std::string errorOf(const std::string& line) {
    const Ref<GstElement> pipeline(gst_parse_launch(
        ("videotestsrc num-buffers=1 ! " + line + " ! fakesink").c_str(), nullptr));
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const Ref<GstMessage> message(gst_bus_timed_pop_filtered(
        bus.get(), 120 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    fail_unless(message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR, "no error: %s",
                line.c_str());
    GError* error = nullptr;
    gst_message_parse_error(message.get(), &error, nullptr);
    const std::string text = error->message;
    g_error_free(error);
    return text;
}

/// A file with these bytes, for as long as the test runs.
std::string fileWith(const std::string& name, const std::string& bytes) {
    char* dir = g_dir_make_tmp("yolodetect-XXXXXX", nullptr);
    const std::string path = std::string(dir) + "/" + name;
    g_free(dir);
    fail_unless(g_file_set_contents(path.c_str(), bytes.data(), static_cast<gssize>(bytes.size()),
                                    nullptr));
    return path;
}

} // namespace

GST_START_TEST(eachFormat) {
    for (const char* format : formats) {
        Stream s("videoconvert ! capsfilter caps=video/x-raw,format=" + std::string(format) +
                 " ! " + detector());
        for (const std::uint64_t number : {0, 130, 777})
            assertSigns(s.detect(number), number, 16.0 / 9, format);
    }
}
GST_END_TEST

GST_START_TEST(eachOutputLayout) {
    for (const char* file : {"shapes.onnx", "shapes-v5.onnx", "shapes-yolox.onnx"})
        for (const char* engine : {"auto", "opencv"}) {
            Stream s("yolodetect model=" + models() + file + " engine=" + engine +
                     " labels=" + g_getenv("VIDEO_STREAM_SOURCE_DIR") + "/models/shapes.names");
            for (const std::uint64_t number : {40, 500})
                assertSigns(s.detect(number), number, 16.0 / 9, file);
        }
}
GST_END_TEST

GST_START_TEST(oddSizes) {
    for (const char* size :
         {"width=641,height=359", "width=353,height=353", "width=479,height=851"}) {
        Stream s("videoscale add-borders=false ! videoconvert ! capsfilter name=c ! " + detector());
        const Ref<GstElement> filter(gst_bin_get_by_name(GST_BIN(s.harness()->element), "c"));
        const std::string caps = std::string("video/x-raw,pixel-aspect-ratio=1/1,") + size;
        gst_util_set_object_arg(G_OBJECT(filter.get()), "caps", caps.c_str());
        assertSigns(s.detect(25), 25, 16.0 / 9, size);
    }
}
GST_END_TEST

GST_START_TEST(capsChangeBetweenFrames) {
    for (const char* mode : {"mode=sync", "mode=live"}) {
        Stream s(detector(mode));
        std::uint64_t number = 0;
        for (const auto& [w, h] : {std::pair{640, 360}, {320, 320}, {800, 600}, {640, 360}}) {
            s.setSize(w, h);
            const std::uint64_t first = number;
            const auto found =
                s.until(number, [&](const auto& d) { return inferredAt(number - 1, d) >= first; });
            assertSigns(found, inferredAt(number - 1, found), static_cast<double>(w) / h, mode);
        }
    }
}
GST_END_TEST

GST_START_TEST(pixelsAreNeitherTouchedNorCopied) {
    Stream s(detector());
    Ref<GstBuffer> in = s.paint(3);
    const Ref<GstBuffer> kept = glue::share(in.get()); // somebody else reads it too: a tee
    GstMemory* const memory = gst_buffer_peek_memory(kept.get(), 0);
    char* before = nullptr;
    gsize size = 0;
    gst_buffer_extract_dup(kept.get(), 0, G_MAXSIZE, reinterpret_cast<gpointer*>(&before), &size);
    fail_unless_equals_int(gst_harness_push(s.harness(), in.release()), GST_FLOW_OK);
    const Ref<GstBuffer> out(gst_harness_pull(s.harness()));
    fail_unless(out.get() != kept.get());
    fail_unless(gst_buffer_peek_memory(out.get(), 0) == memory);
    fail_unless(glue::detectionsOf(out.get()).has_value());
    fail_if(glue::detectionsOf(kept.get()).has_value());
    fail_unless_equals_int(gst_buffer_memcmp(out.get(), 0, before, size), 0);
    g_free(before);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), GST_BUFFER_PTS(kept.get()));
    Ref<GstBuffer> alone = s.paint(4); // nobody else: not even the buffer is copied
    GstBuffer* const same = alone.get();
    gst_harness_push(s.harness(), alone.release());
    fail_unless(Ref<GstBuffer>(gst_harness_pull(s.harness())).get() == same);
}
GST_END_TEST

GST_START_TEST(metaNamesItsSource) {
    Stream s(detector());
    const auto buffer = s.pass(9);
    fail_unless(glue::detectionsOf(buffer.get())->source == "detect");
    auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(
        gst_buffer_get_meta(buffer.get(), GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE));
    fail_unless(region && region->w > 10 && region->x + region->w <= width);
}
GST_END_TEST

GST_START_TEST(changesWhilePlaying) {
    Stream s(detector());
    const auto element = s.element();
    fail_unless_equals_int(s.detect(0).objects.size(), 3);
    g_object_set(element.get(), "threshold", 1.0, nullptr);
    fail_unless_equals_int(s.detect(1).objects.size(), 0);
    g_object_set(element.get(), "threshold", 0.25, "classes", "Square,2", nullptr);
    fail_unless_equals_int(s.detect(2).objects.size(), 2);
    g_object_set(element.get(), "classes", "circle", nullptr);
    fail_unless(s.detect(3).objects.at(0).label == "circle");
    fail_if(gst_bus_have_pending(s.bus()) &&
            Ref<GstMessage>(gst_bus_pop_filtered(s.bus(), GST_MESSAGE_WARNING)));

    g_object_set(element.get(), "classes", "hexagon", nullptr);
    const Ref<GstMessage> warning(gst_bus_pop_filtered(s.bus(), GST_MESSAGE_WARNING));
    fail_unless(warning != nullptr);
    GError* error = nullptr;
    gst_message_parse_warning(warning.get(), &error, nullptr);
    assertSays(error->message, "hexagon");
    assertSays(error->message, "triangle");
    g_error_free(error);
    fail_unless_equals_int(s.detect(4).objects.size(), 1); // as before
    g_object_set(element.get(), "classes", "", nullptr);
    fail_unless_equals_int(s.detect(5).objects.size(), 3);
}
GST_END_TEST

GST_START_TEST(intervalCarriesTheLast) {
    Stream s(detector("inference-interval=4"));
    for (std::uint64_t number = 0; number < 9; number++) {
        const auto found = s.detect(number);
        fail_unless_equals_int(found.objects.size(), 3);
        fail_unless_equals_int64(found.age.count(), (number % 4) * 40000000);
    }
    const auto element = s.element();
    fail_unless_equals_uint64(stat<guint64>(element.get(), "frames", G_TYPE_UINT64), 9);
    fail_unless_equals_uint64(stat<guint64>(element.get(), "inferences", G_TYPE_UINT64), 3);
    fail_unless(stat<double>(element.get(), "inference-ms-mean", G_TYPE_DOUBLE) > 0);
    fail_unless(stat<double>(element.get(), "inference-ms-p95", G_TYPE_DOUBLE) > 0);
    fail_unless(stat<double>(element.get(), "prepare-ms-mean", G_TYPE_DOUBLE) > 0);
}
GST_END_TEST

GST_START_TEST(tellsOfItsModel) {
    Stream s(detector());
    s.detect(0);
    GstStructure* info = nullptr;
    g_object_get(s.element().get(), "model-info", &info, nullptr);
    fail_unless(info != nullptr);
    assertSays(gst_structure_get_string(info, "info"), "3 classes");
    fail_unless_equals_string(gst_structure_get_string(info, "task"), "detect");
    int width = 0, classes = 0;
    gst_structure_get(info, "width", G_TYPE_INT, &width, "classes", G_TYPE_INT, &classes, nullptr);
    fail_unless_equals_int(width, 320);
    fail_unless_equals_int(classes, 3);
    const GValue* const names = gst_structure_get_value(info, "names");
    fail_unless_equals_int(static_cast<int>(gst_value_array_get_size(names)), 3);
    fail_unless_equals_string(g_value_get_string(gst_value_array_get_value(names, 1)), "square");
    gst_structure_free(info);
    gst_element_set_state(s.element().get(), GST_STATE_NULL);
    g_object_get(s.element().get(), "model-info", &info, nullptr);
    fail_unless(info == nullptr);
}
GST_END_TEST

GST_START_TEST(saysWhenTheModelIsLoaded) {
    const Ref<GstElement> pipeline(gst_parse_launch(
        ("videotestsrc num-buffers=1 ! " + detector() + " ! fakesink").c_str(), nullptr));
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    for (int i = 0; i < 2; i++) { // and again after a stop
        gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
        const Ref<GstMessage> message(
            gst_bus_timed_pop_filtered(bus.get(), 120 * GST_SECOND, GST_MESSAGE_ELEMENT));
        fail_unless(message && gst_message_has_name(message.get(), "model-loaded"));
        int side = 0;
        gst_structure_get_int(gst_message_get_structure(message.get()), "width", &side);
        fail_unless_equals_int(side, 320);
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    }
}
GST_END_TEST

GST_START_TEST(flushForgets) {
    for (const char* mode : {"mode=sync inference-interval=1000", "mode=live"}) {
        Stream s(detector(mode));
        std::uint64_t number = 100;
        s.until(number, [](const auto& d) { return !d.objects.empty(); });
        gst_harness_push_event(s.harness(), gst_event_new_flush_start());
        gst_harness_push_event(s.harness(), gst_event_new_flush_stop(TRUE));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_harness_push_event(s.harness(), gst_event_new_segment(&segment));
        const auto first = glue::detectionsOf(s.pass(0).get());
        // Of this frame, or nothing yet: what was seen before the seek is gone.
        fail_unless(!first || first->age.count() == 0);
        number = 1;
        s.until(number, [](const auto& d) { return !d.objects.empty(); });
    }
}
GST_END_TEST

GST_START_TEST(endsAtAnyTime) {
    for (const char* mode : {"mode=sync", "mode=live"})
        for (int frames = 0; frames < 6; frames++) {
            Stream s(detector(mode));
            for (int i = 0; i < frames; i++)
                s.pass(static_cast<std::uint64_t>(i));
            if (frames % 2)
                gst_harness_push_event(s.harness(), gst_event_new_eos());
        }
}
GST_END_TEST

GST_START_TEST(startsAgain) {
    for (const char* mode : {"sync", "live"}) {
        const Ref<GstElement> pipeline(
            gst_parse_launch(("videotestsrc num-buffers=20 ! video/x-raw,width=320,height=240 ! " +
                              detector(std::string("mode=") + mode) + " ! fakesink")
                                 .c_str(),
                             nullptr));
        const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
        for (int i = 0; i < 3; i++) {
            gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
            const Ref<GstMessage> end(gst_bus_timed_pop_filtered(
                bus.get(), 120 * GST_SECOND,
                static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
            fail_unless(end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS);
            gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        }
    }
}
GST_END_TEST

GST_START_TEST(latencyIsAnswered) {
    for (const bool live : {false, true}) {
        Stream s(detector(live ? "mode=live" : "mode=sync"));
        gst_harness_set_upstream_latency(s.harness(), 100 * GST_MSECOND);
        std::uint64_t number = 0;
        s.until(number, [](const auto&) { return true; });
        const GstClockTime latency = gst_harness_query_latency(s.harness());
        fail_unless(live ? latency == 100 * GST_MSECOND : latency > 100 * GST_MSECOND);
    }
}
GST_END_TEST

GST_START_TEST(badInputIsExplained) {
    assertSays(errorOf("yolodetect"), "models/fetch yolox-nano");
    assertSays(errorOf("yolodetect model=/nowhere/net.onnx"), "/nowhere/net.onnx");
    assertSays(errorOf("yolodetect model=" + fileWith("text.onnx", "not a network")), "ONNX");
    assertSays(errorOf(detector("labels=/nowhere/names.txt")), "/nowhere/names.txt");
    assertSays(errorOf(detector("classes=hexagon")), "hexagon");
    assertSays(errorOf(detector("device=nowhere")), "offers cpu");
    assertSays(errorOf(detector("device=cuda:many")), "cuda:1");
}
GST_END_TEST

/// A list that is a line short names what it can, says so once, and the video goes on.
GST_START_TEST(shortLabelsWork) {
    const std::string two = fileWith("two.names", "circle\nsquare\n");
    const Ref<GstElement> pipeline(gst_parse_launch(
        ("videotestsrc num-buffers=3 ! " + detector("labels=" + two) + " ! fakesink").c_str(),
        nullptr));
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    int warnings = 0;
    for (;;) {
        const Ref<GstMessage> message(gst_bus_timed_pop_filtered(
            bus.get(), 120 * GST_SECOND,
            static_cast<GstMessageType>(GST_MESSAGE_WARNING | GST_MESSAGE_ERROR |
                                        GST_MESSAGE_EOS)));
        fail_unless(message && GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ERROR);
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS)
            break;
        GError* warning = nullptr;
        gst_message_parse_warning(message.get(), &warning, nullptr);
        assertSays(warning->message, "2 names");
        assertSays(warning->message, "class-2");
        g_error_free(warning);
        warnings++;
    }
    fail_unless_equals_int(warnings, 1);
    const Ref<GstElement> element(gst_bin_get_by_name(GST_BIN(pipeline.get()), "detect"));
    GstStructure* info = nullptr;
    g_object_get(element.get(), "model-info", &info, nullptr);
    const GValue* const names = gst_structure_get_value(info, "names");
    fail_unless_equals_string(g_value_get_string(gst_value_array_get_value(names, 2)), "class-2");
    gst_structure_free(info);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
GST_END_TEST

GST_START_TEST(otherNetworksAreRefused) {
    const std::string shared = g_getenv("VIDEO_STREAM_SHARED_DIR") + std::string("/models/");
    if (!g_file_test(shared.c_str(), G_FILE_TEST_IS_DIR)) {
        std::printf("otherNetworksAreRefused: skipped, no shared_dir\n");
        return;
    }
    assertSays(errorOf("yolodetect model=" + shared + "style-mosaic.onnx"), "not those of a YOLO");
    assertSays(errorOf("yolodetect model=" + shared + "yunet_n-320.onnx"), "cls_8 [1, 1600, 1]");
    assertSays(errorOf("yolodetect model=" + shared + "yolo-fastestv2-352.onnx"), "[605, 95]");
    assertSays(errorOf("yolodetect model=" + shared + "layouts/ssd-7.onnx"), "[1, 1, 4, 7]");
}
GST_END_TEST

static Suite* yolodetect_suite() {
    Suite* suite = suite_create("yolodetect");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, eachFormat);
    tcase_add_test(tests, eachOutputLayout);
    tcase_add_test(tests, oddSizes);
    tcase_add_test(tests, capsChangeBetweenFrames);
    tcase_add_test(tests, pixelsAreNeitherTouchedNorCopied);
    tcase_add_test(tests, metaNamesItsSource);
    tcase_add_test(tests, changesWhilePlaying);
    tcase_add_test(tests, intervalCarriesTheLast);
    tcase_add_test(tests, tellsOfItsModel);
    tcase_add_test(tests, saysWhenTheModelIsLoaded);
    tcase_add_test(tests, flushForgets);
    tcase_add_test(tests, endsAtAnyTime);
    tcase_add_test(tests, startsAgain);
    tcase_add_test(tests, latencyIsAnswered);
    tcase_add_test(tests, badInputIsExplained);
    tcase_add_test(tests, shortLabelsWork);
    tcase_add_test(tests, otherNetworksAreRefused);
    return suite;
}

GST_CHECK_MAIN(yolodetect);
