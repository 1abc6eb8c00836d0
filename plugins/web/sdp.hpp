#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace web {

/// One "m=" section of a session description, or the lines before the first one.
struct SdpSection {
    std::string media;              ///< "video 9 UDP/TLS/RTP/SAVPF 98 99"; empty for the session's
    std::vector<std::string> lines; ///< the lines after "m=", as they came, without line ends

    /// What follows "a=NAME:" in the first such line; empty text for a bare "a=NAME".
    std::optional<std::string> attribute(std::string_view name) const;
    /// The same of every such line.
    std::vector<std::string> attributes(std::string_view name) const;
    bool has(std::string_view name) const { return attribute(name).has_value(); }
    void add(std::string line) { lines.push_back(std::move(line)); }
    /// Takes out every "a=NAME" and "a=NAME:…" line.
    void remove(std::string_view name);
};

/// A session description (RFC 8866) as text lines, checked for size and shape, not for meaning.
struct Sdp {
    static constexpr std::size_t maxBytes = 64 * 1024;
    static constexpr std::size_t maxLine = 2048;
    static constexpr std::size_t maxLines = 2000;
    static constexpr std::size_t maxSections = 16;

    SdpSection session;
    std::vector<SdpSection> medias;

    /// Throws base::Error (BadData) when `text` is not a session description or passes a limit.
    static Sdp parse(std::string_view text);
    std::string text() const;
};

/// The parts of `text` between runs of `separator`.
std::vector<std::string> words(std::string_view text, char separator = ' ');

/// A number in low..high written in nothing but decimal digits.
std::optional<long> decimal(std::string_view text, long low, long high);

/// 1..limit characters of a token (RFC 8866 section 9: no space, no separators that SDP uses).
bool isToken(std::string_view text, std::size_t limit);

bool equalsIgnoringCase(std::string_view a, std::string_view b);

} // namespace web
