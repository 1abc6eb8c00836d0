#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace infer {

/// Reads a label file: one name per line in the network's order, UTF-8. Empty lines at the end do
/// not count; one in the middle keeps its number. Throws base::Error (NotFound, BadData).
std::vector<std::string> readLabels(const std::string& path);

/// The same from what stands in the file; `path` is for errors.
std::vector<std::string> parseLabels(std::string_view text, const std::string& path);

/// The names in the `names` value of an ONNX file's metadata, as Ultralytics writes it: a Python
/// dictionary, "{0: 'person', 1: 'bicycle'}", or list. Empty when it is neither.
std::vector<std::string> parseNames(std::string_view python);

} // namespace infer
