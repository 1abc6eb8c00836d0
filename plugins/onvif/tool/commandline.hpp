#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What a user asked of onvif-tool.
struct CommandLine {
    std::string command;            ///< "ptz"
    std::vector<std::string> words; ///< what follows it that is no option, the camera first
    std::string user, passwordFile;
    std::string profile, interfaces, transport = "tcp";
    std::chrono::milliseconds timeout{5000};
    std::optional<std::chrono::milliseconds> duration; ///< --for
    std::optional<double> speed;
    unsigned count = 0; ///< 0: without end
    bool json = false, insecure = false, help = false, version = false;
};

extern const char* const usage;

/// Throws base::Error(Settings) that says what to write. A negative number is no option.
CommandLine readCommandLine(const std::vector<std::string>& arguments);

/// `text` as a number within bounds; throws base::Error(Settings) that names `what`.
double numberFrom(const std::string& what, const std::string& text, double low, double high);
