#pragma once

#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace camera {

/// Something that real cameras do wrong and that this one can be made to do too.
struct IllKind {
    enum class Value { None, Number, Text, Optional };

    const char* name;
    Value value;
    const char* placeholder; ///< of the value, as the help shows it; empty for None
    const char* meaning;     ///< a phrase for the help
};

/// All there are, in the order in which the help lists them (illkinds.cpp: a new ill is one row).
const std::vector<IllKind>& illKinds();

/// "NAME" or "NAME=VALUE", taken apart.
std::pair<std::string, std::string> illFromText(const std::string& text);

/// The ills that the camera suffers from now. They come and go while it runs; any thread may ask
/// and tell.
class Ills {
public:
    Ills() = default;
    /// Throws base::Error(Settings) as set() does.
    explicit Ills(const std::map<std::string, std::string>& names);
    Ills(std::initializer_list<std::pair<const std::string, std::string>> names)
        : Ills(std::map<std::string, std::string>(names)) {}

    /// Throws base::Error(Settings) for an unknown name (the message lists the known ones) and for
    /// a value that this ill does not take.
    void set(const std::string& name, const std::string& value = {});
    /// Throws base::Error(Settings) for an unknown name; no harm when the camera is free of it.
    void clear(const std::string& name);

    /// A name that no row has is a programmer's mistake: std::logic_error.
    bool has(const std::string& name) const;
    /// Empty when the camera is free of it.
    std::string value(const std::string& name) const;
    long number(const std::string& name, long otherwise = 0) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string> on_;
};

} // namespace camera
