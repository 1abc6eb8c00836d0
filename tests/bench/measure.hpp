#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

/// What benches measure with.
namespace bench {

using Clock = std::chrono::steady_clock;

/// Of all threads of this process.
inline double cpuSeconds() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

inline double seconds(Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
}

inline double residentMegabytes() {
    long pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1e6;
}

/// The value below which `part` of them lie; 0 for none.
inline double percentile(std::vector<double> values, double part) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

inline double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

/// One of several ways to do the same.
struct Way {
    std::string name;
    std::function<void(std::size_t frame)> work;
    std::vector<double> wallMs = {}, cpuMs = {}; ///< of each turn, the same turns in all ways
};

/// All ways in turn on each frame, so that other work on the machine falls on all of them.
inline void inTurns(std::vector<Way>& ways, std::size_t frames, int rounds) {
    for (Way& way : ways) // to warm up
        for (std::size_t i = 0; i < 2; i++)
            way.work(i % frames);
    for (int round = 0; round < rounds; round++)
        for (std::size_t i = 0; i < frames; i++)
            for (Way& way : ways) {
                const auto start = Clock::now();
                const double cpu = cpuSeconds();
                way.work(i);
                way.cpuMs.push_back(1e3 * (cpuSeconds() - cpu));
                way.wallMs.push_back(1e3 * seconds(start));
            }
}

/// The median of what a turn of `a` takes more than the same turn of `b`, milliseconds.
inline double more(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < a.size(); i++)
        differences.push_back(a[i] - b[i]);
    return median(differences);
}

} // namespace bench
