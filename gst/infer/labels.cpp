#include "infer/labels.hpp"

#include "base/error.hpp"
#include "infer/utf8.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t maxNames = 65536; // ImageNet-21k has 21843
constexpr std::size_t maxNameBytes = 256;
constexpr std::size_t maxFileBytes = std::size_t{4} << 20; // of a label file

std::string trimmed(std::string_view line) {
    const char* blank = " \t\r";
    const auto first = line.find_first_not_of(blank);
    if (first == line.npos)
        return {};
    return std::string(line.substr(first, line.find_last_not_of(blank) - first + 1));
}

/// Names are drawn, put in C strings and sent on.
bool isName(std::string_view text) {
    return text.size() <= maxNameBytes && isUtf8(text) && text.find('\0') == text.npos;
}

/// The part of Python's literals that a list of names is written in.
class PythonNames {
public:
    explicit PythonNames(std::string_view text) : text_(text) {}

    std::vector<std::string> read() {
        const char open = next();
        if (open != '{' && open != '[')
            return {};
        const char close = open == '{' ? '}' : ']';
        std::vector<std::string> names;
        while (peek() != close) {
            const auto index = open == '{' ? key() : names.size();
            const auto name = index && *index < maxNames ? string() : std::nullopt;
            if (!name)
                return {};
            if (names.size() <= *index)
                names.resize(*index + 1);
            names[*index] = *name;
            if (peek() == ',')
                next();
            else if (peek() != close)
                return {};
        }
        return names;
    }

private:
    char peek() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
            at_++;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    char next() {
        const char c = peek();
        at_ += c != '\0';
        return c;
    }

    /// `3:` or `'3':`
    std::optional<std::size_t> key() {
        std::size_t value = 0, digits = 0;
        const char quote = peek() == '\'' || peek() == '"' ? next() : '\0';
        for (; std::isdigit(static_cast<unsigned char>(peek())) && digits < 7; digits++)
            value = value * 10 + static_cast<std::size_t>(next() - '0');
        if (digits == 0 || (quote && next() != quote) || next() != ':')
            return std::nullopt;
        return value;
    }

    /// 'it' or "it's", with the escapes that Python's repr() writes.
    std::optional<std::string> string() {
        const char quote = next();
        if (quote != '\'' && quote != '"')
            return std::nullopt;
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote && value.size() <= maxNameBytes) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
                at_++;
            value += text_[at_++];
        }
        if (at_ >= text_.size() || text_[at_] != quote || !isName(value))
            return std::nullopt;
        at_++;
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::vector<std::string> readLabels(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (file.is_open()) {
        // Asked for what it holds and not for its size: a pipe has none, and /dev/zero no end.
        text.resize(maxFileBytes + 1);
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad())
        throw Error(ErrorKind::NotFound, "The label file " + path +
                                             " cannot be read; it should be a "
                                             "text file with one name per line.");
    if (text.size() > maxFileBytes)
        throw Error(ErrorKind::BadData, path + " is too large to be a label file: give a UTF-8 "
                                               "text file with one name per line.");
    return parseLabels(text, path);
}

std::vector<std::string> parseLabels(std::string_view text, const std::string& path) {
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    if (text.substr(0, byteOrderMark.size()) == byteOrderMark)
        text.remove_prefix(byteOrderMark.size());
    std::vector<std::string> names;
    std::size_t used = 0; // up to the last line that is not empty
    while (!text.empty() && names.size() < maxNames) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        names.push_back(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!isName(names.back()))
            throw Error(ErrorKind::BadData,
                        path + " is not a label file: line " + std::to_string(names.size()) +
                            " is not a name. Give a UTF-8 text file with one name per line.");
        if (!names.back().empty())
            used = names.size();
    }
    if (used == 0)
        throw Error(ErrorKind::BadData, "The label file " + path +
                                            " holds no names; it should have "
                                            "one per line.");
    names.resize(used);
    return names;
}

std::vector<std::string> parseNames(std::string_view python) { return PythonNames(python).read(); }

} // namespace infer
