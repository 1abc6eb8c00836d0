// Plays the launch line that it is given and draws the time of day, in milliseconds, as a barcode
// into each picture that leaves the element called "clock", whose caps are I420: whoever reads the
// code knows how old the picture is.
//     burntclock videotestsrc is-live=true ! video/x-raw,format=I420 ! identity name=clock ! …
#include "glue/ref.hpp"
#include "glue/videoframe.hpp"
#include "support/barcode.hpp"

#include <gst/gst.h>
#include <gst/video/video.h>

#include <glib-unix.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

using glue::Ref;

GstPadProbeReturn draw(GstPad* pad, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
    GstVideoInfo video;
    if (!caps || !gst_video_info_from_caps(&video, caps.get()))
        return GST_PAD_PROBE_OK;
    glue::MappedFrame frame(video, buffer, GST_MAP_WRITE);
    camera::drawBarcode(frame.writable(), static_cast<guint64>(g_get_real_time() / 1000));
    return GST_PAD_PROBE_OK;
}

gboolean quit(gpointer loop) {
    g_main_loop_quit(static_cast<GMainLoop*>(loop));
    return G_SOURCE_CONTINUE;
}

gboolean onMessage(GstBus*, GstMessage* message, gpointer loop) {
    if (gst_message_has_name(message, "whepsink-ready"))
        std::printf("Open %s\n",
                    gst_structure_get_string(gst_message_get_structure(message), "url"));
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError* error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        std::printf("%s\n", error->message);
        g_error_free(error);
        quit(loop);
    }
    std::fflush(stdout);
    return TRUE;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    GError* error = nullptr;
    const Ref<GstElement> pipeline(gst_parse_launchv(const_cast<const char**>(argv + 1), &error));
    if (error) {
        std::printf("%s\n", error->message);
        return EXIT_FAILURE;
    }
    gst_object_ref_sink(pipeline.get());
    const Ref<GstElement> clock(gst_bin_get_by_name(GST_BIN(pipeline.get()), "clock"));
    if (!clock) {
        std::puts("no element is called clock");
        return EXIT_FAILURE;
    }
    const Ref<GstPad> pad(gst_element_get_static_pad(clock.get(), "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, draw, nullptr, nullptr);
    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    gst_bus_add_watch(bus.get(), onMessage, loop);
    g_unix_signal_add(SIGINT, quit, loop);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    g_main_loop_run(loop);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    g_main_loop_unref(loop);
    return EXIT_SUCCESS;
}
