#pragma once

#include "glue/ref.hpp"

#include <memory>
#include <string>

namespace camera {

/// Ends a pipeline before it lets go of it.
struct StopPipeline {
    void operator()(GstElement* pipeline) const {
        gst_element_set_state(pipeline, GST_STATE_NULL);
        gst_object_unref(pipeline);
    }
};
using Pipeline = std::unique_ptr<GstElement, StopPipeline>;

/// Makes a pipeline from a launch line. Throws base::Error(NotFound) naming what is not installed.
Pipeline launchPipeline(const std::string& line);

/// The first error on the pipeline's bus, or empty. Does not wait.
std::string errorOf(GstElement* pipeline);

/// What a sample holds; takes the sample. Throws base::Error when it is null.
std::string bytesOf(GstSample* sample);

} // namespace camera
