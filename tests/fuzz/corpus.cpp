// The same readers without libFuzzer: corpus --reader=NAME MIB FILE-OR-FOLDER… reads every file,
// whole, cut short and with single bytes changed, and fails when that takes more than so much
// memory. For compilers that have no fuzzer, and for one input that a fuzzer found.
#include "base/error.hpp"
#include "targets.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fs = std::filesystem;

static void readOnce(const fuzz::Reader& reader, const std::string& bytes) {
    try {
        reader.read(bytes);
    } catch (const base::Error&) {
    }
}

static void readFile(const fuzz::Reader& reader, const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    readOnce(reader, bytes);
    constexpr std::size_t places = 16;
    for (std::size_t i = 0; i < places; i++) {
        const std::size_t at = bytes.size() * i / places;
        readOnce(reader, bytes.substr(0, at));
        for (const char change : {'\0', '<', '"', '\xff'}) {
            std::string changed = bytes;
            if (at < changed.size())
                changed[at] = change;
            readOnce(reader, changed);
        }
    }
}

int main(int argc, char** argv) {
    constexpr std::string_view option = "--reader=";
    try {
        if (argc < 3 || std::string_view(argv[1]).substr(0, option.size()) != option)
            fuzz::readerCalled("");
        const fuzz::Reader& reader = fuzz::readerCalled(argv[1] + option.size());
        int files = 0;
        for (int i = 3; i < argc; i++) {
            if (!fs::is_directory(argv[i]))
                readFile(reader, argv[i]), files++;
            else
                for (const auto& entry : fs::recursive_directory_iterator(argv[i]))
                    if (entry.is_regular_file())
                        readFile(reader, entry.path()), files++;
        }
        const long mostMemory = std::atol(argv[2]) * 1024; // KiB
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        std::printf("%s: %d files read in %ld MiB\n", reader.name, files, usage.ru_maxrss / 1024);
        return files > 0 && usage.ru_maxrss <= mostMemory ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
