#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

// What a process can forget to give back.

namespace support {

inline std::size_t entries(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

inline std::size_t descriptors() { return entries("/proc/self/fd"); }

/// Whether a thread of this process runs. One that was joined is listed until the kernel has put it
/// away; of such a one it says that it is exiting (PF_EXITING in the ninth field of proc(5)'s
/// stat).
inline bool isRunning(const std::filesystem::path& task) {
    std::string text;
    std::getline(std::ifstream(task / "stat"), text);
    if (text.empty())
        return false; // it has just gone
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 6; i++) // from the state on, the third field
        fields >> skipped;
    unsigned flags = 0;
    fields >> flags;
    return (flags & 4) == 0;
}

inline std::multiset<std::string> threadNames() {
    std::multiset<std::string> names;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (isRunning(task.path()))
            names.insert(name);
    }
    return names;
}

inline std::size_t threads() { return threadNames().size(); }

} // namespace support
