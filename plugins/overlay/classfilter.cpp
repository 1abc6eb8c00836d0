#include "overlay/classfilter.hpp"

#include <glib.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace overlay {

namespace {

std::string folded(std::string_view text) {
    const std::unique_ptr<char, void (*)(void*)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
    const std::unique_ptr<char, void (*)(void*)> fold(g_utf8_casefold(valid.get(), -1), g_free);
    return fold.get();
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

ClassFilter::ClassFilter(std::string_view list) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view entry = trimmed(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
        if (entry.empty())
            continue;
        int id = 0;
        const auto parsed = std::from_chars(entry.data(), entry.data() + entry.size(), id);
        if (parsed.ec == std::errc() && parsed.ptr == entry.data() + entry.size())
            ids_.push_back(id);
        names_.push_back(folded(entry)); // a class may be named "7"
    }
}

bool ClassFilter::passes(const base::Detection& object) const {
    if (names_.empty())
        return true;
    if (std::find(ids_.begin(), ids_.end(), object.classId) != ids_.end())
        return true;
    return std::find(names_.begin(), names_.end(), folded(object.label)) != names_.end();
}

} // namespace overlay
