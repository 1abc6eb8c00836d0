#include "web/segmentnames.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace web {

std::optional<std::uint64_t> numberIn(const std::string& name, const std::string& before,
                                      const std::string& after) {
    if (name.size() <= before.size() + after.size() || name.size() > 40 ||
        name.compare(0, before.size(), before) != 0 ||
        name.compare(name.size() - after.size(), after.size(), after) != 0)
        return std::nullopt;
    const std::string digits =
        name.substr(before.size(), name.size() - before.size() - after.size());
    if (digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::strtoull(digits.c_str(), nullptr, 10);
}

std::optional<PartName> partIn(const std::string& path) {
    const auto slash = path.find('/'), dot = path.find('.', slash == std::string::npos ? 0 : slash);
    if (slash == std::string::npos || dot == std::string::npos)
        return std::nullopt;
    const auto segment = numberIn(path.substr(slash + 1, dot - slash), "", ".");
    const auto index = numberIn(path.substr(dot + 1), "", ".m4s");
    if (!segment || !index)
        return std::nullopt;
    return PartName{path.substr(0, slash), *segment, *index};
}

std::string playlistIn(const std::string& path) {
    constexpr std::string_view ending = ".m3u8";
    const bool is = path.size() > ending.size() &&
                    path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
    return is ? path.substr(0, path.size() - ending.size()) : "";
}

std::optional<std::uint64_t> numberOf(const std::string& query, const std::string& name) {
    for (std::size_t at = 0; at < query.size();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        if (const auto number = numberIn(query.substr(at, end - at), name + "=", ""))
            return number;
        at = end + 1;
    }
    return std::nullopt;
}

} // namespace web
