#pragma once

#include "base/detection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace overlay {

/// Which classes are drawn: a list of names (any case) and numbers parted by commas, "person, 2".
/// An empty list lets all through.
class ClassFilter {
public:
    ClassFilter() = default;
    explicit ClassFilter(std::string_view list);

    bool passes(const base::Detection& object) const;

private:
    std::vector<std::string> names_; ///< case-folded
    std::vector<int> ids_;
};

} // namespace overlay
