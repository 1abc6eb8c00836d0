#pragma once

#include "glue/ref.hpp"

#include <gst/app/gstappsink.h>

namespace glue {

/// An appsink in a bin, behind a ghost pad of one of the bin's templates: how a bin takes buffers
/// out of the pipeline and goes its own ways with them.
class AppInput {
public:
    /// Whether a pad that gets nothing yet keeps the pipeline from playing.
    enum class Preroll { Waits, None };

    using OnSample = GstFlowReturn (*)(GstAppSink* sink, gpointer self);
    using OnEos = void (*)(GstAppSink* sink, gpointer self);

    /// Throws base::Error (NotFound) where there is no appsink. The callbacks get `self`, in the
    /// streaming thread.
    AppInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, Preroll preroll,
             gpointer self, OnSample onSample, OnEos onEos = nullptr);
    AppInput(const AppInput&) = delete;
    AppInput& operator=(const AppInput&) = delete;

    GstBin* bin() const { return bin_; }
    GstElement* sink() const { return sink_.get(); }
    /// To be activated and added to the bin; the bin's.
    GstPad* pad() const { return pad_; }

    /// Stops the appsink and takes it out of the bin.
    void dispose();

private:
    GstBin* bin_;
    Ref<GstElement> sink_; ///< held: a bin that is disposed of drops its children first
    GstPad* pad_ = nullptr;
};

/// For the callback of a new sample: the sample, or null.
inline Ref<GstSample> pulled(GstAppSink* sink) {
    return Ref<GstSample>(gst_app_sink_try_pull_sample(sink, 0));
}

} // namespace glue
