#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace infer {

/// What a Darknet .cfg says of the network, as far as it is needed here. OpenCV reads past the end
/// of a .weights file that is cut, or takes one of another network, and answers from what memory
/// held.
struct DarknetFile {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::int64_t channels = 0;
    /// Numbers that the weights file must hold after its header; -1 where a layer is of a kind that
    /// is not known here.
    std::int64_t weights = 0;

    /// Reads a .cfg file. Throws base::Error BadData, whose text continues a sentence that begins
    /// with the file's name.
    static DarknetFile parse(std::string_view cfg);

    /// Whether the bytes of a .weights file are as many as this network needs.
    bool fits(std::string_view weightsFile) const;
};

} // namespace infer
