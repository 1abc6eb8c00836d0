#pragma once

#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
// An old macro of Check's, and a member of every C++ stream.
#undef fail

#include <map>
#include <string>

/// What GStreamer 1.22 complains of itself about, and goes on. rtspsrc takes a number of its
/// segment for its events that it only has once PLAY is answered: where a connection ends before,
/// or data comes first, it has none. Its funnel can send its events in the wrong order when two
/// sources start in the same moment, as receivers' reports by UDP and by TCP do. And where it
/// announces two pads at once, gst_parse_launch() is done with its waiting link twice.
inline void forgiveRtspsrc() {
    static const struct {
        const char *domain, *words;
    } all[] = {{"GStreamer", "seqnum != GST_SEQNUM_INVALID"},
               {"GStreamer", "Sticky event misordering"},
               {"GLib-GObject", "has no handler with id"}};
    static const bool once = [] {
        for (const auto& [domain, words] : all)
            gst_check_add_log_filter(
                domain, static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL),
                g_regex_new(words, static_cast<GRegexCompileFlags>(0),
                            static_cast<GRegexMatchFlags>(0), nullptr),
                nullptr, nullptr, nullptr);
        return true;
    }();
    static_cast<void>(once);
}

/// A pipeline under watch: it counts what reaches its sinks and keeps what is said on its bus.
class Player {
public:
    explicit Player(const std::string& launch) {
        forgiveRtspsrc();
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
    void pause() { gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED); }
    void sendEnd() { gst_element_send_event(pipeline_.get(), gst_event_new_eos()); }
    guint rendered(const char* sink) { return rendered((*this)[sink].get()); }
    bool stops() {
        return gst_element_set_state(pipeline_.get(), GST_STATE_NULL) == GST_STATE_CHANGE_SUCCESS;
    }
    glue::Ref<GstElement> operator[](const char* name) {
        return glue::Ref<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
    }

    /// Waits until `sink` has seen `count` buffers; an error meanwhile fails the test.
    void expectBuffers(const char* sink, guint count) {
        const glue::Ref<GstElement> element = (*this)[sink];
        for (int i = 0; i < 2400; i++) {
            if (rendered(element.get()) >= count)
                return;
            noteMessages(50 * GST_MSECOND);
            fail_unless(error.empty(), "%s (%s)", error.c_str(), details.c_str());
        }
        ck_abort_msg("%s saw %u buffers", sink, rendered(element.get()));
    }
    /// Notes what is said within a moment.
    void listen() { noteMessages(50 * GST_MSECOND); }
    void expectWarning() {
        for (int i = 0; i < 2400 && warning.empty(); i++)
            noteMessages(50 * GST_MSECOND);
        fail_if(warning.empty(), "no warning came");
    }
    void expectError() {
        for (int i = 0; i < 2400 && error.empty(); i++)
            noteMessages(50 * GST_MSECOND);
        fail_if(error.empty(), "no error came");
    }

    /// Waits until an element message of that name has come `times` times in all.
    void expectMessage(const char* name, int times = 1) {
        for (int i = 0; i < 2400 && told[name] < times; i++) {
            noteMessages(50 * GST_MSECOND);
            fail_unless(error.empty(), "%s (%s)", error.c_str(), details.c_str());
        }
        fail_unless(told[name] >= times, "%s came %d times", name, told[name]);
    }
    /// The stream breaks off: in an error, or in its end.
    void expectErrorOrEnd() {
        for (int i = 0; i < 2400 && error.empty() && !ended; i++)
            noteMessages(50 * GST_MSECOND);
        fail_unless(ended || !error.empty(), "the stream went on");
    }
    void expectEnd() {
        for (int i = 0; i < 2400 && !ended; i++) {
            noteMessages(50 * GST_MSECOND);
            fail_unless(error.empty(), "%s (%s)", error.c_str(), details.c_str());
        }
        fail_unless(ended, "the stream went on");
    }

    /// A number of the property "stats" of an element.
    guint64 stat(const char* element, const char* field) {
        GstStructure* raw = nullptr;
        g_object_get((*this)[element].get(), "stats", &raw, nullptr);
        const glue::Ref<GstStructure> stats(raw);
        guint64 wide = 0;
        guint narrow = 0;
        if (gst_structure_get_uint(stats.get(), field, &narrow))
            return narrow;
        fail_unless(gst_structure_get_uint64(stats.get(), field, &wide), "no %s", field);
        return wide;
    }

    /// How many buffers a sink has got.
    guint count(const char* sink) { return rendered((*this)[sink].get()); }

    bool ended = false;
    std::map<std::string, int> told;                       ///< element messages by name
    std::map<std::string, glue::Ref<GstStructure>> latest; ///< the latest of each name
    std::string error, details, info, warning;             ///< the latest of each
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
        } else if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_WARNING) {
            gst_message_parse_warning(message.get(), &gerror, &debug);
            warning = gerror->message;
        } else if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ELEMENT) {
            const GstStructure* facts = gst_message_get_structure(message.get());
            const std::string name = gst_structure_get_name(facts);
            told[name]++;
            latest[name].reset(gst_structure_copy(facts));
            if (name == "onvif-device")
                device.reset(gst_structure_copy(facts));
        }
        g_clear_error(&gerror);
        g_free(debug);
    }

    glue::Ref<GstElement> pipeline_;
    glue::Ref<GstBus> bus_;
};
