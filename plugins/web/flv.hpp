#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace web {

/// One tag of a Flash Video stream: a picture, a frame of sound, or what decoders have to know of
/// them (Adobe, "Video File Format Specification" 10.1, annex E.4; enhanced RTMP v1 for codecs with
/// a name).
struct FlvTag {
    enum class Kind { Video, Audio, Script };

    Kind kind = Kind::Script;
    bool config = false;         ///< how to decode what follows, or what the stream is
    bool key = false;            ///< a picture that needs none before
    std::uint32_t timestamp = 0; ///< milliseconds, and begins again after 49 days
    std::string bytes;           ///< all of the tag, and the size that comes after it
};

/// Copies the tag to the end of `out`, with another timestamp.
void appendFlvTag(std::string& out, const FlvTag& tag, std::uint32_t timestamp);

/// A stream's first bytes.
std::string flvHeader(bool video, bool audio);

/// Takes tags out of a byte stream, however it is cut. It may begin with a header or a tag, and
/// begin anew with a header at any tag.
class FlvReader {
public:
    /// Larger than any picture that browsers decode.
    static constexpr std::size_t maxTagBytes = 8 << 20;

    struct Found {
        std::vector<FlvTag> tags;
        /// A header was there, before tags[headerAt]; one is enough to know of.
        bool header = false;
        std::size_t headerAt = 0;
    };
    /// Throws base::Error for what is no FLV; reset() then.
    Found take(const unsigned char* data, std::size_t size);
    void reset() { rest_.clear(); }

private:
    std::size_t header(std::size_t at, Found& found) const;
    std::size_t tag(std::size_t at, Found& found) const;

    std::string rest_;
};

} // namespace web
