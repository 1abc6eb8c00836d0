#include "cutting.hpp"

#include <algorithm>
#include <utility>

namespace record {
namespace {

using namespace std::chrono_literals;

/// Pictures may come in the order in which they are decoded, with the times at which they are
/// shown.
constexpr Time maxBackward = 1s;

} // namespace

std::size_t Cutting::addStream(bool video) {
    streams_.emplace_back();
    streams_.back().video = video;
    return streams_.size() - 1;
}

void Cutting::removeStream(std::size_t stream) {
    while (!streams_[stream].waiting.empty())
        take(streams_[stream]);
    streams_[stream].removed = true;
}

void Cutting::start(std::size_t stream) {
    streams_[stream].begun = true;
    streams_[stream].ended = false;
}

void Cutting::push(std::size_t stream, Frame frame) {
    Stream& of = streams_[stream];
    bytes_ += frame.bytes;
    of.begun = true;
    of.silent = false;
    if (!of.waiting.empty())
        of.span += stepAfter(of.waiting.back(), frame);
    of.waiting.push_back(std::move(frame));
}

/// Longer steps are jumps, of a camera that was lost.
Time Cutting::patience() const { return std::max(maxGap, settings_.waitForStreams); }

Time Cutting::stepAfter(const Frame& frame, const Frame& next) const {
    const Time step = next.time - frame.time;
    return step > patience() || step < -maxBackward ? Time(0) : step;
}

void Cutting::end(std::size_t stream) { streams_[stream].ended = true; }

void Cutting::endAll() {
    for (Stream& stream : streams_)
        stream.ended = true;
}

bool Cutting::ending() const {
    const auto begun = [](const Stream& s) { return s.begun && !s.over(); };
    const auto ended = [](const Stream& s) { return s.ended; };
    return std::any_of(streams_.begin(), streams_.end(), begun) &&
           std::any_of(streams_.begin(), streams_.end(), ended);
}

bool Cutting::finished() const {
    const auto done = [](const Stream& s) { return (s.over() || !s.begun) && s.waiting.empty(); };
    const auto ended = [](const Stream& s) { return s.ended; };
    return !file_ && std::all_of(streams_.begin(), streams_.end(), done) &&
           std::any_of(streams_.begin(), streams_.end(), ended);
}

std::optional<Step> Cutting::next(bool mayGiveUp) {
    for (;;) {
        Stream* stream = earliest();
        if (!stream) {
            const auto over = [](const Stream& s) { return s.over() || !s.begun; };
            if (file_ && std::all_of(streams_.begin(), streams_.end(), over))
                return end();
            return std::nullopt;
        }
        if (!complete(mayGiveUp))
            return std::nullopt;
        if (auto step = silenced())
            return step;
        if (auto step = file_ ? follow(*stream) : lead(*stream))
            return step;
    }
}

Cutting::Stream* Cutting::earliest() {
    Stream* found = nullptr;
    for (Stream& stream : streams_)
        if (!stream.waiting.empty() &&
            (!found || stream.waiting.front().time < found->waiting.front().time))
            found = &stream;
    return found;
}

bool Cutting::isFarAhead(std::size_t stream) const {
    return streams_[stream].span > settings_.waitForStreams;
}

/// Whether it is known what comes next: nobody is waited for.
bool Cutting::complete(bool mayGiveUp) {
    const auto ahead = [this](const Stream& stream) { return isFarAhead(indexOf(stream)); };
    const bool longEnough = bytes_ > settings_.maxBytes / 2 ||
                            (mayGiveUp && std::any_of(streams_.begin(), streams_.end(), ahead));
    for (Stream& stream : streams_)
        if (stream.waiting.empty() && !stream.over() && !stream.silent) {
            if (!longEnough)
                return false;
            stream.silent = true;
        }
    return true;
}

/// Says once that a stream of the file has nothing more for now.
std::optional<Step> Cutting::silenced() {
    for (Stream& stream : streams_) {
        if (!file_ || !stream.inFile || !stream.waiting.empty())
            continue;
        // Its pictures have gone; at the end of all, the sound may be a little longer than these.
        if (indexOf(stream) == file_->leader && !stream.over())
            return end();
        stream.inFile = false;
        return Step{Step::Kind::Silent, indexOf(stream)};
    }
    return std::nullopt;
}

/// No file is open: one begins with the first key frame of the leader.
std::optional<Step> Cutting::lead(Stream& stream) {
    const auto leading = leader();
    if (leading && &streams_[*leading] == &stream) {
        if (stream.waiting.front().key)
            return begin(*leading);
        if (!std::exchange(asked_, true))
            return ask(*leading);
    }
    leave(stream);
    return std::nullopt;
}

/// The stream whose key frames a file would go by: pictures, where there are any.
std::optional<std::size_t> Cutting::leader() const {
    for (const bool video : {true, false})
        for (const Stream& stream : streams_)
            if (stream.video == video && !stream.waiting.empty())
                return indexOf(stream);
    return std::nullopt;
}

/// A file is open.
std::optional<Step> Cutting::follow(Stream& stream) {
    const Frame& frame = stream.waiting.front();
    const bool leads = indexOf(stream) == file_->leader;
    const bool other = stream.inFile && frame.format != stream.format;
    const bool pictures = streams_[file_->leader].video && streams_[file_->leader].inFile;
    const bool picturesCame = stream.video && !stream.inFile && frame.key && !pictures;
    if (isJump(frame.time, leads) || (leads && other) || picturesCame)
        return end();
    if (leads)
        file_->last = frame.time;
    const bool over =
        settings_.maxSizeTime > 0s && frame.time - file_->begin >= settings_.maxSizeTime;
    if (leads && frame.key && frame.time > file_->begin && (over || file_->cut))
        return begin(file_->leader);
    if (leads && !frame.key && (over || torn_) && !std::exchange(file_->asked, true))
        return ask(file_->leader);
    if (other || !stream.inFile)
        file_->cut = true;
    return write(stream);
}

bool Cutting::isJump(Time time, bool leads) const {
    return time > file_->last + patience() || (leads && time < file_->last - maxBackward);
}

std::optional<Step> Cutting::write(Stream& stream) {
    const Frame& frame = stream.waiting.front();
    const bool leads = indexOf(stream) == file_->leader;
    torn_ = torn_ && !(leads && frame.key);
    const bool late = frame.time < file_->begin || (!stream.video && frame.time < stream.last);
    if (!stream.inFile || frame.format != stream.format || late || (leads && torn_)) {
        leave(stream);
        return std::nullopt;
    }
    stream.last = frame.time;
    return Step{Step::Kind::Write, indexOf(stream), file_->begin, take(stream)};
}

/// The frame that it begins with stays where it is.
Step Cutting::begin(std::size_t leader) {
    const Time time = streams_[leader].waiting.front().time;
    file_ = File{leader, time, time};
    asked_ = torn_ = false;
    Step step{Step::Kind::Begin, leader, time};
    for (Stream& stream : streams_) {
        stream.last = time;
        stream.inFile = !stream.waiting.empty();
        if (!stream.inFile)
            continue;
        stream.format = stream.waiting.front().format;
        step.tracks.push_back({indexOf(stream), stream.format});
    }
    return step;
}

Step Cutting::end() {
    file_.reset();
    for (Stream& stream : streams_)
        stream.inFile = false;
    return Step{Step::Kind::End};
}

Step Cutting::ask(std::size_t stream) { return Step{Step::Kind::AskForKey, stream}; }

std::size_t Cutting::indexOf(const Stream& stream) const {
    return static_cast<std::size_t>(&stream - streams_.data());
}

Frame Cutting::take(Stream& stream) {
    Frame frame = std::move(stream.waiting.front());
    stream.waiting.pop_front();
    if (!stream.waiting.empty())
        stream.span -= stepAfter(frame, stream.waiting.front());
    bytes_ -= frame.bytes;
    return frame;
}

void Cutting::leave(Stream& stream) {
    take(stream);
    left_++;
}

std::size_t Cutting::dropOldest() {
    const auto leading = file_ ? std::optional(file_->leader) : leader();
    Time until = Time::max();
    torn_ = true;
    if (leading) {
        const auto& waiting = streams_[*leading].waiting;
        const auto begin = waiting.begin() + (waiting.empty() ? 0 : 1);
        const auto key = std::find_if(begin, waiting.end(), [](const Frame& f) { return f.key; });
        if (key != waiting.end())
            until = key->time;
    }
    std::size_t dropped = 0;
    for (Stream& stream : streams_)
        while (!stream.waiting.empty() && stream.waiting.front().time < until) {
            take(stream);
            dropped++;
        }
    return dropped;
}

} // namespace record
