#include "narration.hpp"

#include "errortext.hpp"
#include "glue/ref.hpp"

#include <cstdio>
#include <utility>

namespace pipelines {
namespace {

using glue::Ref;

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

/// Pages and moving JPEG are for browsers; what has to be taken apart first is for players.
void sayAddress(const std::string& url) {
    const auto endsWith = [&url](const char* end) { return g_str_has_suffix(url.c_str(), end); };
    const bool rtsp = url.rfind("rtsp", 0) == 0;
    const bool player = rtsp || endsWith(".m3u8") || endsWith(".mpd") || endsWith("/flv");
    std::printf("%s %s in a %s.\n", rtsp ? "Watch" : "Open", url.c_str(),
                player ? "player" : "browser");
}

/// " H.264 1280x720 25 fps"; a camera need not say all of it.
std::string pictureOf(const GstStructure* s) {
    const char* encoding = gst_structure_get_string(s, "encoding");
    std::string text = encoding && *encoding ? std::string(" ") + encoding : "";
    if (text == " H264" || text == " H265")
        text.insert(2, ".");
    int width = 0, height = 0;
    double rate = 0;
    if (gst_structure_get_int(s, "width", &width) && width > 0 &&
        gst_structure_get_int(s, "height", &height))
        text += " " + std::to_string(width) + "x" + std::to_string(height);
    if (gst_structure_get_double(s, "framerate", &rate) && rate > 0) {
        char number[32];
        std::snprintf(number, sizeof number, " %.3g fps", rate);
        text += number;
    }
    return text;
}

/// Once per loss: the tries that fail after it say nothing new.
void sayOffline(GstMessage* message, const GstStructure* s) {
    guint attempt = 0;
    if (gst_structure_get_uint(s, "attempt", &attempt) && attempt == 1)
        std::printf("%s: %s; trying again until it is back.\n", GST_MESSAGE_SRC_NAME(message),
                    gst_structure_get_string(s, "reason"));
}

} // namespace

/// A camera without a part that a launch file would take; GStreamer says "Delayed linking failed."
/// for each branch.
void Narration::sayMissing(GstMessage* message, const std::string& debug) {
    const bool sound = debug.find("audio") != std::string::npos;
    if (sound && (hasLinkedSound(message) || std::exchange(soundless_, true)))
        return;
    std::printf("%s: %s\n", GST_MESSAGE_SRC_NAME(message),
                sound ? "it sends no sound."
                      : "it sends nothing in the format that this launch file takes. Another "
                        "PROFILE, or another launch file, may do.");
}

/// A delayed link is told by a warning or an info, whose details name the pads.
bool Narration::saysMissing(GstMessage* message) {
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

/// What it sends is said when it begins and when it has become another.
void Narration::sayCamera(GstMessage* message, const GstStructure* s) {
    const char* name = GST_MESSAGE_SRC_NAME(message);
    if (gst_structure_has_name(s, "onvif-playing")) {
        const std::string picture = pictureOf(s);
        const auto [said, first] = pictures_.try_emplace(name, picture);
        if (first || std::exchange(said->second, picture) != picture)
            std::printf("%s: the camera plays%s.\n", name, picture.c_str());
    } else if (gst_structure_has_name(s, "onvif-offline")) {
        sayOffline(message, s);
    } else if (gst_structure_has_name(s, "onvif-online")) {
        std::printf("%s: the camera is back.\n", name);
    }
}

void Narration::sayElementMessage(GstMessage* message) {
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
    if (gst_structure_has_name(s, "recordsink-opened"))
        std::printf("Recording into %s.\n", gst_structure_get_string(s, "location"));
    gboolean live = FALSE;
    if (gst_structure_has_name(s, "whiplistensrc-publisher") &&
        gst_structure_get_boolean(s, "live", &live))
        std::printf("%s: %s.\n", GST_MESSAGE_SRC_NAME(message),
                    live ? "somebody shares a camera" : "the camera is not shared any more");
    sayBranch(message, s);
    sayCamera(message, s);
}

void Narration::say(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT)
        sayElementMessage(message);
    else if (!saysMissing(message))
        std::printf("%s: %s\n", GST_MESSAGE_SRC_NAME(message), textOf(message).c_str());
}

void sayWhatIsWaitedFor(GstElement* pipeline) {
    const Ref<GstIterator> cameras(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(pipeline), "onvifsrc"));
    const auto say = [](const GValue* item, gpointer) {
        auto* camera = GST_ELEMENT(g_value_get_object(item));
        char* location = nullptr;
        g_object_get(camera, "location", &location, nullptr);
        const Ref<char> owned(location);
        if (location && *location)
            std::printf("%s: waiting for the camera at %s.\n", GST_OBJECT_NAME(camera), location);
        else
            std::printf("%s: looking for cameras in the network.\n", GST_OBJECT_NAME(camera));
    };
    gst_iterator_foreach(cameras.get(), say, nullptr);
}

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

} // namespace pipelines
