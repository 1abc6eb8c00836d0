#include "support/control.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace camera {
namespace {

std::string trimmed(const std::string& text) {
    constexpr const char* space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    return first == std::string::npos
               ? std::string()
               : text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string oneLine(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

Control::Control() {
    add("help", [this](const std::string&) { return help(); });
}

void Control::add(const std::string& usage, Handler handler) {
    commands_[usage.substr(0, usage.find(' '))] = {usage, std::move(handler)};
}

std::string Control::run(const std::string& line) const {
    const std::string text = trimmed(line);
    const auto space = text.find_first_of(" \t");
    const auto command = commands_.find(text.substr(0, space));
    if (command == commands_.end())
        return "error There is no such command; say help for those there are.";
    try {
        const std::string arguments =
            space == std::string::npos ? std::string() : trimmed(text.substr(space));
        const std::string answer = command->second.handler(arguments);
        return answer.empty() ? "ok" : "ok " + oneLine(answer);
    } catch (const base::Error& error) {
        return "error " + oneLine(error.what());
    }
}

std::string Control::help() const {
    std::string all;
    for (const auto& [name, command] : commands_)
        all += (all.empty() ? "" : ", ") + command.usage;
    return all;
}

bool onOrOff(const std::string& word) {
    if (word != "on" && word != "off")
        throw base::Error(base::ErrorKind::Settings, "Say on or off.");
    return word == "on";
}

} // namespace camera
