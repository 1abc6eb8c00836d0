#pragma once

#include <gio/gio.h>

#include <chrono>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace support {

/// A server as a program of its own, so that what it takes is told apart from what its clients
/// take. It is interrupted when this goes, and killed when that does not help or this process dies.
class ServerProgram {
public:
    explicit ServerProgram(std::vector<std::string> command);
    ~ServerProgram();
    ServerProgram(const ServerProgram&) = delete;
    ServerProgram& operator=(const ServerProgram&) = delete;

    /// The first group of the first match in what it has printed or will; throws when nothing like
    /// that comes.
    std::string awaits(const std::regex& pattern,
                       std::chrono::seconds limit = std::chrono::seconds(120)) const;
    /// The address in whepsink's "whepsink-ready", of a `gst-launch-1.0 -m`.
    std::string page() const;
    std::string output() const;

    /// What it holds and has used so far, from /proc.
    struct Load {
        double cpuSeconds = 0, megabytes = 0;
        int threads = 0, descriptors = 0;
    };
    Load load() const;

private:
    void read();

    GSubprocess* process_ = nullptr;
    std::string pid_;
    mutable std::mutex mutex_;
    std::string output_;
    std::thread reader_;
};

} // namespace support
