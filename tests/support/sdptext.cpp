#include "support/sdptext.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

namespace camera {
namespace {

bool starts(const std::string& text, const std::string& with) {
    return text.compare(0, with.size(), with) == 0;
}

/// Line by line; a line that `change` empties is left out.
std::string changed(const std::string& sdp,
                    const std::function<std::string(const std::string&)>& change) {
    std::istringstream in(sdp);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        const std::string made = change(line);
        if (!made.empty())
            out += made + "\r\n";
    }
    return out;
}

} // namespace

std::string withControlsBelow(const std::string& sdp, const std::string& base) {
    const std::string control = "a=control:";
    return changed(sdp, [&](const std::string& line) {
        if (!starts(line, control) || line.find("://") != std::string::npos)
            return line;
        const std::string relative = line.substr(control.size());
        return control + (relative == "*" ? base : base + "/" + relative);
    });
}

std::string withoutRtpmaps(const std::string& sdp) {
    return changed(sdp, [](const std::string& line) {
        return starts(line, "a=rtpmap:") ? std::string() : line;
    });
}

std::string withRange(const std::string& sdp, const std::string& range) {
    return changed(sdp, [&](const std::string& line) {
        return starts(line, "a=range:") ? "a=range:" + range : line;
    });
}

std::string onHost(const std::string& url, const std::string& host) {
    const auto scheme = url.find("://");
    const auto start = scheme == std::string::npos ? 0 : scheme + 3;
    const auto end = std::min(url.find('/', start), url.size());
    auto port = url.rfind(':', end);
    if (port == std::string::npos || port < start || url.find(']', port) < end)
        port = end;
    return url.substr(0, start) + host + url.substr(port);
}

} // namespace camera
