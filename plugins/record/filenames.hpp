#pragma once

#include <string>

namespace record {

/// The names of the files of one recording: the last "%d" or "%05d" of the pattern becomes the
/// number, and all else stays as it is, whatever per cent signs a folder has in its name.
class FileNames {
public:
    /// Throws base::Error: Settings for a pattern without a place for the number, NotFound and
    /// NotAuthorized where its folder is not there or may not be written to.
    explicit FileNames(const std::string& pattern);

    /// The next name that no file has yet: what is there is not written over.
    std::string next();

private:
    std::string name(unsigned number) const;

    std::string before_, after_;
    std::size_t digits_ = 0;
    unsigned number_ = 0;
};

} // namespace record
