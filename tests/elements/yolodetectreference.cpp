// Real networks on real pictures, through the element, against the answers of a reference
// implementation: class equal, score within 0.02 (0.05 where our own conversion from YUV is
// compared with the JPEG library's), boxes at least 0.9 equal. Skips where the shared data is
// absent.
#include "base/rect.hpp"
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>

#include <cmath>
#include <cstdio>
#include <optional>

using glue::Ref;

namespace {

constexpr double threshold = 0.25;

struct Case {
    const char* decoder; ///< what makes raw frames of a JPEG
    const char* engine;
    double tolerance; ///< of scores
};

std::string sharedDir() { return g_getenv("VIDEO_STREAM_SHARED_DIR"); }
std::string models() { return sharedDir() + "/models/"; }

std::string fileOf(const std::string& network) {
    const std::string onnx = models() + network + ".onnx";
    return g_file_test(onnx.c_str(), G_FILE_TEST_EXISTS) ? onnx : models() + network + ".weights";
}

/// The buffer that leaves yolodetect, with the picture's size.
struct Seen {
    base::Detections found;
    int width = 0, height = 0;
};

Seen look(const std::string& network, const std::string& picture, const Case& how) {
    const bool persons = network.find("pose") != network.npos; // has one class, and names it itself
    const std::string line =
        "filesrc location=" + sharedDir() + "/media/" + picture + " ! " + how.decoder +
        " ! yolodetect model=" + fileOf(network) + " engine=" + how.engine +
        (persons ? "" : " labels=" + models() + "coco.names") + " ! fakesink name=out";
    const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), nullptr));
    const Ref<GstElement> out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const Ref<GstMessage> end(gst_bus_timed_pop_filtered(
        bus.get(), 120 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    ck_assert_msg(end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS, "%s", line.c_str());
    GstSample* last = nullptr;
    g_object_get(out.get(), "last-sample", &last, nullptr);
    const Ref<GstSample> sample(last);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    GstVideoInfo info;
    gst_video_info_from_caps(&info, gst_sample_get_caps(last));
    const auto found = glue::detectionsOf(gst_sample_get_buffer(last));
    ck_assert_msg(found.has_value(), "%s", line.c_str());
    return {*found, info.width, info.height};
}

base::Rect boxOf(JsonObject* expected, int width, int height) {
    JsonArray* corners = json_object_get_array_member(expected, "box");
    const auto at = [&](guint i) { return json_array_get_double_element(corners, i); };
    return {at(0) / width, at(1) / height, (at(2) - at(0)) / width, (at(3) - at(1)) / height};
}

/// Every answer that is not within `tolerance` of the threshold must have its fellow on the other
/// side.
void compare(const std::string& name, const Seen& seen, JsonArray* expected, double tolerance) {
    std::vector<bool> used(seen.found.objects.size());
    for (guint i = 0; i < json_array_get_length(expected); i++) {
        JsonObject* object = json_array_get_object_element(expected, i);
        const std::string label = json_object_get_string_member(object, "class");
        const double score = json_object_get_double_member(object, "score");
        const base::Rect box = boxOf(object, seen.width, seen.height);
        std::optional<std::size_t> best;
        double overlap = 0.9;
        for (std::size_t k = 0; k < used.size(); k++) {
            const base::Detection& d = seen.found.objects[k];
            if (!used[k] && d.label == label && base::overlap(d.box, box) >= overlap) {
                best = k;
                overlap = base::overlap(d.box, box);
            }
        }
        if (!best) {
            ck_assert_msg(score < threshold + tolerance, "%s: no %s %.3f", name.c_str(),
                          label.c_str(), score);
            continue;
        }
        used[*best] = true;
        const double got = seen.found.objects[*best].score;
        ck_assert_msg(std::fabs(got - score) <= tolerance, "%s: %s has %.4f, not %.4f",
                      name.c_str(), label.c_str(), got, score);
    }
    for (std::size_t k = 0; k < used.size(); k++)
        ck_assert_msg(used[k] || seen.found.objects[k].score < threshold + tolerance,
                      "%s: a %s %.3f that the reference has not", name.c_str(),
                      seen.found.objects[k].label.c_str(), seen.found.objects[k].score);
}

void compareAll(std::initializer_list<const char*> networks, const Case& how) {
    JsonParser* parser = json_parser_new();
    ck_assert(json_parser_load_from_file(parser, (models() + "reference.json").c_str(), nullptr));
    JsonObject* all =
        json_object_get_object_member(json_node_get_object(json_parser_get_root(parser)), "models");
    for (const std::string network : networks)
        for (const char* picture : {"dog.jpg", "bus.jpg", "person.jpg"}) {
            JsonObject* pictures = json_object_get_object_member(all, network.c_str());
            compare(network + " on " + picture + " by " + how.decoder + ", " + how.engine,
                    look(network, picture, how), json_object_get_array_member(pictures, picture),
                    how.tolerance);
        }
    g_object_unref(parser);
}

/// The pixels that the reference saw: the JPEG library's own RGB.
constexpr Case samePixels{"gdkpixbufdec", "auto", 0.02};
constexpr Case samePixelsOpenCv{"gdkpixbufdec", "opencv", 0.02};
/// The planes as they come from the decoder.
constexpr Case planes{"jpegdec idct-method=islow", "auto", 0.05};

} // namespace

GST_START_TEST(samePixelsSameAnswers) {
    compareAll({"yolox_nano-416", "yolov5n-640", "yolov8n-640", "yolov8n-320", "yolov8n-seg-320",
                "yolov10n-640", "yolo11n-320", "yolo11n-pose-640", "yolo-fastest-1.1",
                "yolo-fastest-1.1-xl"},
               samePixels);
}
GST_END_TEST

GST_START_TEST(openCvAnswersTheSame) {
    compareAll({"yolox_nano-416", "yolov8n-320", "yolo11n-320"}, samePixelsOpenCv);
}
GST_END_TEST

/// Without yolo11n-320: whether one candidate of dog.jpg is rather a car or a truck, 0.42 either,
/// hangs on how colours round, and such a flip is no matter of scores.
GST_START_TEST(planesAnswerNearly) {
    compareAll(
        {"yolox_nano-416", "yolov5n-640", "yolov8n-640", "yolov8n-320", "yolo-fastest-1.1-xl"},
        planes);
}
GST_END_TEST

/// Ten output layouts answered by networks that say the same of any picture.
GST_START_TEST(layoutsAnswerAlike) {
    for (const char* layout : {"v5-rows", "v8-columns", "v8-rows", "e2e-6", "v7-e2e-7",
                               "nas-two-outputs", "seg-two-outputs"}) {
        const Seen seen = look(std::string("layouts/") + layout, "dog.jpg", samePixels);
        const auto& objects = seen.found.objects;
        // layouts/expected.json: 320x320 holds 768x576 as 320x240, 40 lines from the top.
        ck_assert_msg(objects.size() == 4, "%s", layout);
        const struct {
            const char* label;
            double score, box[4];
        } expected[] = {{"person", 0.9, {40, 60, 120, 220}},
                        {"car", 0.75, {150, 100, 300, 180}},
                        {"truck", 0.55, {152, 102, 299, 181}},
                        {"dog", 0.3, {10, 40, 50, 50}}};
        for (std::size_t i = 0; i < 4; i++) {
            ck_assert_str_eq(objects[i].label.c_str(), expected[i].label);
            fail_unless(std::fabs(objects[i].score - expected[i].score) < 1e-4);
            const double* box = expected[i].box;
            const base::Rect& got = objects[i].box;
            fail_unless(std::fabs(got.x - box[0] / 320) < 1e-4);
            fail_unless(std::fabs(got.y - (box[1] - 40) / 240) < 1e-4);
            fail_unless(std::fabs(got.right() - box[2] / 320) < 1e-4);
            fail_unless(std::fabs(got.bottom() - (box[3] - 40) / 240) < 1e-4);
        }
    }
}
GST_END_TEST

int main(int argc, char** argv) {
    gst_check_init(&argc, &argv);
    const Ref<GstElementFactory> decoder(gst_element_factory_find("gdkpixbufdec"));
    if (!g_file_test((models() + "reference.json").c_str(), G_FILE_TEST_EXISTS) || !decoder) {
        std::printf("skipped: no shared_dir with models/reference.json, or no gdkpixbufdec\n");
        return 77;
    }
    Suite* suite = suite_create("yolodetectreference");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, samePixelsSameAnswers);
    tcase_add_test(tests, openCvAnswersTheSame);
    tcase_add_test(tests, planesAnswerNearly);
    tcase_add_test(tests, layoutsAnswerAlike);
    return gst_check_run_suite(suite, "yolodetectreference", __FILE__);
}
