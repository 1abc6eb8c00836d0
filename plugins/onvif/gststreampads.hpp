#pragma once

#include "gststreamtrack.hpp"
#include "stream.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace onvif {

/// The pads of the element, which outlive the rtspsrc behind them:
/// - named by what they carry and its place in the camera's description: "video_%u", "audio_%u"
///   and, where it is wanted, "application_%u";
/// - video first, so that `onvifsrc ! decodebin` takes the picture: what is quicker is dropped
///   until it is there, for the timeout at most;
/// - a pad that nobody links never stops the others; when nobody links any for the timeout,
///   `unused` is called, and the stream then ends as not linked.
class StreamPads final : public StreamTrack::Owner {
public:
    using Clock = StreamTrack::Clock;

    /// Called in any thread, with no lock of ours held.
    struct Hooks {
        std::function<void()> flowing; ///< what was connected last has begun to send
        std::function<void()> ended;   ///< the camera says that it has nothing more to send
        std::function<void()> enough;  ///< downstream wants no more: the end is to go out
        std::function<void(const std::string& pads)> unused;
        /// Downstream does not take what the camera sends.
        std::function<void(const std::string& pad, const std::string& caps)> refused;
    };
    StreamPads(GstElement* element, Hooks hooks) : element_(element), hooks_(std::move(hooks)) {}

    /// Before anything flows; counts from nothing.
    void start(const SourceSettings& settings);
    /// Before each connection. The pads stay, and wait for what it brings.
    void connect();
    void disconnect();
    void clear(); ///< removes all; nothing flows any more
    void end();   ///< the end of the stream on every pad, for good

    /// From rtspsrc's select-stream, in the order of the description: is this one wanted?
    bool wants(unsigned number, const GstCaps* caps);
    void add(GstPad* source);    ///< pad-added
    void remove(GstPad* source); ///< pad-removed
    void complete();             ///< no-more-pads

    /// The pads that should have brought something since `since` and have not: "video_0", or
    /// nothing. Sound that stops is given twice as long each time that this was the answer, as
    /// there are microphones that send only what is loud.
    std::string silent(Clock::time_point since);

    PadCount count(const std::string& media) const;
    void addFacts(GstStructure* stats) const; ///< the array "tracks"

private:
    struct Place {
        std::string media;
        unsigned index;
    };
    void arrived(StreamTrack& track) override;
    GstFlowReturn judge(StreamTrack& track, GstFlowReturn result) override;
    void ended(StreamTrack& track) override;
    void refused(StreamTrack& track, const GstCaps* caps) override;

    Place placeOf(GstPad* source);
    StreamTrack& trackAt(const Place& place);
    void exposeReady(bool all);
    void finish();
    std::vector<StreamTrack*> readyTracks(bool all);
    std::string description() const;

    GstElement* element_;
    const Hooks hooks_;
    /// Pads come from one thread per stream, and who listens to "pad-added" expects one at a time.
    std::mutex exposing_;
    mutable std::mutex mutex_; ///< for all below; never held while others are called
    SourceSettings settings_;
    std::vector<std::unique_ptr<StreamTrack>> tracks_;
    std::map<unsigned, Place> places_;          ///< by the number of the stream in rtspsrc
    std::map<std::string, unsigned> described_; ///< how many of a media the camera describes
    guint group_ = 0;
    unsigned audioPatience_ = 1; ///< times the timeout
    bool announced_ = false;     ///< rtspsrc has said that no more pads come
    bool complete_ = false;      ///< once, all that was described had come
    bool linked_ = false, reported_ = false, flowing_ = false, ended_ = false;
    Clock::time_point first_{}, completed_{};
};

/// "video", "audio" or, for ONVIF metadata, "application" of RTP caps; empty for others.
std::string mediaOf(const GstCaps* caps);

} // namespace onvif
