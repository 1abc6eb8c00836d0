#include "overlay/label.hpp"

#include <glib.h>

namespace overlay {

namespace {

constexpr gunichar replacement = 0xFFFD;
constexpr gunichar zeroWidthNonJoiner = 0x200C;
constexpr gunichar zeroWidthJoiner = 0x200D;

/// The first character of `text`, taken off it.
gunichar takeCharacter(std::string_view& text) {
    if (text.front() == 0) { // which GLib takes for a text cut short
        text.remove_prefix(1);
        return 0;
    }
    const gunichar c = g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
    const bool valid = c != static_cast<gunichar>(-1) && c != static_cast<gunichar>(-2);
    text.remove_prefix(valid ? static_cast<std::size_t>(g_unichar_to_utf8(c, nullptr)) : 1);
    return valid ? c : replacement;
}

bool isBlank(gunichar c) { return g_unichar_isspace(c) || g_unichar_iscntrl(c); }

bool isDropped(gunichar c) {
    return g_unichar_type(c) == G_UNICODE_FORMAT && c != zeroWidthJoiner && c != zeroWidthNonJoiner;
}

} // namespace

std::string printable(std::string_view text, std::size_t maxCharacters) {
    std::string shown;
    bool blankDue = false;
    gunichar previous = 0;
    for (std::size_t n = 0; !text.empty();) {
        const gunichar c = takeCharacter(text);
        if (isDropped(c) || (c == replacement && previous == replacement))
            continue;
        if (isBlank(c)) {
            blankDue = !shown.empty();
            continue;
        }
        if (n + blankDue >= maxCharacters)
            return shown + "…";
        char coded[6];
        const int length = g_unichar_to_utf8(c, coded);
        n += 1 + blankDue;
        shown.append(blankDue ? " " : "").append(coded, static_cast<std::size_t>(length));
        blankDue = false;
        previous = c;
    }
    return shown;
}

} // namespace overlay
