// The readers for libFuzzer: fuzzer --reader=NAME [libFuzzer's options] FOLDER…
#include "base/error.hpp"
#include "targets.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

static const fuzz::Reader* chosen;

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    constexpr std::string_view option = "--reader="; // libFuzzer passes over two dashes
    try {
        for (int i = 1; i < *argc; i++)
            if (std::string_view((*argv)[i]).substr(0, option.size()) == option)
                chosen = &fuzz::readerCalled((*argv)[i] + option.size());
        if (!chosen)
            fuzz::readerCalled("");
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "%s\n", error.what());
        std::exit(2);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        chosen->read({reinterpret_cast<const char*>(data), size});
    } catch (const base::Error&) {
        // One clear error is what rubbish has to end in.
    }
    return 0;
}
