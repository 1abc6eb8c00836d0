#include "support/gstsnapshot.hpp"

#include "support/gstpipeline.hpp"

#include <gst/app/gstappsink.h>

namespace camera {

std::string jpegOf(std::unique_ptr<Producer> producer) {
    const Pipeline pipeline =
        launchPipeline("virtualcamerasrc name=video num-buffers=1 ! videoconvert ! "
                       "jpegenc quality=85 ! appsink name=jpeg sync=false");
    const glue::Ref<GstElement> source(gst_bin_get_by_name(GST_BIN(pipeline.get()), "video"));
    setProducer(source.get(), std::move(producer));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "jpeg"));
    return bytesOf(gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 5 * GST_SECOND));
}

} // namespace camera
