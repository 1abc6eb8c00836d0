#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pipelines {

/// Looks a setting up by name; nothing when it is not set.
using Settings = std::function<std::optional<std::string>(const std::string& name)>;

/// Turns the text of a launch file into a description for gst_parse_launch.
///
/// A line whose first mark is `#` is a comment. `${NAME}` and `${NAME:-default}` are replaced by
/// the setting; an empty setting takes the default, as in a shell. After `=` (quoted or not) a
/// setting is data: characters that mean something to the parser are escaped, so a path with a
/// space or a password with a `!` stays one value. Elsewhere it is a piece of the description, such
/// as a sink.
///
/// Throws base::Error(Settings) that names the setting that is missing or the `${` left open.
std::string expand(std::string_view file, const Settings& settings);

/// Whether the file has a setting of that name: a mistyped one must not go unnoticed.
bool uses(std::string_view file, const std::string& name);

} // namespace pipelines
