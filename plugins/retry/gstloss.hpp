#pragma once

#include <gst/gst.h>

#include <string>

namespace retry {

/// Why a branch is lost.
struct Loss {
    std::string reason;
    bool answered = false; ///< by a peer that is there: knocking again at once would not help
    bool refused = false;  ///< user or password
};

/// What an error message of an element in `branch` (in gst-launch's words) means, in plain words
/// where the element has none of its own, and without a secret.
Loss lossOf(GstMessage* error, const std::string& branch);

} // namespace retry
