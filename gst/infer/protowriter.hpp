#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace infer {

// The other direction of ProtoWire: fields of a protobuf message, to be put one after the other.

inline std::string protoVarint(std::uint64_t value) {
    std::string out;
    for (; value > 0x7F; value >>= 7)
        out += static_cast<char>((value & 0x7F) | 0x80);
    return out + static_cast<char>(value);
}

inline std::string protoNumber(std::uint64_t field, std::uint64_t value) {
    return protoVarint(field << 3) + protoVarint(value);
}

inline std::string protoBytes(std::uint64_t field, std::string_view value) {
    return protoVarint(field << 3 | 2) + protoVarint(value.size()) + std::string(value);
}

inline std::string protoFloat(std::uint64_t field, float value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value); // little-endian, as everywhere this is built
    return protoVarint(field << 3 | 5) + bytes;
}

} // namespace infer
