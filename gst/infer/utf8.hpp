#pragma once

#include <cstdint>
#include <string_view>

namespace infer {

/// Whether the text is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. Names are drawn
/// and sent on, and Pango, GLib and JSON all want it so.
inline bool isUtf8(std::string_view text) {
    static constexpr std::uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        const std::size_t length = lead < 0x80       ? 1
                                   : lead >> 5 == 6  ? 2
                                   : lead >> 4 == 14 ? 3
                                   : lead >> 3 == 30 ? 4
                                                     : 0;
        if (length == 0 || i + length > text.size())
            return false;
        std::uint32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
        for (std::size_t k = 1; k < length; k++) {
            const auto byte = static_cast<std::uint8_t>(text[i + k]);
            if (byte >> 6 != 2)
                return false;
            code = code << 6 | (byte & 0x3F);
        }
        if (code < lowest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        i += length;
    }
    return true;
}

} // namespace infer
