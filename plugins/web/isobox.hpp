#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace web {

/// One box of the ISO base media file format (ISO/IEC 14496-12, section 4.2). Borrows its bytes.
struct IsoBox {
    std::string_view type;  ///< four letters
    std::string_view whole; ///< header and body
    std::string_view body;
};

/// The boxes that `bytes` consists of. Throws base::Error (BadData) when they do not fit in it.
std::vector<IsoBox> isoBoxes(std::string_view bytes);
/// The body of the first box of that type; throws base::Error (BadData) when there is none.
std::string_view isoBody(std::string_view bytes, std::string_view type);
/// Follows a path such as {"moov", "trak", "mdia"}.
std::string_view isoBody(std::string_view bytes, std::initializer_list<std::string_view> path);
std::string isoBox(std::string_view type, std::string_view body);

/// Big-endian numbers at a place; throw base::Error (BadData) beyond the end.
std::uint32_t number8(std::string_view bytes, std::size_t at);
std::uint32_t number16(std::string_view bytes, std::size_t at);
std::uint32_t number32(std::string_view bytes, std::size_t at);
std::uint64_t number64(std::string_view bytes, std::size_t at);
std::string bytes32(std::uint32_t value);
std::string bytes64(std::uint64_t value);

/// Puts the outermost boxes of a file together again that comes in pieces.
class IsoStream {
public:
    /// A box over `maxBytes` is refused: it would have to be held in memory.
    explicit IsoStream(std::size_t maxBytes = 64 << 20) : maxBytes_(maxBytes) {}
    /// The boxes that are complete with this piece, headers included. Throws base::Error (BadData).
    std::vector<std::string> take(const unsigned char* data, std::size_t size);

private:
    std::size_t maxBytes_;
    std::string pending_;
};

} // namespace web
