#pragma once

#include <gst/gst.h>

#include <string>

namespace pipelines {

/// What an error or warning message says, in a sentence that a user can act on. Our own elements
/// say all of that themselves. To what GStreamer's say are added the reason that is in their
/// details, without user names and passwords of addresses, and what to do next.
std::string textOf(GstMessage* message);

/// Nothing came before the end was asked for: an error to GStreamer, and none to a user.
bool isOfEmptyStream(GstMessage* message);

/// A peer wants another user or password.
bool isRefusal(GstMessage* error);

/// From now on nothing is said of a complaint of rtspsrc 1.22 that concerns nobody: it takes the
/// number of its segment, which it has once PLAY is answered, for events that are sent before.
void leaveOutHarmless();

} // namespace pipelines
