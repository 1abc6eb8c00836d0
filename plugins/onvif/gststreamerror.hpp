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

/// Downstream has linked none of these pads.
base::Error unlinked(const std::string& pads);
/// Downstream has linked something to this pad that cannot take what comes from it now.
base::Error notTaken(const std::string& pad, const std::string& encoding);
/// The camera at "host:port" redirects to another host, where nothing of ours goes.
base::Error sentAway(const std::string& where, const std::string& elsewhere);
/// So many tries in a row have failed, the last of them for `reason`.
base::Error notBack(unsigned tries, const base::Error& reason);

/// What an error message of rtspsrc or of something inside it means to a user, `where` being the
/// stream's "host:port". Without the secrets that their debug texts can hold.
base::Error explain(GstMessage* error, const std::string& where);

} // namespace onvif
