#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace web {

/// Whole segments under AES-128 in CBC with PKCS #7 padding (RFC 8216, 5.2).
class SegmentCipher {
public:
    using Key = std::array<unsigned char, 16>;
    SegmentCipher(); ///< a new random key
    explicit SegmentCipher(const Key& key) : key_(key) {}

    std::string key() const { return {key_.begin(), key_.end()}; }
    /// The initialisation vector is the segment's number. Throws base::Error (Failed).
    std::string encrypted(std::string segment, std::uint64_t number) const;

private:
    Key key_;
};

} // namespace web
