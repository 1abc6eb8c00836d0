// What does my camera see? Plays a camera through a detector inside your own program and prints
// every object that is found. Nothing of Video Stream is needed at compile time, only GStreamer:
// clang-format off
//   g++ -std=c++17 camera_boxes.cpp -o camera_boxes $(pkg-config --cflags --libs gstreamer-video-1.0)
//   ./camera_boxes onvif://192.168.1.20 yolox_nano.onnx coco.names
//   ./camera_boxes 'filesrc location=a.mp4 ! decodebin ! yolodetect name=detect model=m.onnx ! fakesink'
// clang-format on
// USER_ID and USER_PW in the environment are the camera's login. Before the elements are installed,
// run it within `meson devenv -C build`.
#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdio>
#include <cstdlib>

// Called in the streaming thread for each frame that leaves the detector: be quick here.
static GstPadProbeReturn onFrame(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    gpointer state = nullptr;
    while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
               buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
        auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta);
        double confidence = 0;
        int track = 0;
        if (GstStructure* s = gst_video_region_of_interest_meta_get_param(region, "detection"))
            gst_structure_get_double(s, "confidence", &confidence);
        if (GstStructure* s = gst_video_region_of_interest_meta_get_param(region, "object_id"))
            gst_structure_get_int(s, "id", &track);
        std::printf("%" GST_TIME_FORMAT " %s %.0f%% at %u,%u size %ux%u", // pixels of this frame
                    GST_TIME_ARGS(GST_BUFFER_PTS(buffer)), g_quark_to_string(region->roi_type),
                    100 * confidence, region->x, region->y, region->w, region->h);
        std::printf(track > 0 ? " track %d\n" : "\n", track);
    }
    std::fflush(stdout);
    return GST_PAD_PROBE_OK;
}

static void set(GstElement* pipeline, const char* element, const char* property,
                const char* value) {
    GstElement* found = gst_bin_get_by_name(GST_BIN(pipeline), element);
    if (found && value)
        g_object_set(found, property, value, nullptr);
    gst_clear_object(&found);
}

static int run(GstElement* pipeline) {
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstBus* bus = gst_element_get_bus(pipeline);
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
    int status = EXIT_SUCCESS;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError* error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        std::fprintf(stderr, "%s\n", error->message);
        g_error_free(error);
        status = EXIT_FAILURE;
    }
    gst_message_unref(message);
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return status;
}

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    if (argc < 2 || argc > 4) {
        std::fprintf(stderr, "use: %s LOCATION MODEL [LABELS], or a pipeline with name=detect\n",
                     argv[0]);
        return EXIT_FAILURE;
    }
    const bool whole = argc == 2; // what is set below is then already in the line
    const char* line = whole ? argv[1]
                             : "onvifsrc name=camera ! decodebin ! queue leaky=downstream ! "
                               "yolodetect name=detect mode=live ! fakesink";
    GError* error = nullptr;
    GstElement* pipeline = gst_parse_launch(line, &error);
    GstElement* detector =
        GST_IS_BIN(pipeline) ? gst_bin_get_by_name(GST_BIN(pipeline), "detect") : nullptr;
    if (error || !detector) {
        std::fprintf(stderr, "%s\n", error ? error->message : "No element is called detect.");
        return EXIT_FAILURE;
    }
    if (!whole) {
        set(pipeline, "camera", "location", argv[1]);
        set(pipeline, "camera", "user-id", std::getenv("USER_ID"));
        set(pipeline, "camera", "user-pw", std::getenv("USER_PW"));
        set(pipeline, "detect", "model", argv[2]);
        set(pipeline, "detect", "labels", argc > 3 ? argv[3] : nullptr);
    }
    GstPad* pad = gst_element_get_static_pad(detector, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, onFrame, nullptr, nullptr);
    gst_object_unref(pad);
    gst_object_unref(detector);
    const int status = run(pipeline);
    gst_object_unref(pipeline);
    return status;
}
