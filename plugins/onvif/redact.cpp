#include "redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace onvif {

namespace {

constexpr std::string_view mask = "***";
constexpr std::size_t maxAddress = 2048; ///< keeps the search linear in what a device makes up
constexpr std::string_view addressEnd = " \t\r\n\"'<>";

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

template <std::size_t N>
bool oneOf(const std::string& word, const std::array<std::string_view, N>& set) {
    return std::find(set.begin(), set.end(), word) != set.end();
}

/// The text of <any:Password …>here</…> and its like.
std::string withoutElements(std::string_view text) {
    constexpr std::array<std::string_view, 4> secret = {"password", "nonce", "created", "username"};
    std::string out;
    while (!text.empty()) {
        const auto close = text.find('>');
        const auto tagEnd = close == std::string_view::npos ? text.size() : close + 1;
        const auto open = text.substr(0, tagEnd).rfind('<');
        out += text.substr(0, tagEnd);
        std::string_view tag = open < tagEnd ? text.substr(open + 1, tagEnd - open - 1) : "";
        text.remove_prefix(tagEnd);
        tag = tag.substr(0, tag.find_first_of(" \t\r\n/>"));
        if (const auto colon = tag.rfind(':'); colon != std::string_view::npos)
            tag.remove_prefix(colon + 1);
        if (!oneOf(lower(tag), secret))
            continue;
        text.remove_prefix(std::min(text.find('<'), text.size()));
        out += mask;
    }
    return out;
}

/// scheme://user:password@host
std::string withoutUsers(std::string_view text) {
    std::string out;
    for (auto mark = text.find("://"); mark != std::string_view::npos; mark = text.find("://")) {
        out += text.substr(0, mark + 3);
        text.remove_prefix(mark + 3);
        std::string_view address = text.substr(0, maxAddress);
        address = address.substr(0, address.find_first_of(addressEnd));
        if (const auto at = address.rfind('@'); at != std::string_view::npos) {
            out += mask;
            text.remove_prefix(at);
        }
    }
    return out += text;
}

/// password=…, also as "user=a_password=b" in the path of some.
std::string withoutParameters(std::string_view text) {
    constexpr std::array<std::string_view, 9> secret = {
        "user", "username", "usr", "password", "passwd", "pwd", "pass", "pw", "loginpas"};
    std::string out;
    while (!text.empty()) {
        const auto equals = text.find('=');
        if (equals == std::string_view::npos)
            break;
        std::size_t start = equals;
        while (start > 0 && std::isalnum(static_cast<unsigned char>(text[start - 1])))
            start--;
        const std::string word = lower(text.substr(start, equals - start));
        out += text.substr(0, equals + 1);
        text.remove_prefix(equals + 1);
        if (!oneOf(word, secret))
            continue;
        text.remove_prefix(std::min(text.find_first_of("&; \t\r\n\"'<>,"), text.size()));
        out += mask;
    }
    return out += text;
}

} // namespace

std::string redacted(std::string_view text) {
    return withoutParameters(withoutUsers(withoutElements(text)));
}

} // namespace onvif
