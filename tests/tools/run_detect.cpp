// Prints what yolodetect finds in a picture or clip, a line a frame and object:
//   run_detect PICTURE-OR-CLIP model=FILE [yolodetect's property=value …] [format=I420]
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdio>
#include <cstring>
#include <string>

using glue::Ref;

namespace {

void print(GstSample* sample, int frame) {
    GstVideoInfo info;
    gst_video_info_from_caps(&info, gst_sample_get_caps(sample));
    const auto found = glue::detectionsOf(gst_sample_get_buffer(sample));
    if (!found) {
        std::printf("%d: not inferred yet\n", frame);
        return;
    }
    const double age = std::chrono::duration<double, std::milli>(found->age).count();
    if (found->objects.empty())
        std::printf("%d: nothing, age %.0f ms\n", frame, age);
    for (const base::Detection& d : found->objects)
        std::printf("%d: %s %.3f [%.1f, %.1f, %.1f, %.1f], age %.0f ms\n", frame, d.label.c_str(),
                    d.score, d.box.x * info.width, d.box.y * info.height,
                    d.box.right() * info.width, d.box.bottom() * info.height, age);
}

bool failed(GstElement* pipeline) {
    const Ref<GstBus> bus(gst_element_get_bus(pipeline));
    const Ref<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    if (!message)
        return false;
    GError* error = nullptr;
    char* details = nullptr;
    gst_message_parse_error(message.get(), &error, &details);
    std::fprintf(stderr, "%s\n%s\n", error->message, details ? details : "");
    g_error_free(error);
    g_free(details);
    return true;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    if (argc < 3) {
        std::fprintf(stderr, "usage: run_detect PICTURE-OR-CLIP model=FILE [property=value …] "
                             "[format=I420]\n");
        return 2;
    }
    std::string format;
    const Ref<GstElement> pipeline(
        gst_parse_launch("filesrc name=in ! decodebin ! videoconvert ! capsfilter name=caps ! "
                         "yolodetect name=detect ! "
                         "appsink name=out sync=false max-buffers=4",
                         nullptr));
    if (!pipeline) {
        std::fprintf(stderr, "yolodetect is not found: run this inside meson devenv -C build\n");
        return 1;
    }
    const auto part = [&](const char* name) {
        return Ref<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
    };
    g_object_set(part("in").get(), "location", argv[1], nullptr);
    for (int i = 2; i < argc; i++) {
        const std::string word = argv[i];
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals), value = word.substr(equals + 1);
        if (name == "format")
            gst_util_set_object_arg(G_OBJECT(part("caps").get()), "caps",
                                    ("video/x-raw,format=" + value).c_str());
        else
            gst_util_set_object_arg(G_OBJECT(part("detect").get()), name.c_str(), value.c_str());
    }
    if (gst_element_set_state(pipeline.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        failed(pipeline.get());
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        return 1;
    }
    const auto out = part("out");
    int frame = 0;
    while (const Ref<GstSample> sample{gst_app_sink_pull_sample(GST_APP_SINK(out.get()))})
        print(sample.get(), frame++);
    GstStructure *info = nullptr, *stats = nullptr;
    g_object_get(part("detect").get(), "model-info", &info, "stats", &stats, nullptr);
    char* text = gst_structure_to_string(stats);
    const char* const about = info ? gst_structure_get_string(info, "info") : nullptr;
    std::fprintf(stderr, "%s\n%s\n", about ? about : "no network", text);
    g_free(text);
    if (info)
        gst_structure_free(info);
    gst_structure_free(stats);
    const bool bad = failed(pipeline.get());
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return bad;
}
