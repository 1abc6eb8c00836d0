#include "launchfile.hpp"

#include "base/error.hpp"

namespace pipelines {

namespace {

std::string withoutComments(std::string_view file) {
    std::string out;
    while (!file.empty()) {
        const auto end = file.find('\n');
        const std::string_view line = file.substr(0, end);
        const auto first = line.find_first_not_of(" \t\r");
        if (first != std::string_view::npos && line[first] != '#')
            out.append(line).append("\n");
        file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
    }
    return out;
}

/// NestedValue: a value in a description that is itself a quoted value.
enum class Place { Piece, Value, QuotedValue, NestedValue };

bool insideQuotes(const std::string& before) {
    bool inside = false;
    for (std::size_t i = 0; i < before.size(); i++)
        if (before[i] == '\\')
            i++;
        else
            inside ^= before[i] == '"';
    return inside;
}

Place placeAfter(const std::string& before) {
    const std::size_t size = before.size();
    if (size >= 2 && before[size - 1] == '"' && before[size - 2] == '=')
        return Place::QuotedValue;
    if (size == 0 || before[size - 1] != '=')
        return Place::Piece;
    return insideQuotes(before) ? Place::NestedValue : Place::Value;
}

std::string escaped(const std::string& value, Place place) {
    if (place == Place::Piece)
        return value;
    if (place == Place::NestedValue && value.empty())
        return "\\\"\\\"";
    if (place == Place::NestedValue) // read twice
        return escaped(escaped(value, Place::Value), Place::QuotedValue);
    const std::string_view special = place == Place::QuotedValue ? "\\\"" : "\\\"'! \t();,";
    std::string out;
    for (const char c : value) {
        if (special.find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

std::string valueOf(std::string_view reference, const Settings& settings) {
    const auto colon = reference.find(":-");
    const std::string name(reference.substr(0, colon));
    const auto set = settings(name);
    if (set && !set->empty())
        return *set;
    if (colon == std::string_view::npos)
        throw base::Error(base::ErrorKind::Settings,
                          "This launch file needs the setting " + name + "; give it as " + name +
                              "=value after the file's name, or in the environment.");
    return std::string(reference.substr(colon + 2));
}

} // namespace

std::string expand(std::string_view file, const Settings& settings) {
    const std::string text = withoutComments(file);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto start = text.find("${", at);
        out.append(text, at, start == std::string::npos ? std::string::npos : start - at);
        if (start == std::string::npos)
            break;
        const auto end = text.find('}', start);
        if (end == std::string::npos)
            throw base::Error(base::ErrorKind::Settings, "The launch file has a ${ without its }.",
                              text.substr(start, 40));
        const std::string reference = text.substr(start + 2, end - start - 2);
        out += escaped(valueOf(reference, settings), placeAfter(out));
        at = end + 1;
    }
    return out;
}

bool uses(std::string_view file, const std::string& name) {
    const std::string text = withoutComments(file);
    return text.find("${" + name + "}") != std::string::npos ||
           text.find("${" + name + ":-") != std::string::npos;
}

} // namespace pipelines
