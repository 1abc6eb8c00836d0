/// Draws made-up detections into a picture, to look at:
///   draw_detections IN.jpg OUT.png "detectionoverlay font=Serif" I420 car:0.1,0.2,0.3,0.4:0.87:7:2
///   …
/// Each object is label:x,y,width,height:score:track:class, in parts of the frame.
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/video/video.h>

#include <cstdio>
#include <string>

using glue::Ref;

static base::Detections detections;

static GstPadProbeReturn attach(GstPad* pad, GstPadProbeInfo* info, gpointer) {
    const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
    GstVideoInfo video;
    gst_video_info_from_caps(&video, caps.get());
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    glue::attachDetections(buffer, detections, GST_VIDEO_INFO_WIDTH(&video),
                           GST_VIDEO_INFO_HEIGHT(&video));
    return GST_PAD_PROBE_OK;
}

static bool add(const char* text) {
    char label[256] = "";
    base::Detection d;
    long long track = 0;
    if (std::sscanf(text, "%255[^:]:%lf,%lf,%lf,%lf:%f:%lld:%d", label, &d.box.x, &d.box.y,
                    &d.box.width, &d.box.height, &d.score, &track, &d.classId) < 5)
        return false;
    d.label = label;
    d.trackId = track;
    detections.objects.push_back(d);
    return true;
}

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    glue::registerDetectionMeta();
    if (argc < 5) {
        std::fprintf(stderr, "use: %s IN OUT.png OVERLAY FORMAT [OBJECT …]\n", argv[0]);
        return 1;
    }
    for (int i = 5; i < argc; i++)
        if (!add(argv[i])) {
            std::fprintf(stderr, "%s is not label:x,y,width,height:score:track:class\n", argv[i]);
            return 1;
        }
    const std::string line =
        "filesrc name=in ! decodebin ! videoconvert ! video/x-raw,format=" + std::string(argv[4]) +
        " ! identity name=attach ! " + argv[3] +
        " ! videoconvert ! pngenc snapshot=true ! filesink name=out";
    GError* problem = nullptr;
    const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), &problem));
    const Ref<GError> owned(problem);
    if (problem) {
        std::fprintf(stderr, "%s\n", problem->message);
        return 1;
    }
    const auto named = [&](const char* name) {
        return Ref<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
    };
    g_object_set(named("in").get(), "location", argv[1], nullptr);
    g_object_set(named("out").get(), "location", argv[2], nullptr);
    const Ref<GstPad> pad(gst_element_get_static_pad(named("attach").get(), "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, attach, nullptr, nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const Ref<GstMessage> message(gst_bus_timed_pop_filtered(
        bus.get(), GST_CLOCK_TIME_NONE,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    const bool failed = GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR;
    if (failed) {
        gst_message_parse_error(message.get(), &problem, nullptr);
        std::fprintf(stderr, "%s\n", problem->message);
        g_error_free(problem);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return failed;
}
