#include "support/gstframeencoder.hpp"

#include "base/error.hpp"
#include "glue/videoframe.hpp"
#include "support/gstencoders.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

namespace camera {

FrameEncoder::FrameEncoder(int width, int height, int fps)
    : fps_(fps), painter_(width, height, fps),
      pipeline_(launchPipeline("appsrc name=source format=time ! " +
                               h264Encoder(bitrateFor(width, height, fps), fps) +
                               " ! appsink name=sink sync=false")),
      source_(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "source")),
      sink_(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sink")) {
    gst_video_info_set_format(&info_, GST_VIDEO_FORMAT_I420, static_cast<guint>(width),
                              static_cast<guint>(height));
    info_.fps_n = fps;
    info_.fps_d = 1;
    const glue::Ref<GstCaps> raw(gst_video_info_to_caps(&info_));
    gst_app_src_set_caps(GST_APP_SRC(source_.get()), raw.get());
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

glue::Ref<GstCaps> FrameEncoder::caps(int width, int height, int fps) {
    return glue::Ref<GstCaps>(gst_caps_new_simple(
        "video/x-h264", "stream-format", G_TYPE_STRING, "byte-stream", "alignment", G_TYPE_STRING,
        "au", "profile", G_TYPE_STRING, "constrained-baseline", "width", G_TYPE_INT, width,
        "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, fps, 1, nullptr));
}

glue::Ref<GstBuffer> FrameEncoder::draw(std::uint64_t number, const std::string& title) {
    glue::Ref<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, info_.size, nullptr));
    {
        glue::MappedFrame mapped(info_, buffer.get(), GST_MAP_WRITE);
        painter_.paint(number, title, mapped.writable());
    }
    // The encoder's time always goes on, also where the recording's goes back.
    GST_BUFFER_PTS(buffer.get()) =
        gst_util_uint64_scale(count_++, GST_SECOND, static_cast<guint64>(fps_));
    GST_BUFFER_DURATION(buffer.get()) = GST_SECOND / static_cast<guint64>(fps_);
    return buffer;
}

glue::Ref<GstBuffer> FrameEncoder::encode(std::uint64_t number, const std::string& title,
                                          bool key) {
    if (key)
        gst_element_send_event(
            sink_.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), draw(number, title).release());
    const glue::Ref<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(sink_.get()), 20 * GST_SECOND));
    if (!sample)
        throw base::Error(base::ErrorKind::Failed, "A frame could not be encoded.",
                          errorOf(pipeline_.get()));
    glue::Ref<GstBuffer> unit(gst_buffer_copy(gst_sample_get_buffer(sample.get())));
    GST_BUFFER_DTS(unit.get()) = GST_CLOCK_TIME_NONE;
    return unit;
}

} // namespace camera
