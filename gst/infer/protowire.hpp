#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string_view>

namespace infer {

/// Walks the fields of one protobuf message (the wire format of
/// protobuf.dev/programming-guides/encoding) and never leaves its bytes. Malformed ones throw
/// base::Error BadData.
class ProtoWire {
public:
    explicit ProtoWire(std::string_view message) : rest_(message) {}

    /// Steps to the next field; false at the end of the message.
    bool next() {
        if (rest_.empty())
            return false;
        const char* const start = rest_.data();
        const std::uint64_t key = varint();
        field_ = key >> 3;
        value_ = 0;
        bytes_ = {};
        packed_ = (key & 7) == 2;
        switch (key & 7) {
        case 0:
            value_ = varint();
            break;
        case 1:
            bytes_ = take(8);
            break;
        case 2:
            bytes_ = take(varint());
            break;
        case 5:
            bytes_ = take(4);
            break;
        default:
            fail(); // groups have been out of use since before ONNX
        }
        if (field_ == 0)
            fail();
        whole_ = {start, static_cast<std::size_t>(rest_.data() - start)};
        return true;
    }

    std::uint64_t field() const { return field_; }
    /// Of a varint field, else 0.
    std::uint64_t value() const { return value_; }
    /// Of a string, message, packed or fixed-size field, else empty.
    std::string_view bytes() const { return bytes_; }

    /// Of a string, message or packed field, be it empty; the same list of numbers may come packed
    /// or one by one.
    bool packed() const { return packed_; }

    /// The field as it stands in the message, key and all.
    std::string_view whole() const { return whole_; }

    /// Reads a bare varint: what packed fields are made of.
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(take(1)[0]);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (!(byte & 0x80))
                return value;
        }
        fail();
    }

    bool atEnd() const { return rest_.empty(); }

private:
    std::string_view take(std::uint64_t count) {
        if (count > rest_.size())
            fail();
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    [[noreturn]] static void fail() {
        throw base::Error(base::ErrorKind::BadData, "malformed or cut short");
    }

    std::string_view rest_;
    std::uint64_t field_ = 0;
    std::uint64_t value_ = 0;
    bool packed_ = false;
    std::string_view bytes_;
    std::string_view whole_;
};

} // namespace infer
