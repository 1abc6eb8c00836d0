#include "scrub.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

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

/// Whether the branch speaks of an element by this name: "out0." in "! out0.", not in "layout0.".
bool names(std::string_view branch, const std::string& element) {
    for (auto at = branch.find(element); at != std::string_view::npos;
         at = branch.find(element, at + 1))
        if (at == 0 || std::isspace(static_cast<unsigned char>(branch[at - 1])))
            return true;
    return false;
}

bool isSpace(char c) { return std::isspace(static_cast<unsigned char>(c)); }

/// The words of gst-launch, without the quotes and backslashes that hold them together.
std::vector<std::string> wordsOf(const std::string& branch) {
    std::vector<std::string> words;
    bool quoted = false, inside = false;
    for (std::size_t i = 0; i < branch.size(); i++) {
        if (!quoted && isSpace(branch[i])) {
            inside = false;
            continue;
        }
        if (!std::exchange(inside, true))
            words.emplace_back();
        if (branch[i] == '"')
            quoted = !quoted;
        else if (branch[i] == '\\' && i + 1 < branch.size())
            words.back() += branch[++i];
        else
            words.back() += branch[i];
    }
    return words;
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

std::vector<Address> addressesOf(const std::string& branch) {
    std::vector<Address> found;
    std::string element;
    for (const std::string& word : wordsOf(branch)) {
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (equals == std::string::npos)
            element = word;
        else if (name == "location" || name == "uri")
            found.push_back({element, word.substr(equals + 1)});
    }
    return found;
}

std::string withSources(const std::string& branch, unsigned inputs) {
    std::string line;
    for (unsigned i = 0; i < inputs; i++)
        line += "appsrc name=in" + std::to_string(i) + " ";
    return line + (names(branch, "in0.") ? "" : "in0. ! ") + branch;
}

unsigned outputsOf(const std::string& branch) {
    unsigned count = 0;
    while (names(branch, "out" + std::to_string(count) + "."))
        count++;
    return std::max(count, 1u);
}

std::string withSinks(const std::string& branch) {
    std::string line;
    for (unsigned i = 0; i < outputsOf(branch); i++)
        line += "appsink name=out" + std::to_string(i) + " ";
    return line + branch + (names(branch, "out0.") ? "" : " ! out0.");
}

} // namespace retry
