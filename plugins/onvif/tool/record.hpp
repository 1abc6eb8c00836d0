#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What a command found out, in the order it was put in; printed for people or as JSON.
class Record {
public:
    using List = std::vector<Record>;
    using Value = std::variant<std::string, double, bool, std::vector<std::string>, List, Record>;

    /// Empty texts, lists and values are left out: a device that does not tell has no field.
    Record& text(const std::string& name, const std::string& value);
    Record& number(const std::string& name, const std::optional<double>& value);
    Record& flag(const std::string& name, const std::optional<bool>& value);
    Record& words(const std::string& name, std::vector<std::string> value);
    Record& records(const std::string& name, List value);
    Record& record(const std::string& name, Record value);

    bool empty() const { return fields_.empty(); }
    /// "name: value" lines; what is inside is indented. Nothing a terminal would obey is in it.
    std::string lines(int indent = 0) const;
    std::string json() const; ///< on one line

    const std::vector<std::pair<std::string, Value>>& fields() const { return fields_; }

private:
    std::vector<std::pair<std::string, Value>> fields_;
};
