#include "settings.hpp"

#include "base/error.hpp"

#include <cstdio>

namespace yolo {

std::pair<int, int> parseSize(const std::string& text) {
    constexpr int least = 32, most = 4096;
    if (text.empty())
        return {0, 0};
    int width = 0, height = 0, used = 0;
    const auto whole = [&](int read, int wanted) {
        return read == wanted && used == static_cast<int>(text.size());
    };
    if (whole(std::sscanf(text.c_str(), "%5d%n", &width, &used), 1))
        height = width;
    else if (!whole(std::sscanf(text.c_str(), "%5dx%5d%n", &width, &height, &used), 2))
        width = 0;
    if (width < least || height < least || width > most || height > most)
        throw base::Error(base::ErrorKind::Settings,
                          "The input size '" + text +
                              "' is none: give pixels such as 640 or 640x384, 32 to 4096 each.");
    return {width, height};
}

} // namespace yolo
