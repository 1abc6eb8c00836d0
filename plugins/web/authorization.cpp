#include "web/authorization.hpp"

#include "web/sdp.hpp"

#include <glib.h>

#include <algorithm>
#include <memory>

namespace web {
namespace {

constexpr std::size_t longest = 4096;

bool isPlain(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == text.npos)
        return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::optional<Claim> readBasic(const std::string& base64) {
    gsize size = 0;
    const std::unique_ptr<guchar, decltype(&g_free)> bytes(g_base64_decode(base64.c_str(), &size),
                                                           g_free);
    const std::string text(reinterpret_cast<const char*>(bytes.get()), size);
    const auto colon = text.find(':');
    if (colon == text.npos || !isPlain(text))
        return std::nullopt;
    return Claim{false, text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<std::string> decoded(std::string_view text) {
    const std::unique_ptr<char, decltype(&g_free)> plain(
        g_uri_unescape_segment(text.data(), text.data() + text.size(), nullptr), g_free);
    return plain ? std::optional<std::string>(plain.get()) : std::nullopt;
}

} // namespace

std::optional<Claim> readAuthorization(std::string_view header) {
    if (header.size() > longest || !isPlain(header))
        return std::nullopt;
    header = trimmed(header);
    const auto space = header.find(' ');
    if (space == header.npos)
        return std::nullopt;
    const std::string_view scheme = header.substr(0, space);
    const std::string rest(trimmed(header.substr(space)));
    if (rest.empty() || rest.find(' ') != rest.npos)
        return std::nullopt;
    if (equalsIgnoringCase(scheme, "Bearer"))
        return Claim{true, "", rest};
    return equalsIgnoringCase(scheme, "Basic") ? readBasic(rest) : std::nullopt;
}

std::string cookieIn(std::string_view header, std::string_view name) {
    if (header.size() > longest)
        return {};
    while (!header.empty()) {
        const auto end = std::min(header.find(';'), header.size());
        const std::string_view pair = trimmed(header.substr(0, end));
        const auto equals = pair.find('=');
        if (equals != pair.npos && pair.substr(0, equals) == name)
            return std::string(pair.substr(equals + 1));
        header.remove_prefix(std::min(end + 1, header.size()));
    }
    return {};
}

TokenQuery readTokenQuery(std::string_view query) {
    constexpr std::string_view key = "token=";
    TokenQuery parts;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.substr(0, key.size()) != key) {
            if (!pair.empty())
                (parts.rest += parts.rest.empty() ? "" : "&") += pair;
        } else if (!parts.token) {
            parts.token = decoded(pair.substr(key.size()).substr(0, longest)).value_or("");
        }
    }
    return parts;
}

} // namespace web
