#include "filenames.hpp"

#include "base/error.hpp"

#include <unistd.h>

#include <filesystem>
#include <regex>

namespace record {
namespace {

using base::Error;
using base::ErrorKind;

void checkFolder(const std::filesystem::path& file) {
    const auto parent = file.parent_path();
    const std::filesystem::path folder = parent.empty() ? "." : parent;
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
        throw Error(ErrorKind::NotFound, "There is no folder " + folder.string() +
                                             " to record into: make it, or name another in the "
                                             "property location.");
    if (access(folder.c_str(), W_OK | X_OK) != 0)
        throw Error(ErrorKind::NotAuthorized,
                    "Nothing may be written into the folder " + folder.string() +
                        ": change its permissions, or name another in the property location.");
}

} // namespace

FileNames::FileNames(const std::string& pattern) {
    static const std::regex place("(.*)%(0([1-9]))?d(.*)",
                                  std::regex::ECMAScript | std::regex::optimize);
    std::smatch parts;
    const auto name = pattern.rfind('/') == std::string::npos ? 0 : pattern.rfind('/') + 1;
    const std::string file = pattern.substr(name);
    if (!std::regex_match(file, parts, place))
        throw Error(ErrorKind::Settings,
                    "The property location has to name files by their number: write for example "
                    "location=camera-%05d.mkv.");
    before_ = pattern.substr(0, name) + parts[1].str();
    after_ = parts[4].str();
    digits_ = parts[3].matched ? static_cast<std::size_t>(parts[3].str()[0] - '0') : 0;
    checkFolder(pattern);
}

std::string FileNames::next() {
    std::error_code ignored;
    std::string found = name(number_++);
    while (std::filesystem::is_regular_file(found, ignored))
        found = name(number_++);
    return found;
}

std::string FileNames::name(unsigned number) const {
    const std::string figures = std::to_string(number);
    const std::size_t zeros = figures.size() < digits_ ? digits_ - figures.size() : 0;
    return before_ + std::string(zeros, '0') + figures + after_;
}

} // namespace record
