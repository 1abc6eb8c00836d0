#include "web/isobox.hpp"

#include "base/error.hpp"

namespace web {
namespace {

[[noreturn]] void bad(const std::string& details) {
    throw base::Error(
        base::ErrorKind::BadData,
        "The muxer's MP4 could not be read: use the mp4mux of GStreamer 1.22 or newer.", details);
}

std::uint64_t numberOf(std::string_view bytes, std::size_t at, std::size_t size) {
    if (at > bytes.size() || bytes.size() - at < size)
        bad("a box is too short");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; i++)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

struct Header {
    std::size_t size = 0; ///< of the header itself
    std::uint64_t whole = 0;
};

/// Nothing while the header is incomplete. A box "to the end of the file" (size 0) has no end here.
Header headerOf(std::string_view bytes) {
    if (bytes.size() < 8)
        return {};
    Header header{8, number32(bytes, 0)};
    if (header.whole == 1) {
        if (bytes.size() < 16)
            return {};
        header = {16, number64(bytes, 8)};
    }
    if (header.whole < header.size)
        bad("a box has no size");
    return header;
}

} // namespace

std::uint32_t number8(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(numberOf(bytes, at, 1));
}
std::uint32_t number16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(numberOf(bytes, at, 2));
}
std::uint32_t number32(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(numberOf(bytes, at, 4));
}
std::uint64_t number64(std::string_view bytes, std::size_t at) { return numberOf(bytes, at, 8); }

std::string bytes32(std::uint32_t value) {
    std::string bytes(4, '\0');
    for (std::size_t i = 0; i < 4; i++)
        bytes[i] = static_cast<char>(value >> (24 - 8 * i));
    return bytes;
}

std::string bytes64(std::uint64_t value) {
    return bytes32(static_cast<std::uint32_t>(value >> 32)) +
           bytes32(static_cast<std::uint32_t>(value));
}

std::vector<IsoBox> isoBoxes(std::string_view bytes) {
    std::vector<IsoBox> boxes;
    while (!bytes.empty()) {
        const Header header = headerOf(bytes);
        if (header.size == 0 || header.whole > bytes.size())
            bad("a box is larger than what holds it");
        const auto whole = bytes.substr(0, static_cast<std::size_t>(header.whole));
        boxes.push_back({whole.substr(4, 4), whole, whole.substr(header.size)});
        bytes.remove_prefix(whole.size());
    }
    return boxes;
}

std::string_view isoBody(std::string_view bytes, std::string_view type) {
    for (const IsoBox& box : isoBoxes(bytes))
        if (box.type == type)
            return box.body;
    bad("there is no " + std::string(type));
}

std::string_view isoBody(std::string_view bytes, std::initializer_list<std::string_view> path) {
    for (const std::string_view type : path)
        bytes = isoBody(bytes, type);
    return bytes;
}

std::string isoBox(std::string_view type, std::string_view body) {
    std::string box = bytes32(static_cast<std::uint32_t>(body.size() + 8));
    box += type;
    box += body;
    return box;
}

std::vector<std::string> IsoStream::take(const unsigned char* data, std::size_t size) {
    pending_.append(reinterpret_cast<const char*>(data), size);
    std::vector<std::string> boxes;
    std::size_t done = 0;
    for (;;) {
        const auto rest = std::string_view(pending_).substr(done);
        const Header header = headerOf(rest);
        if (header.size != 0 && header.whole > maxBytes_)
            throw base::Error(base::ErrorKind::BadData,
                              "A group of pictures is too large to be held in memory: let the "
                              "encoder make key frames more often, or lower its bitrate.");
        if (header.size == 0 || header.whole > rest.size())
            break;
        boxes.emplace_back(rest.substr(0, static_cast<std::size_t>(header.whole)));
        done += boxes.back().size();
    }
    pending_.erase(0, done);
    return boxes;
}

} // namespace web
