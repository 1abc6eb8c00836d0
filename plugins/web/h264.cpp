#include "web/h264.hpp"

namespace web {
namespace {

/// Reads what a slice header begins with. Bytes that hinder start codes do not come so early.
class Bits {
public:
    Bits(const std::uint8_t* data, std::size_t size) : data_(data), size_(size * 8) {}

    /// Exp-Golomb code (section 9.1); all ones past the end.
    std::uint32_t number() {
        unsigned zeros = 0;
        while (at_ < size_ && zeros < 31 && !bit())
            zeros++;
        std::uint32_t value = 1;
        for (unsigned i = 0; i < zeros; i++)
            value = value << 1 | (at_ < size_ ? bit() : 1u);
        return at_ <= size_ ? value - 1 : ~0u;
    }

private:
    unsigned bit() {
        const unsigned value = data_[at_ / 8] >> (7 - at_ % 8) & 1u;
        at_++;
        return value;
    }

    const std::uint8_t* data_;
    std::size_t size_, at_ = 0;
};

constexpr unsigned slice = 1; // of a picture that is no IDR; partitions are not for browsers
constexpr unsigned fragment = 28;

} // namespace

bool beginsBSlice(const RtpPacket& packet) {
    const std::uint8_t* p = packet.payload;
    std::size_t size = packet.payloadSize;
    if (size < 3)
        return false;
    if ((p[0] & 0x1f) == fragment) {
        if (!(p[1] & 0x80))
            return false;
        p++, size--;
    }
    if ((p[0] & 0x1f) != slice)
        return false;
    Bits bits(p + 1, size - 1);
    bits.number(); // first_mb_in_slice
    const std::uint32_t type = bits.number();
    return type == 1 || type == 6;
}

} // namespace web
