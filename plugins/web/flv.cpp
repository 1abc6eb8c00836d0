#include "web/flv.hpp"

#include "base/error.hpp"

namespace web {
namespace {

constexpr std::size_t tagHead = 11, sizeAfter = 4, fileHead = 9;
constexpr unsigned char audioType = 8, videoType = 9, scriptType = 18;

unsigned at(const std::string& bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

std::uint32_t number(const std::string& bytes, std::size_t index, std::size_t length) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length; i++)
        value = value << 8 | at(bytes, index + i);
    return value;
}

[[noreturn]] void noFlv(const std::string& details) {
    throw base::Error(base::ErrorKind::BadData,
                      "This is no FLV stream: put flvmux streamable=true before the sink.",
                      details);
}

/// E.4.3.1: a nibble for the frame's type, one for the codec; with the highest bit set, the codec
/// has a name and the second nibble says what is in the packet.
void readVideo(FlvTag& tag) {
    if (tag.bytes.size() < tagHead + 2 + sizeAfter)
        return;
    const unsigned first = at(tag.bytes, tagHead);
    const bool named = first & 0x80;
    const unsigned codec = first & 15;
    const unsigned packet = named ? codec : at(tag.bytes, tagHead + 1);
    const bool hasPackets = named || codec == 7 || codec == 12; // H.264, and H.265 as some have it
    tag.config = hasPackets && packet == 0;
    tag.key = (first >> 4 & 7) == 1 && !tag.config && !(hasPackets && packet == 2);
}

/// E.4.2.1: AAC, and codecs with a name, tell what is to be known of them in a packet of its own.
void readAudio(FlvTag& tag) {
    if (tag.bytes.size() < tagHead + 2 + sizeAfter)
        return;
    const unsigned format = at(tag.bytes, tagHead) >> 4;
    tag.config = (format == 10 && at(tag.bytes, tagHead + 1) == 0) ||
                 (format == 9 && (at(tag.bytes, tagHead) & 15) == 0);
}

/// The stream's description; other scripts are texts and cues that belong to their time.
bool isMetadata(const FlvTag& tag) {
    using namespace std::string_literals;
    static const std::string name = "\x02\x00\x0aonMetaData"s;
    return tag.bytes.compare(tagHead, name.size(), name) == 0;
}

} // namespace

void appendFlvTag(std::string& out, const FlvTag& tag, std::uint32_t timestamp) {
    const auto byte = [&](unsigned shift) { return static_cast<char>(timestamp >> shift & 0xff); };
    out.append(tag.bytes, 0, 4);
    out += {byte(16), byte(8), byte(0), byte(24)};
    out.append(tag.bytes, 8, std::string::npos);
}

std::string flvHeader(bool video, bool audio) {
    std::string header("FLV\x01\0\0\0\0\x09\0\0\0\0", fileHead + sizeAfter);
    header[4] = static_cast<char>((audio ? 4 : 0) | (video ? 1 : 0));
    return header;
}

/// Returns how many bytes it takes, 0 for more than there are.
std::size_t FlvReader::header(std::size_t from, Found& found) const {
    if (rest_.size() - from < fileHead)
        return 0;
    const std::uint32_t length = number(rest_, from + 5, 4);
    if (rest_.compare(from, 3, "FLV") != 0 || length < fileHead || length > 1024)
        noFlv("a header that is none");
    if (rest_.size() - from < length + sizeAfter)
        return 0;
    found.header = true;
    found.headerAt = found.tags.size();
    return length + sizeAfter;
}

std::size_t FlvReader::tag(std::size_t from, Found& found) const {
    const unsigned type = at(rest_, from);
    if (type != audioType && type != videoType && type != scriptType)
        noFlv("a tag of type " + std::to_string(type));
    if (rest_.size() - from < tagHead)
        return 0;
    const std::size_t size = tagHead + number(rest_, from + 1, 3) + sizeAfter;
    if (size > maxTagBytes)
        throw base::Error(base::ErrorKind::Unsupported,
                          "A picture is too large: give the encoder a lower bitrate or size.",
                          "a tag of " + std::to_string(size) + " bytes");
    if (rest_.size() - from < size)
        return 0;
    FlvTag tag;
    tag.bytes = rest_.substr(from, size);
    tag.timestamp = number(tag.bytes, 4, 3) | number(tag.bytes, 7, 1) << 24;
    tag.kind = type == videoType   ? FlvTag::Kind::Video
               : type == audioType ? FlvTag::Kind::Audio
                                   : FlvTag::Kind::Script;
    if (type == videoType)
        readVideo(tag);
    else if (type == audioType)
        readAudio(tag);
    else
        tag.config = isMetadata(tag);
    found.tags.push_back(std::move(tag));
    return size;
}

FlvReader::Found FlvReader::take(const unsigned char* data, std::size_t size) {
    Found found;
    rest_.append(reinterpret_cast<const char*>(data), size);
    std::size_t from = 0;
    while (from < rest_.size()) {
        const std::size_t taken = rest_[from] == 'F' ? header(from, found) : tag(from, found);
        if (taken == 0)
            break;
        from += taken;
    }
    rest_.erase(0, from);
    return found;
}

} // namespace web
