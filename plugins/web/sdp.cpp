#include "web/sdp.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace web {
namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw base::Error(base::ErrorKind::BadData, why);
}

/// The text after "a=name:" or "a=name", when that is what the line is.
std::optional<std::string> valueOf(std::string_view line, std::string_view name) {
    if (line.size() < 2 + name.size() || line.substr(0, 2) != "a=" ||
        line.substr(2, name.size()) != name)
        return std::nullopt;
    const std::string_view rest = line.substr(2 + name.size());
    if (rest.empty())
        return std::string();
    if (rest.front() != ':')
        return std::nullopt;
    return std::string(rest.substr(1));
}

void checkLine(std::string_view line) {
    if (line.size() > Sdp::maxLine)
        refuse("The session description has a line that is too long.");
    if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z')
        refuse("The session description has a line that is not \"x=…\".");
    for (const char c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            refuse("The session description has control characters in it.");
}

} // namespace

std::optional<std::string> SdpSection::attribute(std::string_view name) const {
    for (const std::string& line : lines)
        if (auto value = valueOf(line, name))
            return value;
    return std::nullopt;
}

std::vector<std::string> SdpSection::attributes(std::string_view name) const {
    std::vector<std::string> found;
    for (const std::string& line : lines)
        if (auto value = valueOf(line, name))
            found.push_back(std::move(*value));
    return found;
}

void SdpSection::remove(std::string_view name) {
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [&](const std::string& l) { return valueOf(l, name).has_value(); }),
                lines.end());
}

Sdp Sdp::parse(std::string_view text) {
    if (text.size() > maxBytes)
        refuse("The session description is too large.");
    Sdp sdp;
    std::size_t count = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        if (line.empty())
            continue;
        checkLine(line);
        if (++count > maxLines)
            refuse("The session description has too many lines.");
        if (count == 1 && line != "v=0")
            refuse("The body is not a session description: it does not begin with v=0.");
        if (line[0] == 'm') {
            if (sdp.medias.size() == maxSections)
                refuse("The session description has too many media sections.");
            sdp.medias.push_back({std::string(line.substr(2)), {}});
        } else {
            (sdp.medias.empty() ? sdp.session : sdp.medias.back()).lines.emplace_back(line);
        }
    }
    if (count == 0)
        refuse("The body is empty; a session description was expected.");
    return sdp;
}

std::string Sdp::text() const {
    std::string out;
    const auto append = [&](const SdpSection& section) {
        for (const std::string& line : section.lines)
            out.append(line).append("\r\n");
    };
    append(session);
    for (const SdpSection& section : medias) {
        out.append("m=").append(section.media).append("\r\n");
        append(section);
    }
    return out;
}

std::vector<std::string> words(std::string_view text, char separator) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const auto end = text.find(separator);
        if (end != 0)
            found.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return found;
}

std::optional<long> decimal(std::string_view text, long low, long high) {
    if (text.empty() || text.size() > 10)
        return std::nullopt;
    long value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (value < low || value > high)
        return std::nullopt;
    return value;
}

bool isToken(std::string_view text, std::size_t limit) {
    static constexpr std::string_view others = "!#$%&'*+-.^_`{|}~";
    return !text.empty() && text.size() <= limit &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      others.find(c) != std::string_view::npos;
           });
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace web
