#include "names.hpp"

#include "base/error.hpp"
#include "coconames.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace yolo {
namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool sameName(const std::string& a, const std::string& b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

/// Some names to choose from, not all thousand.
std::string someOf(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 8; i++)
        text += (i ? ", " : "") + names[i];
    return names.size() > 8 ? text + ", …" : text;
}

int classOf(const std::string& word, const std::vector<std::string>& names, int classes) {
    for (std::size_t i = 0; i < names.size(); i++)
        if (sameName(word, names[i]))
            return static_cast<int>(i);
    const bool digits =
        std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    const int id = digits && word.size() < 6 ? std::stoi(word) : -1;
    if (id >= 0 && (classes == 0 || id < classes))
        return id;
    const std::string known = classes > 0 ? "0 to " + std::to_string(classes - 1) : "0 and up";
    throw base::Error(base::ErrorKind::Settings,
                      "The network has no class '" + word + "'; set classes to numbers (" + known +
                          ")" + (names.empty() ? "." : " or names: " + someOf(names) + "."));
}

} // namespace

const std::vector<std::string>& cocoNames() {
    static const std::vector<std::string> names = {COCO_NAMES};
    return names;
}

std::string nameOf(const std::vector<std::string>& names, int classId) {
    const auto i = static_cast<std::size_t>(classId);
    return classId >= 0 && i < names.size() && !names[i].empty()
               ? names[i]
               : "class-" + std::to_string(classId);
}

std::vector<int> parseClasses(const std::string& list, const std::vector<std::string>& names,
                              int classes) {
    std::vector<int> ids;
    std::istringstream words(list);
    for (std::string word; std::getline(words, word, ',');) {
        word = trimmed(word);
        if (!word.empty())
            ids.push_back(classOf(word, names, classes));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

} // namespace yolo
