#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace overlay {

/// What can be shown of a text that a model file, a device or a network supplied. Bytes that are
/// not UTF-8 become U+FFFD, line breaks and other controls become single blanks, what only steers
/// the writing direction is dropped (an override left open would turn the rest of the label round),
/// and after `maxCharacters` there is an ellipsis. Joiners that Persian and Indic words need are
/// kept.
std::string printable(std::string_view text, std::size_t maxCharacters);

} // namespace overlay
