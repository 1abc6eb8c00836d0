#include "errortext.hpp"

#include "glue/ref.hpp"

#include <cstring>
#include <regex>

namespace pipelines {

namespace {

using glue::Ref;

struct Parsed {
    Ref<GError> error;
    Ref<char> debug;
};

Parsed parsed(GstMessage* message) {
    GError* error = nullptr;
    char* debug = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &error, &debug);
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
        gst_message_parse_warning(message, &error, &debug);
    else
        gst_message_parse_info(message, &error, &debug);
    return {Ref<GError>(error), Ref<char>(debug)};
}

/// Whether the element is of this project.
bool isOurs(GstObject* source) {
    GstElementFactory* factory =
        GST_IS_ELEMENT(source) ? gst_element_get_factory(GST_ELEMENT(source)) : nullptr;
    GstPlugin* plugin =
        factory ? gst_plugin_feature_get_plugin(GST_PLUGIN_FEATURE(factory)) : nullptr;
    const bool ours = plugin && std::string(gst_plugin_get_source(plugin)) == PACKAGE;
    gst_clear_object(&plugin);
    return ours;
}

/// What it knows beyond "Resource not found." and beyond the reason that the system gave: the last
/// line of its debug text.
std::string detailsOf(const GError* error, const char* debug) {
    const Ref<char> generic(gst_error_get_message(error->domain, error->code));
    const std::string all(debug ? debug : "");
    const auto lineBreak = all.rfind('\n');
    const std::string last = lineBreak == std::string::npos ? all : all.substr(lineBreak + 1);
    const bool bare = generic && std::string(error->message) == generic.get();
    if (last.empty() || (!bare && last.rfind("system error: ", 0) != 0))
        return {};
    return " (" + std::regex_replace(last, std::regex("://[^/\\s]*@"), "://") + ")";
}

const char* adviceOnResource(int code) {
    switch (code) {
    case GST_RESOURCE_ERROR_NOT_FOUND:
    case GST_RESOURCE_ERROR_OPEN_READ:
    case GST_RESOURCE_ERROR_OPEN_WRITE:
    case GST_RESOURCE_ERROR_OPEN_READ_WRITE:
    case GST_RESOURCE_ERROR_SETTINGS:
        return "Check that it is there and that you may use it, or name another.";
    case GST_RESOURCE_ERROR_BUSY:
        return "Another program uses it: end that one, or name another.";
    case GST_RESOURCE_ERROR_NO_SPACE_LEFT:
        return "Make room, or name another place.";
    case GST_RESOURCE_ERROR_NOT_AUTHORIZED:
        return "Check the user and the password.";
    default:
        return nullptr;
    }
}

const char* adviceOnStream(int code) {
    switch (code) {
    case GST_STREAM_ERROR_TYPE_NOT_FOUND:
    case GST_STREAM_ERROR_WRONG_TYPE:
    case GST_STREAM_ERROR_DEMUX:
    case GST_STREAM_ERROR_DECODE:
    case GST_STREAM_ERROR_FORMAT:
        return "Check that what this launch file reads is a video.";
    case GST_STREAM_ERROR_CODEC_NOT_FOUND:
        return "Install more of GStreamer's plugins: gstreamer1.0-libav knows most formats.";
    default:
        return nullptr;
    }
}

std::string adviceOn(const GError* error) {
    const char* advice = nullptr;
    if (error->domain == GST_RESOURCE_ERROR)
        advice = adviceOnResource(error->code);
    else if (error->domain == GST_STREAM_ERROR)
        advice = adviceOnStream(error->code);
    return advice ? advice : "";
}

} // namespace

std::string textOf(GstMessage* message) {
    const Parsed said = parsed(message);
    std::string text = said.error->message;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_INFO)
        return text;
    text += detailsOf(said.error.get(), said.debug.get());
    const std::string advice = adviceOn(said.error.get());
    if (advice.empty() || isOurs(GST_MESSAGE_SRC(message)))
        return text;
    return text + (text.back() == '.' ? " " : ". ") + advice;
}

bool isOfEmptyStream(GstMessage* message) {
    return g_error_matches(parsed(message).error.get(), GST_STREAM_ERROR,
                           GST_STREAM_ERROR_TYPE_NOT_FOUND);
}

bool isRefusal(GstMessage* error) {
    return g_error_matches(parsed(error).error.get(), GST_RESOURCE_ERROR,
                           GST_RESOURCE_ERROR_NOT_AUTHORIZED);
}

void leaveOutHarmless() {
    const auto say = [](const char* domain, GLogLevelFlags level, const char* text, gpointer) {
        if (!std::strstr(text, "seqnum != GST_SEQNUM_INVALID"))
            g_log_default_handler(domain, level, text, nullptr);
    };
    g_log_set_handler("GStreamer", G_LOG_LEVEL_CRITICAL, say, nullptr);
}

} // namespace pipelines
