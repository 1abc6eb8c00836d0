#include "support/gstpipeline.hpp"

#include "base/error.hpp"

namespace camera {

Pipeline launchPipeline(const std::string& line) {
    GError* failure = nullptr;
    GstElement* made =
        gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &failure);
    const glue::Ref<GError> error(failure);
    if (!made)
        throw base::Error(base::ErrorKind::NotFound,
                          "A GStreamer element is missing; install gstreamer1.0-plugins-good, "
                          "gstreamer1.0-plugins-bad and gstreamer1.0-libav.",
                          error ? error->message : "");
    return Pipeline(made);
}

std::string errorOf(GstElement* pipeline) {
    const glue::Ref<GstBus> bus(gst_element_get_bus(pipeline));
    const glue::Ref<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    if (!message)
        return {};
    GError* failure = nullptr;
    gst_message_parse_error(message.get(), &failure, nullptr);
    const glue::Ref<GError> error(failure);
    return error->message;
}

std::string bytesOf(GstSample* taken) {
    const glue::Ref<GstSample> sample(taken);
    GstMapInfo map;
    if (!sample || !gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ))
        throw base::Error(base::ErrorKind::Failed, "No picture could be made; try again.");
    std::string bytes(reinterpret_cast<const char*>(map.data), map.size);
    gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
    return bytes;
}

} // namespace camera
