#pragma once

#include <string>

namespace infer {

/// Where a network runs: "cpu", or another by the word that its library has for it, with the number
/// of the one to take where a machine has several: "cuda:1".
struct Device {
    std::string name = "cpu";
    int number = 0;

    bool cpu() const { return name == "cpu"; }
    /// " on device=cuda:1", and nothing for the processor: for messages.
    std::string on() const;
    std::string text() const;
    /// Empty is the processor. Throws base::Error Settings for what is no name of a device.
    static Device parse(const std::string& text);
};

} // namespace infer
