#include "web/flvwindow.hpp"

#include <algorithm>
#include <limits>

namespace web {
namespace {

/// Sound may be a little before the picture that one begins with.
constexpr std::int64_t lead = 200;
/// From one picture to the next where a piece was cut out.
constexpr std::int64_t frame = 40;
/// Streams whose sound and pictures are further apart than this are not in step.
constexpr std::int64_t backwards = 2000, forwards = 10000;
/// How long sound is waited for where there are pictures, and they where there is sound.
constexpr std::int64_t otherTime = 1500;

} // namespace

void FlvWindow::take(const unsigned char* data, std::size_t size) {
    FlvReader::Found found = reader_.take(data, size);
    for (std::size_t i = 0; i <= found.tags.size(); i++) {
        if (found.header && i == found.headerAt)
            begin();
        if (i < found.tags.size())
            add(std::move(found.tags[i]));
    }
    bound();
}

void FlvWindow::forget() {
    reader_.reset();
    begin();
    first_ = end();
    entries_.clear();
    bytes_ = 0;
}

void FlvWindow::begin() {
    metadata_.reset();
    video_.reset();
    audio_.reset();
    hasVideo_ = hasAudio_ = false;
    began_.reset();
    timestamp_.reset();
    key_.reset();
}

/// Milliseconds since the first tag of all, going on where the source's clock jumps.
std::int64_t FlvWindow::timeOf(std::uint32_t timestamp) {
    const std::int64_t step =
        timestamp_ ? static_cast<std::int32_t>(timestamp - *timestamp_) : frame;
    time_ += step < -backwards || step > forwards ? frame : step;
    timestamp_ = timestamp;
    return time_;
}

/// Keeps what is to be known; returns whether readers know it already.
bool FlvWindow::learn(const FlvTag& tag) {
    auto& known = tag.kind == FlvTag::Kind::Video   ? video_
                  : tag.kind == FlvTag::Kind::Audio ? audio_
                                                    : metadata_;
    // Muxers write the stream's bitrate again and again; the newest is for who comes.
    const bool old = tag.kind == FlvTag::Kind::Script ||
                     (known && known->bytes.compare(11, std::string::npos, tag.bytes, 11) == 0);
    known = tag;
    if (!old)
        key_.reset(); // who begins now gets this, which is not for the pictures before
    return old;
}

void FlvWindow::add(FlvTag tag) {
    hasVideo_ |= tag.kind == FlvTag::Kind::Video;
    hasAudio_ |= tag.kind == FlvTag::Kind::Audio;
    if (tag.config && learn(tag))
        return;
    const std::int64_t time = tag.config ? time_ : timeOf(tag.timestamp);
    if (!began_)
        began_ = time;
    frames_ += !tag.config;
    // With nothing but sound any frame will do.
    if (tag.key || (!hasVideo_ && !tag.config))
        key_ = end();
    bytes_ += tag.bytes.size();
    entries_.push_back({std::move(tag), time});
}

/// What no reader needs any more goes, and at too much the oldest.
void FlvWindow::bound() {
    const auto expendable = [this] {
        return key_ && first_ < *key_ && entries_.front().time < time_ - limits_.lag.count();
    };
    while (!entries_.empty() && (bytes_ > limits_.bytes || expendable())) {
        bytes_ -= entries_.front().tag.bytes.size();
        entries_.pop_front();
        first_++;
    }
    if (key_ && *key_ < first_)
        key_.reset(); // half a group of pictures is of no use
}

/// Where to begin now. What the header leaves out players ignore, and for what it promises and does
/// not come they wait without end; muxers promise too much. So the stream itself tells what it has.
std::optional<std::uint64_t> FlvWindow::beginning() const {
    const bool whole = hasVideo_ && hasAudio_;
    if (!whole && time_ < began_.value_or(time_) + otherTime)
        return std::nullopt;
    return key_;
}

std::string FlvWindow::opening() const {
    std::string out = flvHeader(hasVideo_, hasAudio_);
    for (const auto& known : {metadata_, video_, audio_})
        if (known)
            appendFlvTag(out, *known, 0);
    return out;
}

bool FlvWindow::open(Reader& reader, std::string& out) const {
    const auto from = beginning();
    if (!from)
        return false;
    reader.begun = true;
    reader.next = *from;
    reader.shift = lead - entry(*from).time;
    out = opening();
    return true;
}

/// Over what the reader is too late for. What it waits for when there is no key frame yet is past
/// the end of what there is.
void FlvWindow::moveOn(Reader& reader) const {
    const bool lost = reader.next < first_;
    const bool late = key_ && *key_ > reader.next && reader.next < end() && !lost &&
                      entry(reader.next).time < time_ - limits_.lag.count();
    if (!key_ || !(lost || late))
        return;
    reader.missed += *key_ - reader.next;
    reader.next = *key_;
    reader.shift = reader.sent + frame - entry(*key_).time;
}

std::string FlvWindow::read(Reader& reader, std::size_t most) const {
    std::string out;
    if (!reader.begun && !open(reader, out))
        return out;
    moveOn(reader);
    for (; reader.next >= first_ && reader.next < end() && out.size() < most; reader.next++) {
        const Entry& entry = this->entry(reader.next);
        reader.sent = std::max<std::int64_t>(entry.time + reader.shift, 0);
        if (reader.sent > std::numeric_limits<std::int32_t>::max()) {
            reader.over = true;
            break;
        }
        appendFlvTag(out, entry.tag, static_cast<std::uint32_t>(reader.sent));
    }
    return out;
}

} // namespace web
