#pragma once

#include "base/error.hpp"

#include <gst/gst.h>

#include <exception>
#include <type_traits>
#include <utility>

namespace glue {

/// The GStreamer error code that fits what a core reported.
inline GstResourceError resourceError(base::ErrorKind kind) {
    switch (kind) {
    case base::ErrorKind::Settings:
        return GST_RESOURCE_ERROR_SETTINGS;
    case base::ErrorKind::NotFound:
        return GST_RESOURCE_ERROR_NOT_FOUND;
    case base::ErrorKind::NotAuthorized:
        return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
    case base::ErrorKind::Unreachable:
        return GST_RESOURCE_ERROR_OPEN_READ;
    case base::ErrorKind::Busy:
        return GST_RESOURCE_ERROR_BUSY;
    case base::ErrorKind::BadData:
        return GST_RESOURCE_ERROR_READ;
    case base::ErrorKind::Unsupported:
    case base::ErrorKind::Failed:
        break;
    }
    return GST_RESOURCE_ERROR_FAILED;
}

/// Posts `error` on the bus of `element`: the sentence for the user, the details as debug text.
inline void postError(gpointer element, const base::Error& error) {
    gst_element_message_full(GST_ELEMENT(element), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                             resourceError(error.kind()), g_strdup(error.what()),
                             error.details().empty() ? nullptr : g_strdup(error.details().c_str()),
                             __FILE__, "postError", __LINE__);
}

/// Runs `body`; an exception ends here as an error message on the bus of `element`, and `failure`
/// is returned. Every vfunc that reaches a core goes through it.
template <class Result, class Body>
Result guard(gpointer element, Result failure, Body&& body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (const base::Error& error) {
        postError(element, error);
    } catch (const std::exception& error) {
        postError(element, base::Error(base::ErrorKind::Failed,
                                       "Something unexpected happened; "
                                       "run again with GST_DEBUG=3 and report what it prints.",
                                       error.what()));
    } catch (...) {
        postError(element, base::Error(base::ErrorKind::Failed, "Something unknown was thrown."));
    }
    return failure;
}

} // namespace glue
