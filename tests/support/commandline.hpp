#pragma once

#include "support/settings.hpp"

#include <string>
#include <vector>

namespace camera {

struct CommandLine {
    Settings settings;
    bool help = false;
    bool version = false;
    bool quiet = false;
    bool dieWithParent = false;
    bool control = false; ///< commands come in by standard input
};

/// Reads the arguments after the program's name; ONVIF_INTERFACES is taken from the environment
/// unless
/// --interfaces is given. Throws base::Error(Settings) with a sentence that names the argument.
CommandLine readCommandLine(const std::vector<std::string>& arguments);

/// What --help prints.
std::string usage();

} // namespace camera
