#pragma once

#include "base/error.hpp"

#include <gst/gst.h>

namespace onvif {

/// What a message from inside the element is about.
enum class Meaning {
    Nothing, ///< of interest to us: it goes on its way
    Chatter, ///< a warning that tells no user anything
    Closed,  ///< the camera closed the connection; rtspsrc only warns, and then ends the stream
    Broken,  ///< the camera, or the way to it
    Refused, ///< what is downstream
};
Meaning meaningOf(GstMessage* message);

/// The camera does not take the user name or password for its stream at "host:port".
base::Error refusedAt(const std::string& where, const std::string& details = {});

/// What an error message of rtspsrc or of something inside it means to a user, `where` being the
/// stream's "host:port". Without the secrets that their debug texts can hold.
base::Error explain(GstMessage* error, const std::string& where);

} // namespace onvif
