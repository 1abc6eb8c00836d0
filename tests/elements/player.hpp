#pragma once

#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
// An old macro of Check's, and a member of every C++ stream.
#undef fail

#include <string>

/// A pipeline under watch: it counts what reaches its sinks and keeps what is said on its bus.
class Player {
public:
    explicit Player(const std::string& launch) {
        GError* error = nullptr;
        pipeline_.reset(gst_parse_launch(launch.c_str(), &error));
        fail_unless(error == nullptr, "%s", error ? error->message : "");
        bus_.reset(gst_element_get_bus(pipeline_.get()));
    }
    ~Player() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

    void play() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
    void stop() {
        fail_unless_equals_int(gst_element_set_state(pipeline_.get(), GST_STATE_NULL),
                               GST_STATE_CHANGE_SUCCESS);
    }
    glue::Ref<GstElement> operator[](const char* name) {
        return glue::Ref<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
    }

    /// Waits until `sink` has seen `count` buffers; an error meanwhile fails the test.
    void expectBuffers(const char* sink, guint count) {
        const glue::Ref<GstElement> element = (*this)[sink];
        for (int i = 0; i < 600; i++) {
            if (rendered(element.get()) >= count)
                return;
            noteMessages(50 * GST_MSECOND);
            fail_unless(error.empty(), "%s (%s)", error.c_str(), details.c_str());
        }
        ck_abort_msg("%s saw %u buffers", sink, rendered(element.get()));
    }
    void expectError() {
        for (int i = 0; i < 600 && error.empty(); i++)
            noteMessages(50 * GST_MSECOND);
        fail_if(error.empty(), "no error came");
    }

    /// The stream breaks off: in an error, or in its end.
    void expectErrorOrEnd() {
        for (int i = 0; i < 600 && error.empty() && !ended; i++)
            noteMessages(50 * GST_MSECOND);
        fail_unless(ended || !error.empty(), "the stream went on");
    }

    bool ended = false;
    std::string error, details, info; ///< the latest of each
    glue::Ref<GstStructure> device;

private:
    static guint rendered(GstElement* sink) {
        GstStructure* raw = nullptr;
        g_object_get(sink, "stats", &raw, nullptr);
        const glue::Ref<GstStructure> stats(raw);
        guint64 n = 0;
        gst_structure_get_uint64(stats.get(), "rendered", &n);
        return static_cast<guint>(n);
    }
    void noteMessages(GstClockTime wait) {
        const glue::Ref<GstMessage> message(gst_bus_timed_pop(bus_.get(), wait));
        if (!message)
            return;
        GError* gerror = nullptr;
        gchar* debug = nullptr;
        ended |= GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
            gst_message_parse_error(message.get(), &gerror, &debug);
            error = gerror->message;
            details = debug ? debug : "";
        } else if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_INFO) {
            gst_message_parse_info(message.get(), &gerror, &debug);
            info = gerror->message;
        } else if (gst_message_has_name(message.get(), "onvif-device")) {
            device.reset(gst_structure_copy(gst_message_get_structure(message.get())));
        }
        g_clear_error(&gerror);
        g_free(debug);
    }

    glue::Ref<GstElement> pipeline_;
    glue::Ref<GstBus> bus_;
};
