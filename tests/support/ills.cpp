#include "support/ills.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace camera {
namespace {

constexpr long greatest = 1000000000;

const IllKind* kindOf(const std::string& name) {
    const auto& all = illKinds();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const IllKind& kind) { return name == kind.name; });
    return found == all.end() ? nullptr : &*found;
}

[[noreturn]] void wrong(const std::string& message) {
    throw base::Error(base::ErrorKind::Settings, message);
}

const IllKind& knownKind(const std::string& name) {
    if (const IllKind* kind = kindOf(name))
        return *kind;
    std::string names;
    for (const IllKind& kind : illKinds())
        names += (names.empty() ? "" : ", ") + std::string(kind.name);
    wrong("There is no ill \"" + name + "\". Known are " + names + ".");
}

void checkName(const std::string& name) {
    if (!kindOf(name))
        throw std::logic_error("no ill is called " + name);
}

bool isNumber(const std::string& text) {
    char* end = nullptr;
    const long number = std::strtol(text.c_str(), &end, 10);
    return !text.empty() && !*end && number >= -greatest && number <= greatest;
}

void checkValue(const IllKind& kind, const std::string& value) {
    const std::string name = kind.name;
    if (kind.value == IllKind::Value::None && !value.empty())
        wrong("The ill " + name + " takes no value.");
    if (kind.value == IllKind::Value::Number && !isNumber(value))
        wrong("The ill " + name + " wants a number: " + name + "=" + kind.placeholder + ".");
    if (kind.value == IllKind::Value::Text && value.empty())
        wrong("The ill " + name + " wants a value: " + name + "=" + kind.placeholder + ".");
}

} // namespace

std::pair<std::string, std::string> illFromText(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
        return {text, {}};
    return {text.substr(0, equals), text.substr(equals + 1)};
}

Ills::Ills(const std::map<std::string, std::string>& names) {
    for (const auto& [name, value] : names)
        set(name, value);
}

void Ills::set(const std::string& name, const std::string& value) {
    checkValue(knownKind(name), value);
    const std::lock_guard lock(mutex_);
    on_[name] = value;
}

void Ills::clear(const std::string& name) {
    knownKind(name);
    const std::lock_guard lock(mutex_);
    on_.erase(name);
}

bool Ills::has(const std::string& name) const {
    checkName(name);
    const std::lock_guard lock(mutex_);
    return on_.count(name) > 0;
}

std::string Ills::value(const std::string& name) const {
    checkName(name);
    const std::lock_guard lock(mutex_);
    const auto found = on_.find(name);
    return found == on_.end() ? "" : found->second;
}

long Ills::number(const std::string& name, long otherwise) const {
    const std::string text = value(name);
    return text.empty() ? otherwise : std::strtol(text.c_str(), nullptr, 10);
}

} // namespace camera
