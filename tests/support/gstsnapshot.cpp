#include "support/gstsnapshot.hpp"

#include "base/error.hpp"

#include <gst/app/gstappsink.h>

namespace camera {
namespace {

struct Stop {
    void operator()(GstElement* pipeline) const {
        gst_element_set_state(pipeline, GST_STATE_NULL);
        gst_object_unref(pipeline);
    }
};

} // namespace

std::string jpegOf(std::unique_ptr<Producer> producer) {
    GError* failure = nullptr;
    const std::unique_ptr<GstElement, Stop> pipeline(gst_parse_launch(
        "virtualcamerasrc name=video num-buffers=1 ! videoconvert ! jpegenc quality=85 ! "
        "appsink name=jpeg sync=false",
        &failure));
    const glue::Ref<GError> error(failure);
    if (error)
        throw base::Error(base::ErrorKind::NotFound,
                          "No snapshot can be made: install gstreamer1.0-plugins-good (jpegenc).",
                          error->message);
    const glue::Ref<GstElement> source(gst_bin_get_by_name(GST_BIN(pipeline.get()), "video"));
    setProducer(source.get(), std::move(producer));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "jpeg"));
    const glue::Ref<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 5 * GST_SECOND));
    GstMapInfo map;
    if (!sample || !gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ))
        throw base::Error(base::ErrorKind::Failed, "No snapshot could be made.");
    std::string jpeg(reinterpret_cast<const char*>(map.data), map.size);
    gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
    return jpeg;
}

} // namespace camera
