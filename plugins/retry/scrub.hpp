#pragma once

#include <string>

namespace retry {

/// What an element said of an address, fit for a log: of "rtmp://anna:pw@host:1935/live/key" only
/// "rtmp://host:1935" is left. Stream keys are passwords too, and stand in the path.
std::string withoutSecrets(const std::string& text);

/// A branch in gst-launch's words with the appsrc "in0", "in1", … of `inputs` inputs before it. A
/// branch that does not name "in0." begins with it.
std::string withSources(const std::string& branch, unsigned inputs);

} // namespace retry
