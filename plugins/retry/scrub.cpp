#include "scrub.hpp"

#include <algorithm>
#include <string_view>

namespace retry {
namespace {

constexpr std::string_view mark = "://";
/// What ends an address in running text.
constexpr std::string_view ends = " \t\r\n\"'<>(){},;";

/// "anna:pw@host:1935/live/key" -> "host:1935"
std::string_view hostOf(std::string_view rest) {
    rest = rest.substr(0, rest.find_first_of("/?#"));
    const auto at = rest.rfind('@');
    return at == std::string_view::npos ? rest : rest.substr(at + 1);
}

} // namespace

std::string withoutSecrets(const std::string& text) {
    std::string clean;
    const std::string_view all = text;
    std::size_t from = 0;
    for (;;) {
        const auto found = all.find(mark, from);
        if (found == std::string_view::npos)
            return clean.append(all.substr(from));
        const auto begin = found + mark.size();
        const auto end = std::min(all.find_first_of(ends, begin), all.size());
        clean.append(all.substr(from, begin - from));
        clean.append(hostOf(all.substr(begin, end - begin)));
        from = end;
    }
}

std::string withSources(const std::string& branch, unsigned inputs) {
    std::string line;
    for (unsigned i = 0; i < inputs; i++)
        line += "appsrc name=in" + std::to_string(i) + " ";
    const bool named = branch.find("in0.") != std::string::npos;
    return line + (named ? "" : "in0. ! ") + branch;
}

} // namespace retry
