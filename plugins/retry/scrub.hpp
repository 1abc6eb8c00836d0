#pragma once

#include <string>
#include <vector>

namespace retry {

/// What an element said of an address, fit for a log: of "rtmp://anna:pw@host:1935/live/key" only
/// "rtmp://host:1935" is left. Stream keys are passwords too, and stand in the path.
std::string withoutSecrets(const std::string& text);

/// What an element of a branch is given for a location or uri.
struct Address {
    std::string element, value;
};
std::vector<Address> addressesOf(const std::string& branch);

/// A branch in gst-launch's words with the appsrc "in0", "in1", … of `inputs` inputs before it. A
/// branch that does not name "in0." begins with it.
std::string withSources(const std::string& branch, unsigned inputs);

/// How many of the outputs "out0.", "out1.", … a branch names, one after the other; 1 where it
/// names none, for then its end is the first.
unsigned outputsOf(const std::string& branch);
/// A branch with an appsink for each of these outputs.
std::string withSinks(const std::string& branch);

} // namespace retry
