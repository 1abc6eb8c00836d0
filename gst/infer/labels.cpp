#include "infer/labels.hpp"

#include "base/error.hpp"
#include "infer/utf8.hpp"

#include <cctype>
#include <fstream>
#include <optional>

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t maxNames = 65536; // ImageNet-21k has 21843
constexpr std::size_t maxNameBytes = 256;

std::string trimmed(std::string_view line) {
    const char* blank = " \t\r";
    const auto first = line.find_first_not_of(blank);
    if (first == line.npos)
        return {};
    return std::string(line.substr(first, line.find_last_not_of(blank) - first + 1));
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
        if (at_ >= text_.size() || text_[at_] != quote || !isUtf8(value))
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
    std::string line;
    if (!file.is_open() || (file.peek(), file.bad()))
        throw Error(ErrorKind::NotFound, "The label file " + path +
                                             " cannot be read; it should be a "
                                             "text file with one name per line.");
    std::vector<std::string> names;
    std::size_t used = 0; // up to the last line that is not empty
    while (names.size() < maxNames && std::getline(file, line)) {
        if (names.empty() && line.rfind("\xEF\xBB\xBF", 0) == 0)
            line.erase(0, 3);
        names.push_back(trimmed(line));
        const std::string& name = names.back();
        if (name.size() > maxNameBytes || !isUtf8(name) || name.find('\0') != name.npos)
            throw Error(ErrorKind::BadData,
                        path + " is not a label file: line " + std::to_string(names.size()) +
                            " is not a name. Give a UTF-8 text file with one name per line.");
        if (!name.empty())
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
