#include "gstloss.hpp"

#include "glue/ref.hpp"
#include "scrub.hpp"

#include <gst/app/gstappsrc.h>

#include <cstring>

namespace retry {
namespace {

using glue::Ref;

/// "http://camera:8080", where the branch gives elements of this kind one address.
std::string peerOf(GstObject* source, const std::string& branch) {
    GstElementFactory* factory =
        GST_IS_ELEMENT(source) ? gst_element_get_factory(GST_ELEMENT(source)) : nullptr;
    std::string peer;
    for (const Address& address : addressesOf(branch))
        if (factory && address.element == GST_OBJECT_NAME(factory))
            peer = withoutSecrets(address.value);
    return peer.empty() ? "the peer" : peer;
}

bool isBare(const GError* error) {
    const Ref<char> generic(gst_error_get_message(error->domain, error->code));
    return generic && std::string(error->message) == generic.get();
}

bool opens(const GError* error) {
    return error->domain == GST_RESOURCE_ERROR &&
           (error->code == GST_RESOURCE_ERROR_OPEN_READ ||
            error->code == GST_RESOURCE_ERROR_OPEN_WRITE ||
            error->code == GST_RESOURCE_ERROR_OPEN_READ_WRITE);
}

bool isUnreadable(const GError* error) {
    return error->domain == GST_STREAM_ERROR &&
           (error->code == GST_STREAM_ERROR_DEMUX || error->code == GST_STREAM_ERROR_WRONG_TYPE ||
            error->code == GST_STREAM_ERROR_TYPE_NOT_FOUND);
}

/// A source whose data nobody takes, or that has none, says why only in its details.
bool stoppedFor(const char* reason, const char* details) {
    return details && std::strstr(details, reason);
}

/// The reason that is in the last line of the details, as " (…)".
std::string lastLineOf(const char* details) {
    const char* lineBreak = details ? std::strrchr(details, '\n') : nullptr;
    return lineBreak ? " (" + withoutSecrets(lineBreak + 1) + ")" : "";
}

std::string meaningOf(GstMessage* message, const GError* error, const char* details,
                      const std::string& branch) {
    const std::string peer = peerOf(GST_MESSAGE_SRC(message), branch);
    if (stoppedFor("reason not-negotiated", details) && GST_IS_APP_SRC(GST_MESSAGE_SRC(message)))
        return "this branch cannot take what it is given; check the formats of its elements";
    if (stoppedFor("reason not-negotiated", details) || isUnreadable(error))
        return "what comes is nothing that this branch can read; check the address";
    // souphttpsrc keeps the reason to itself
    if (stoppedFor("reason error", details) || (opens(error) && isBare(error)))
        return peer + " cannot be reached; check the address, and that it is switched on";
    return std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + withoutSecrets(error->message) +
           (isBare(error) ? lastLineOf(details) : "");
}

} // namespace

Loss lossOf(GstMessage* message, const std::string& branch) {
    GError* parsed = nullptr;
    char* debug = nullptr;
    gst_message_parse_error(message, &parsed, &debug);
    const Ref<GError> error(parsed);
    const Ref<char> details(debug);
    const bool refused =
        g_error_matches(parsed, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
    const bool missing = g_error_matches(parsed, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
    return {meaningOf(message, parsed, debug, branch),
            refused || missing || parsed->domain != GST_RESOURCE_ERROR, refused};
}

} // namespace retry
