#include "gstrecorder.hpp"

#include "glue/guard.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace record {
namespace {

using glue::Ref;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How often it is looked whether a slow disk has caught up.
constexpr auto lookEvery = 20ms;
/// After the end of one live stream, for that of the others: some never hear of it.
constexpr auto endPatience = 500ms;

Cutting::Settings cuttingOf(const RecordSettings& settings) {
    return {Time(static_cast<Time::rep>(settings.maxSizeTime)), settings.waitForStreams,
            static_cast<std::size_t>(settings.maxBytes)};
}

GstClockTime inFile(std::optional<Time> time, Time begin) {
    return time ? static_cast<GstClockTime>(std::max(*time - begin, Time(0)).count())
                : GST_CLOCK_TIME_NONE;
}

} // namespace

Recorder::Recorder(GstElement* element, const RecordSettings& settings,
                   std::function<void(std::size_t)> asked, std::function<void()> ended)
    : element_(element), settings_(settings), asked_(std::move(asked)), ended_(std::move(ended)),
      cutting_(cuttingOf(settings)), names_(settings.location), thread_([this] { run(); }) {}

Recorder::~Recorder() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = letGo_ = true;
        deadline_ = steady_clock::now() + settings_.endTimeout;
        cutting_.endAll();
        work_.notify_all();
        room_.notify_all();
    }
    thread_.join();
}

std::size_t Recorder::addStream(bool video) {
    const std::lock_guard<std::mutex> lock(mutex_);
    video_.push_back(video);
    return cutting_.addStream(video);
}

void Recorder::removeStream(std::size_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    cutting_.removeStream(stream);
    work_.notify_all();
    room_.notify_all();
}

void Recorder::start(std::size_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    cutting_.start(stream);
    endTold_ = false;
}

void Recorder::end(std::size_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    cutting_.end(stream);
    work_.notify_all();
}

bool Recorder::push(std::size_t stream, bool live, Frame frame) {
    std::unique_lock<std::mutex> lock(mutex_);
    live_ = live;
    const auto isRoom = [&] {
        return cutting_.bytes() <= settings_.maxBytes && !cutting_.isFarAhead(stream);
    };
    if (!live)
        room_.wait(lock, [&] { return letGo_ || isRoom(); });
    if (letGo_)
        return false;
    cutting_.push(stream, std::move(frame));
    while (live && cutting_.bytes() > settings_.maxBytes)
        counters_.dropped += cutting_.dropOldest();
    work_.notify_all();
    return true;
}

void Recorder::stopWaiting() {
    const std::lock_guard<std::mutex> lock(mutex_);
    letGo_ = true;
    room_.notify_all();
}

Recorder::Counters Recorder::counters() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    Counters counters = counters_;
    counters.left = cutting_.left();
    return counters;
}

void Recorder::run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        if (const auto step = nextStep(lock)) {
            room_.notify_all();
            lock.unlock();
            glue::guard(element_, false, [&] { return carryOut(*step), true; });
            lock.lock();
        } else if (cutting_.finished() && !stopping_ && !std::exchange(endTold_, true)) {
            lock.unlock();
            ended_();
            lock.lock();
        } else if (stopping_) {
            break;
        } else {
            waitForWork(lock);
        }
    }
    lock.unlock();
    file_.reset();
}

bool Recorder::isOverdue() const { return stopping_ && steady_clock::now() > deadline_; }

/// Nothing where there is nothing to do, or no time left to do it.
std::optional<Step> Recorder::nextStep(std::unique_lock<std::mutex>& lock) {
    while (file_ && file_->full() && !isOverdue())
        work_.wait_for(lock, lookEvery);
    if (isOverdue())
        return std::nullopt;
    const auto now = steady_clock::now();
    auto step = cutting_.next(live_ || stopping_ || now - moved_ > settings_.waitForStreams);
    if (step || !isAhead())
        moved_ = now;
    return step;
}

/// Somebody waits in push() for another stream to come.
bool Recorder::isAhead() const {
    for (std::size_t stream = 0; stream < video_.size(); stream++)
        if (cutting_.isFarAhead(stream))
            return true;
    return false;
}

/// Until there is something to do.
void Recorder::waitForWork(std::unique_lock<std::mutex>& lock) {
    if (!live_ && isAhead())
        return static_cast<void>(work_.wait_for(lock, lookEvery));
    if (!live_ || !cutting_.ending())
        return work_.wait(lock);
    if (work_.wait_for(lock, endPatience) == std::cv_status::timeout && cutting_.ending())
        cutting_.endAll();
}

void Recorder::carryOut(const Step& step) {
    switch (step.kind) {
    case Step::Kind::AskForKey:
        return asked_(step.stream);
    case Step::Kind::Begin:
        return begin(step);
    case Step::Kind::End:
        return endFile();
    case Step::Kind::Silent:
        return endTrack(step.stream);
    case Step::Kind::Write:
        break;
    }
    if (beginning_)
        openFile();
    if (file_ && tracks_[step.stream])
        write(step);
}

void Recorder::begin(const Step& step) {
    endFile();
    beginning_ = step;
}

void Recorder::endTrack(std::size_t stream) {
    if (beginning_) {
        auto& tracks = beginning_->tracks;
        tracks.erase(std::remove_if(tracks.begin(), tracks.end(),
                                    [=](const auto& track) { return track.stream == stream; }),
                     tracks.end());
    } else if (file_ && tracks_[stream]) {
        file_->endTrack(*tracks_[stream]);
    }
}

void Recorder::openFile() {
    const Step step = *std::exchange(beginning_, std::nullopt);
    makeRoom();
    std::vector<RecordFile::Track> tracks;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tracks_.assign(video_.size(), std::nullopt);
        for (const Step::Track& track : step.tracks) {
            tracks_[track.stream] = tracks.size();
            tracks.push_back({static_cast<GstCaps*>(track.format.get()), video_[track.stream]});
        }
        counters_.files++;
    }
    const std::string path = names_.next();
    file_ = std::make_unique<RecordFile>(element_, settings_.container, path, tracks);
    paths_.push_back(path);
    newest_ = step.begin;
    tell("recordsink-opened", path, step.begin);
}

void Recorder::write(const Step& step) {
    const bool failed = file_->failed();
    if (!failed) {
        const auto& packet = *static_cast<Packet*>(step.frame.payload.get());
        Ref<GstBuffer> frame(gst_buffer_copy(packet.buffer.get()));
        GST_BUFFER_PTS(frame.get()) = inFile(packet.pts, step.begin);
        GST_BUFFER_DTS(frame.get()) = inFile(packet.dts, step.begin);
        newest_ = step.frame.time;
        file_->write(*tracks_[step.stream], std::move(frame));
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    (failed ? counters_.dropped : counters_.frames)++;
    counters_.bytes += failed ? 0 : step.frame.bytes;
}

void Recorder::endFile() {
    beginning_.reset();
    if (!file_)
        return;
    if (file_->finish(settings_.endTimeout))
        tell("recordsink-closed", file_->path(), newest_);
    file_.reset();
}

/// The oldest goes before the new one takes its room.
void Recorder::makeRoom() {
    while (settings_.maxFiles > 0 && paths_.size() >= settings_.maxFiles) {
        std::remove(paths_.front().c_str());
        paths_.pop_front();
    }
}

void Recorder::tell(const char* what, const std::string& path, Time time) {
    GstStructure* facts = gst_structure_new(
        what, "location", G_TYPE_STRING, path.c_str(), "running-time", GST_TYPE_CLOCK_TIME,
        static_cast<GstClockTime>(std::max(time, Time(0)).count()), nullptr);
    gst_element_post_message(element_, gst_message_new_element(GST_OBJECT(element_), facts));
}

} // namespace record
