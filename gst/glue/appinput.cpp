#include "glue/appinput.hpp"

#include "base/error.hpp"

namespace glue {

AppInput::AppInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, Preroll preroll,
                   gpointer self, OnSample onSample, OnEos onEos)
    : bin_(bin) {
    GstElement* made = gst_element_factory_make("appsink", nullptr);
    if (!made)
        throw base::Error(base::ErrorKind::NotFound,
                          "The element appsink is missing: install gstreamer1.0-plugins-base.");
    sink_.reset(GST_ELEMENT(gst_object_ref_sink(made)));
    g_object_set(made, "sync", FALSE, "async", preroll == Preroll::Waits, "enable-last-sample",
                 FALSE, nullptr);
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = onSample;
    callbacks.eos = onEos;
    gst_app_sink_set_callbacks(GST_APP_SINK(made), &callbacks, self, nullptr);
    gst_bin_add(bin, made);
    const Ref<GstPad> in(gst_element_get_static_pad(made, "sink"));
    pad_ = gst_ghost_pad_new_from_template(padName, in.get(), padTemplate);
    gst_element_sync_state_with_parent(made);
}

void AppInput::dispose() {
    gst_element_set_state(sink_.get(), GST_STATE_NULL);
    if (GST_OBJECT_PARENT(sink_.get()) == GST_OBJECT(bin_))
        gst_bin_remove(bin_, sink_.get());
}

} // namespace glue
