#pragma once

#include "base/error.hpp"

#include <gst/gst.h>

namespace onvif {

/// What an error message of rtspsrc or of something inside it means to a user, `where` being the
/// stream's "host:port". Without the secrets that their debug texts can hold.
base::Error explain(GstMessage* error, const std::string& where);

} // namespace onvif
