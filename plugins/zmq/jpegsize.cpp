#include "zmq/jpegsize.hpp"

#include <cstddef>

namespace imagezmq {

namespace {

int byteAt(std::string_view file, std::size_t at) { return static_cast<unsigned char>(file[at]); }
int wordAt(std::string_view file, std::size_t at) {
    return byteAt(file, at) << 8 | byteAt(file, at + 1);
}

/// SOF0 to SOF15; the three among their numbers that are something else are left out.
bool startsFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

} // namespace

std::optional<JpegSize> jpegSize(std::string_view file) {
    if (file.substr(0, 3) != "\xff\xd8\xff")
        return {};
    constexpr int startOfScan = 0xda;
    for (std::size_t at = 2; at + 9 <= file.size();) {
        if (byteAt(file, at) != 0xff)
            return {};
        const int marker = byteAt(file, at + 1);
        if (marker == 0xff) { // a marker may be preceded by any number of these
            at++;
            continue;
        }
        if (startsFrame(marker)) {
            const JpegSize size{wordAt(file, at + 7), wordAt(file, at + 5)};
            return size.width && size.height ? std::optional(size) : std::nullopt;
        }
        if (marker == startOfScan)
            return {};
        at += 2 + static_cast<std::size_t>(wordAt(file, at + 2));
    }
    return {};
}

} // namespace imagezmq
