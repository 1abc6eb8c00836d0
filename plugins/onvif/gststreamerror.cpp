#include "gststreamerror.hpp"

#include "glue/ref.hpp"
#include "redact.hpp"

namespace onvif {

/// rtspsrc tells of its questions, and not that they were answered.
static bool isKeepAlive(GstMessage* message) {
    gchar* text = nullptr;
    gst_message_parse_progress(message, nullptr, nullptr, &text);
    const glue::Ref<char> owned(text);
    return text && std::string(text).find("GET_PARAMETER") != std::string::npos;
}

Meaning meaningOf(GstMessage* message) {
    const GstMessageType type = GST_MESSAGE_TYPE(message);
    if (type == GST_MESSAGE_PROGRESS && isKeepAlive(message))
        return Meaning::Chatter;
    if (type != GST_MESSAGE_ERROR && type != GST_MESSAGE_WARNING)
        return Meaning::Nothing;
    GError* raw = nullptr;
    gchar* debug = nullptr;
    if (type == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &raw, &debug);
    else
        gst_message_parse_warning(message, &raw, &debug);
    const glue::Ref<GError> error(raw);
    const glue::Ref<char> owned(debug);
    const std::string words = debug ? debug : "";
    if (type == GST_MESSAGE_ERROR)
        return error->domain == GST_RESOURCE_ERROR ? Meaning::Broken : Meaning::Refused;
    if (error->domain != GST_RESOURCE_ERROR ||
        words.find("Retrying using a tcp connection") != std::string::npos)
        return Meaning::Nothing; // no UDP came through, which a user may want to know
    return words.find("closed the connection") != std::string::npos ? Meaning::Closed
                                                                    : Meaning::Chatter;
}

base::Error refusedAt(const std::string& where, const std::string& details) {
    return {base::ErrorKind::NotAuthorized,
            "The camera refused the user name or password for its stream at " + where +
                ": check user-id and user-pw, and that this user may watch.",
            details};
}

base::Error unlinked(const std::string& pads) {
    return {base::ErrorKind::Settings, "Nothing takes the camera's streams, which are: " + pads +
                                           ". Link one of these pads to an element that takes it."};
}

base::Error notTaken(const std::string& pad, const std::string& encoding) {
    return {base::ErrorKind::Settings,
            "What is linked to " + pad + " does not take " + encoding +
                ", which the camera sends: link decodebin, or set the camera back."};
}

base::Error sentAway(const std::string& where, const std::string& elsewhere) {
    return {base::ErrorKind::Settings,
            "The camera at " + where + " sends us to " + elsewhere +
                " for its stream, where nothing was allowed to go: set location to that camera."};
}

base::Error notBack(unsigned tries, const base::Error& reason) {
    return {reason.kind(),
            "The camera did not come back in " + std::to_string(tries) +
                " tries, which is max-reconnects: " + reason.what(),
            reason.details()};
}

base::Error explain(GstMessage* message, const std::string& where) {
    GError* raw = nullptr;
    gchar* debug = nullptr;
    gst_message_parse_error(message, &raw, &debug);
    const glue::Ref<GError> error(raw);
    const glue::Ref<char> debugText(debug);
    const std::string words = redacted(error->message);
    const std::string details = words + (debug ? "\n" + redacted(debug) : "");
    using base::ErrorKind;

    if (error->domain == GST_RESOURCE_ERROR) {
        switch (error->code) {
        case GST_RESOURCE_ERROR_NOT_AUTHORIZED:
            return refusedAt(where, details);
        case GST_RESOURCE_ERROR_NOT_FOUND:
            return {ErrorKind::NotFound,
                    "The camera does not have the stream that it named at " + where +
                        ": choose another profile, or restart the camera.",
                    details};
        case GST_RESOURCE_ERROR_OPEN_READ:
        case GST_RESOURCE_ERROR_OPEN_WRITE:
        case GST_RESOURCE_ERROR_OPEN_READ_WRITE:
            return {ErrorKind::Unreachable,
                    "Cannot open the camera's stream at " + where +
                        ": check that this port is reachable, or try other protocols.",
                    details};
        case GST_RESOURCE_ERROR_SETTINGS:
            return {ErrorKind::Settings,
                    "The camera at " + where +
                        " does not stream over these protocols: try protocols=tcp.",
                    details};
        default:
            break;
        }
        return {ErrorKind::Unreachable,
                "The stream of the camera at " + where +
                    " broke: check the network and the camera.",
                details};
    }
    return {ErrorKind::Failed, "The stream of the camera at " + where + " failed: " + words,
            details};
}

} // namespace onvif
