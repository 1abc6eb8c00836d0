#pragma once

#include "glue/ref.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace onvif {

/// What went through the pads of one kind.
struct PadCount {
    std::uint64_t packets = 0, bytes = 0;
};

/// The pads of rtspsrc as pads of the element around it:
/// - named by what they carry, "video_%u", "audio_%u" and, where it is wanted, "application_%u";
/// - video first, so that `onvifsrc ! decodebin` takes the picture: audio that is quicker is
/// dropped
///   until it is there, as long as `patience` at most;
/// - a pad that nobody links never stops the others; when nobody links any for `patience`, `unused`
///   is called, and the stream then ends as not linked.
class StreamPads {
public:
    struct Hooks {
        std::function<void()> playing; ///< all pads are there
        std::function<void(const std::string& whatThereIs)> unused;
    };
    StreamPads(GstElement* owner, Hooks hooks) : owner_(owner), hooks_(std::move(hooks)) {}

    /// Before anything flows; counts from nothing.
    void start(std::chrono::milliseconds patience, bool metadata);

    /// From rtspsrc's select-stream: does the stream interest us? Counts the pictures to wait for.
    bool wants(unsigned number, const GstCaps* caps);
    void add(GstPad* source);    ///< pad-added
    void remove(GstPad* source); ///< pad-removed
    void complete();             ///< no-more-pads
    void clear();                ///< removes all; nothing flows any more

    PadCount count(const std::string& media) const;

private:
    struct Track;
    using Clock = std::chrono::steady_clock;
    static GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
    static GstFlowReturn chainList(GstPad* pad, GstObject* parent, GstBufferList* list);

    void arrived(Track& track, std::size_t packets, std::size_t bytes);
    GstFlowReturn judge(Track& track, GstFlowReturn result);
    void exposeReady(bool all);
    std::string description();

    GstElement* owner_;
    const Hooks hooks_;
    /// Pads come from one thread per stream, and who listens to "pad-added" expects one at a time.
    std::mutex exposing_;
    mutable std::mutex mutex_; ///< for all below; never held while others are called
    std::chrono::milliseconds patience_{0};
    std::vector<Track*> tracks_; ///< owned by their ghost pads, which the element owns
    unsigned videoAwaited_ = 0;
    std::map<std::string, unsigned> made_; ///< pads by media
    bool complete_ = false, linked_ = false, reported_ = false;
    Clock::time_point first_{}, completed_{};
    bool metadata_ = false;
    std::map<std::string, PadCount> gone_;
};

/// "video", "audio" or, for ONVIF metadata, "application" of RTP caps; empty for others.
std::string mediaOf(const GstCaps* caps);

} // namespace onvif
