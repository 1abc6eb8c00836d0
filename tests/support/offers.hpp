#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace support {

/// A recorded offer, with the line ends of the wire: "chromium" and "firefox" ask for video, audio
/// and a data channel, "chromium-publish" and "firefox-publish" send video and audio.
inline std::string recordedOffer(const std::string& name) {
    const char* source = std::getenv("VIDEO_STREAM_SOURCE_DIR");
    std::ifstream file(std::string(source ? source : ".") + "/tests/support/offers/" + name +
                           ".sdp",
                       std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty())
        throw std::runtime_error("no recorded offer " + name);
    std::string wire;
    for (const char c : text)
        if (c == '\n')
            wire += "\r\n";
        else if (c != '\r')
            wire += c;
    return wire;
}

/// `text` with the first `what` replaced; throws when it is not there, so that no test goes blind.
inline std::string with(std::string text, const std::string& what, const std::string& other) {
    const auto at = text.find(what);
    if (at == std::string::npos)
        throw std::runtime_error("not in the text: " + what);
    return text.replace(at, what.size(), other);
}

/// The same for all of them.
inline std::string withAll(std::string text, const std::string& what, const std::string& other) {
    for (auto at = text.find(what); at != std::string::npos;
         at = text.find(what, at + other.size()))
        text.replace(at, what.size(), other);
    return text;
}

} // namespace support
