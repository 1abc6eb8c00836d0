// video-stream-launch FILE [NAME=value …]: runs a launch file and tells in plain words what
// happens. What gst-launch-1.0 leaves out: settings, the address to open, and errors a user can act
// on.

#include "errortext.hpp"
#include "launchfile.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"

#include <gio/gio.h>
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

namespace {

using glue::Ref;

struct Run {
    GstElement* pipeline = nullptr;
    GMainLoop* loop = nullptr;
    int exitStatus = EXIT_SUCCESS;
    bool stopping = false;
};

std::string readFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw base::Error(base::ErrorKind::NotFound,
                          "There is no launch file " + path +
                              "; pipelines/run --list shows what there is.");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::map<std::string, std::string> settingsOf(int argc, char** argv) {
    std::map<std::string, std::string> given;
    for (int i = 2; i < argc; i++) {
        const std::string argument = argv[i];
        const auto equals = argument.find('=');
        if (equals == std::string::npos || equals == 0)
            throw base::Error(base::ErrorKind::Settings,
                              "'" + argument + "' is not a setting; write NAME=value.");
        given[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
    return given;
}

/// In file names, where it keeps a new start from writing over what is there.
std::string now() {
    GDateTime* time = g_date_time_new_now_utc();
    const Ref<char> text(g_date_time_format(time, "%Y%m%dT%H%M%SZ"));
    g_date_time_unref(time);
    return text.get();
}

/// A launch file may have a branch for each format, of which one is taken.
bool hasLinkedSound(GstMessage* message) {
    bool linked = false;
    gst_element_foreach_src_pad(
        GST_ELEMENT(GST_MESSAGE_SRC(message)),
        [](GstElement*, GstPad* pad, gpointer found) -> gboolean {
            const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
            const char* media =
                caps ? gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "media")
                     : nullptr;
            *static_cast<bool*>(found) |=
                gst_pad_is_linked(pad) && media && std::string(media) == "audio";
            return TRUE;
        },
        &linked);
    return linked;
}

/// A camera without a part that a launch file would take; GStreamer says "Delayed linking failed."
/// for each branch.
void sayMissing(GstMessage* message, const std::string& debug) {
    static bool soundless = false;
    const bool sound = debug.find("audio") != std::string::npos;
    if (sound && (hasLinkedSound(message) || std::exchange(soundless, true)))
        return;
    std::printf("%s: %s\n", GST_MESSAGE_SRC_NAME(message),
                sound ? "it sends no sound."
                      : "it sends nothing in the format that this launch file takes. Another "
                        "PROFILE, or another launch file, may do.");
}

/// A delayed link is told by a warning or an info, whose details name the pads.
bool saysMissing(GstMessage* message) {
    GError* error = nullptr;
    char* debug = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
        gst_message_parse_warning(message, &error, &debug);
    else
        gst_message_parse_info(message, &error, &debug);
    const Ref<GError> ownedError(error);
    const Ref<char> ownedDebug(debug);
    const bool missing = g_error_matches(error, GST_PARSE_ERROR, GST_PARSE_ERROR_DELAYED_LINK);
    if (missing)
        sayMissing(message, debug ? debug : "");
    return missing;
}

void sayInfo(GstMessage* message) {
    if (!saysMissing(message))
        std::printf("%s: %s\n", GST_MESSAGE_SRC_NAME(message), pipelines::textOf(message).c_str());
}

/// Branches that are tried again and again: of the tries that fail after a loss nothing is said.
void sayBranch(GstMessage* message, const GstStructure* s) {
    const std::string name = gst_structure_get_name(s);
    guint attempt = 0;
    if (name == "retrysink-waiting" || name == "retrysrc-waiting") {
        const char* peer = gst_structure_get_string(s, "peer");
        std::printf("%s: waiting for the other end%s%s.\n", GST_MESSAGE_SRC_NAME(message),
                    *peer ? " at " : "", peer);
    }
    if (name == "retrysink-online" || name == "retrysrc-online")
        std::printf("%s: connected.\n", GST_MESSAGE_SRC_NAME(message));
    if ((name == "retrysink-offline" || name == "retrysrc-offline") &&
        gst_structure_get_uint(s, "attempt", &attempt) && attempt == 1)
        std::printf("%s: not connected (%s). It will be tried again.\n",
                    GST_MESSAGE_SRC_NAME(message), gst_structure_get_string(s, "reason"));
}

/// Once per loss: the tries that fail after it say nothing new.
void sayOffline(GstMessage* message, const GstStructure* s) {
    guint attempt = 0;
    if (gst_structure_get_uint(s, "attempt", &attempt) && attempt == 1)
        std::printf("%s: %s; trying again until it is back.\n", GST_MESSAGE_SRC_NAME(message),
                    gst_structure_get_string(s, "reason"));
}

/// Pages and moving JPEG are for browsers; what has to be taken apart first is for players.
void sayAddress(const std::string& url) {
    const auto endsWith = [&url](const char* end) { return g_str_has_suffix(url.c_str(), end); };
    const bool rtsp = url.rfind("rtsp", 0) == 0;
    const bool player = rtsp || endsWith(".m3u8") || endsWith(".mpd") || endsWith("/flv");
    std::printf("%s %s in a %s.\n", rtsp ? "Watch" : "Open", url.c_str(),
                player ? "player" : "browser");
}

void sayElementMessage(GstMessage* message) {
    const GstStructure* s = gst_message_get_structure(message);
    if (!s)
        return;
    // Whoever serves something says so: whepsink-ready, rtspserversink-ready, …
    const char* url = gst_structure_get_string(s, "url");
    const bool ready = url && g_str_has_suffix(gst_structure_get_name(s), "-ready");
    if (ready && g_str_has_prefix(gst_structure_get_name(s), "imagezmq"))
        std::printf("%s: pictures go over %s.\n", GST_MESSAGE_SRC_NAME(message), url);
    else if (ready)
        sayAddress(url);
    if (gst_structure_has_name(s, "splitmuxsink-fragment-opened"))
        std::printf("Recording into %s.\n", gst_structure_get_string(s, "location"));
    gboolean live = FALSE;
    if (gst_structure_has_name(s, "whiplistensrc-publisher") &&
        gst_structure_get_boolean(s, "live", &live))
        std::printf("%s: %s.\n", GST_MESSAGE_SRC_NAME(message),
                    live ? "somebody shares a camera" : "the camera is not shared any more");
    sayBranch(message, s);
    if (gst_structure_has_name(s, "onvif-offline"))
        sayOffline(message, s);
    if (gst_structure_has_name(s, "onvif-online"))
        std::printf("%s: the camera is back.\n", GST_MESSAGE_SRC_NAME(message));
}

gboolean onMessage(GstBus*, GstMessage* message, gpointer data) {
    auto* run = static_cast<Run*>(data);
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
        if (!run->stopping || !pipelines::isOfEmptyStream(message)) {
            std::fprintf(stderr, "Error from %s: %s\n", GST_MESSAGE_SRC_NAME(message),
                         pipelines::textOf(message).c_str());
            run->exitStatus = EXIT_FAILURE;
        }
        g_main_loop_quit(run->loop);
        break;
    case GST_MESSAGE_WARNING:
    case GST_MESSAGE_INFO:
        sayInfo(message);
        break;
    case GST_MESSAGE_ELEMENT:
        sayElementMessage(message);
        break;
    case GST_MESSAGE_LATENCY:
        gst_bin_recalculate_latency(GST_BIN(run->pipeline));
        break;
    case GST_MESSAGE_CLOCK_LOST:
        gst_element_set_state(run->pipeline, GST_STATE_PAUSED);
        gst_element_set_state(run->pipeline, GST_STATE_PLAYING);
        break;
    case GST_MESSAGE_EOS:
        g_main_loop_quit(run->loop);
        break;
    default:
        break;
    }
    std::fflush(stdout);
    return G_SOURCE_CONTINUE;
}

gboolean quit(gpointer data) {
    g_main_loop_quit(static_cast<Run*>(data)->loop);
    return G_SOURCE_REMOVE;
}

/// The first Ctrl-C lets recordings be finished, for 3 s at most; a second one does not wait. The
/// end is sent by another thread: where something is stuck, it is stuck behind it.
gboolean onSignal(gpointer data) {
    auto* run = static_cast<Run*>(data);
    if (run->stopping)
        return quit(data), G_SOURCE_CONTINUE;
    run->stopping = true;
    const auto end = [](GstElement* pipeline, gpointer) {
        gst_element_send_event(pipeline, gst_event_new_eos());
    };
    gst_element_call_async(run->pipeline, end, nullptr, nullptr);
    g_timeout_add_seconds(3, quit, data);
    return G_SOURCE_CONTINUE;
}

/// Of a value that a property cannot have GObject only warns, and the property keeps its default:
/// a stream would be at another port than the one that was asked for.
class RefusedValues {
public:
    RefusedValues()
        : handler_(g_log_set_handler("GLib-GObject", G_LOG_LEVEL_WARNING, hear, this)) {}
    ~RefusedValues() { g_log_remove_handler("GLib-GObject", handler_); }
    RefusedValues(const RefusedValues&) = delete;
    RefusedValues& operator=(const RefusedValues&) = delete;

    /// Throws where there was one.
    void check() const {
        if (!first_.empty())
            throw base::Error(base::ErrorKind::Settings,
                              "This launch file got a setting that cannot be used: " + first_);
    }

private:
    static void hear(const char* domain, GLogLevelFlags level, const char* text, gpointer data) {
        auto* self = static_cast<RefusedValues*>(data);
        if (!std::strstr(text, "out of range for property"))
            g_log_default_handler(domain, level, text, nullptr);
        else if (self->first_.empty())
            self->first_ = text;
    }

    std::string first_;
    guint handler_;
};

/// udpsink sends nothing, and says nothing of it, where there is nobody of that name.
void checkReceivers(GstElement* pipeline) {
    const Ref<GstIterator> sinks(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(pipeline), "udpsink"));
    const auto check = [](const GValue* item, gpointer unknown) {
        char* host = nullptr;
        g_object_get(g_value_get_object(item), "host", &host, nullptr);
        const Ref<char> name(host);
        GResolver* resolver = g_resolver_get_default();
        GList* addresses = g_resolver_lookup_by_name(resolver, host, nullptr, nullptr);
        g_object_unref(resolver);
        if (!addresses)
            *static_cast<std::string*>(unknown) = host;
        g_resolver_free_addresses(addresses);
    };
    std::string unknown;
    gst_iterator_foreach(sinks.get(), check, &unknown);
    if (!unknown.empty())
        throw base::Error(base::ErrorKind::NotFound,
                          "This launch file sends to " + unknown +
                              ", which nobody knows: check the name, or give the address.");
}

/// Elements that serve or send to a place and do not say so themselves.
void sayWhereItGoes(GstElement* pipeline) {
    const Ref<GstIterator> sinks(gst_bin_iterate_sinks(GST_BIN(pipeline)));
    const auto say = [](const GValue* item, gpointer) {
        auto* sink = GST_ELEMENT(g_value_get_object(item));
        const GstElementFactory* factory = gst_element_get_factory(sink);
        const std::string kind = factory ? GST_OBJECT_NAME(factory) : "";
        const bool rtcp = kind == "udpsink" && std::string(GST_OBJECT_NAME(sink)) == "rtcp";
        if (rtcp || (kind != "udpsink" && kind != "tcpserversink"))
            return;
        char* host = nullptr;
        int port = 0;
        g_object_get(sink, "host", &host, kind == "udpsink" ? "port" : "current-port", &port,
                     nullptr);
        const Ref<char> owned(host);
        std::printf("%s %s:%d.\n",
                    kind == "udpsink" ? "Sending RTP over UDP to" : "Serving a byte stream at TCP",
                    host, port);
    };
    gst_iterator_foreach(sinks.get(), say, nullptr);
}

Ref<GstElement> pipelineOf(const std::string& description) {
    const RefusedValues refused;
    GError* error = nullptr;
    Ref<GstElement> pipeline(
        gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
    const Ref<GError> owned(error);
    if (!pipeline)
        throw base::Error(base::ErrorKind::Settings,
                          std::string("This launch file does not make a pipeline: ") +
                              error->message);
    refused.check();
    checkReceivers(pipeline.get());
    return pipeline;
}

int play(const std::string& description) {
    const Ref<GstElement> pipeline = pipelineOf(description);
    Run run{pipeline.get(), g_main_loop_new(nullptr, FALSE)};
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const guint watch = gst_bus_add_watch(bus.get(), onMessage, &run);
    const guint interrupted = g_unix_signal_add(SIGINT, onSignal, &run);
    const guint terminated = g_unix_signal_add(SIGTERM, onSignal, &run);
    // A failure here has put its error on the bus, where the loop reads it.
    const auto result = gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    if (result != GST_STATE_CHANGE_FAILURE)
        sayWhereItGoes(pipeline.get());
    std::printf("Ctrl-C ends it.\n");
    g_main_loop_run(run.loop);
    // Nobody dispatches them any more: from here on a signal just ends the program.
    g_source_remove(interrupted);
    g_source_remove(terminated);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    g_source_remove(watch);
    g_main_loop_unref(run.loop);
    return run.exitStatus;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    pipelines::leaveOutHarmless();
    if (argc < 2) {
        std::fprintf(stderr, "Usage: %s FILE [NAME=value ...]\n", argv[0]);
        return EXIT_FAILURE;
    }
    try {
        const auto given = settingsOf(argc, argv);
        const auto lookUp = [&](const std::string& name) -> std::optional<std::string> {
            if (const auto found = given.find(name); found != given.end())
                return found->second;
            if (const char* value = std::getenv(name.c_str()))
                return value;
            if (name == "NOW")
                return now();
            return std::nullopt;
        };
        const std::string text = readFile(argv[1]);
        for (const auto& [name, value] : given)
            if (!pipelines::uses(text, name))
                throw base::Error(base::ErrorKind::Settings, "This launch file has no setting " +
                                                                 name +
                                                                 "; its first lines name them.");
        const int status = play(pipelines::expand(text, lookUp));
        if (status != EXIT_SUCCESS)
            std::fprintf(stderr, "What can be set is named in the first lines of %s\n", argv[1]);
        return status;
    } catch (const base::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return EXIT_FAILURE;
}
