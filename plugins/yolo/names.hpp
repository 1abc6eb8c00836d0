#pragma once

#include <string>
#include <vector>

namespace yolo {

/// The 80 classes of COCO in the order of every network trained on it.
const std::vector<std::string>& cocoNames();

/// The name of a class, "class-7" where there is none.
std::string nameOf(const std::vector<std::string>& names, int classId);

/// Reads "person, car,16" against the names of a network that has `classes` classes (0: unknown).
/// Names match whatever their case. Throws base::Error Settings for one that does not exist.
std::vector<int> parseClasses(const std::string& list, const std::vector<std::string>& names,
                              int classes);

} // namespace yolo
