// video-stream-launch FILE [NAME=value …]: runs a launch file and tells in plain words what
// happens. What gst-launch-1.0 leaves out: settings, the address to open, and errors a user can act
// on.

#include "errortext.hpp"
#include "launchfile.hpp"
#include "narration.hpp"

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

struct End {
    int status = EXIT_SUCCESS;
    bool refused = false; ///< for the user or the password
};

struct Run {
    GstElement* pipeline = nullptr;
    GMainLoop* loop = nullptr;
    bool stopping = false;
    End end{};
    pipelines::Narration narration{};
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

gboolean onMessage(GstBus*, GstMessage* message, gpointer data) {
    auto* run = static_cast<Run*>(data);
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
        if (!run->stopping || !pipelines::isOfEmptyStream(message)) {
            std::fprintf(stderr, "Error from %s: %s\n", GST_MESSAGE_SRC_NAME(message),
                         pipelines::textOf(message).c_str());
            run->end.refused |= pipelines::isRefusal(message);
            run->end.status = EXIT_FAILURE;
        }
        g_main_loop_quit(run->loop);
        break;
    case GST_MESSAGE_WARNING:
    case GST_MESSAGE_INFO:
    case GST_MESSAGE_ELEMENT:
        run->narration.say(message);
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

End play(const std::string& description) {
    const Ref<GstElement> pipeline = pipelineOf(description);
    Run run{pipeline.get(), g_main_loop_new(nullptr, FALSE)};
    pipelines::sayWhatIsWaitedFor(pipeline.get());
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const guint watch = gst_bus_add_watch(bus.get(), onMessage, &run);
    const guint interrupted = g_unix_signal_add(SIGINT, onSignal, &run);
    const guint terminated = g_unix_signal_add(SIGTERM, onSignal, &run);
    // A failure here has put its error on the bus, where the loop reads it.
    const auto result = gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    if (result != GST_STATE_CHANGE_FAILURE)
        pipelines::sayWhereItGoes(pipeline.get());
    std::printf("Ctrl-C ends it.\n");
    g_main_loop_run(run.loop);
    // Nobody dispatches them any more: from here on a signal just ends the program.
    g_source_remove(interrupted);
    g_source_remove(terminated);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    g_source_remove(watch);
    g_main_loop_unref(run.loop);
    return run.end;
}

/// What to do after an error, beyond what it says itself.
void advise(const End& end, const std::string& file, const std::string& text) {
    if (end.status == EXIT_SUCCESS)
        return;
    if (end.refused && pipelines::uses(text, "USER_PW"))
        std::fprintf(stderr, "Write USER_ID=admin USER_PW='the password' in front of the command, "
                             "with those of the camera.\n");
    else
        std::fprintf(stderr, "What can be set is named in the first lines of %s\n", file.c_str());
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    std::setvbuf(stdout, nullptr, _IOLBF, 0); // for who reads it through a pipe
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
        const End end = play(pipelines::expand(text, lookUp));
        advise(end, argv[1], text);
        return end.status;
    } catch (const base::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return EXIT_FAILURE;
}
