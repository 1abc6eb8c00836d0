#pragma once

#include "glue/ref.hpp"
#include "packettimes.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace onvif {

/// What went through the pads of one kind.
struct PadCount {
    std::uint64_t packets = 0, bytes = 0;
};

/// One pad of the element, whichever rtspsrc is behind it. Downstream sees a single stream without
/// a break in its events: one stream-start and one segment for good, caps when they change, never
/// the end or a flush that a lost connection brings; and a timeline that only goes on, with the gap
/// that there was and DISCONT after it.
class StreamTrack {
public:
    using Clock = std::chrono::steady_clock;

    /// Who is told, in the thread that brings the data; no lock of the track is held then.
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual void arrived(StreamTrack&) = 0; ///< before the packet is pushed
        virtual GstFlowReturn judge(StreamTrack&, GstFlowReturn) = 0;
        virtual void ended(StreamTrack&) = 0;                   ///< rtspsrc says so
        virtual void refused(StreamTrack&, const GstCaps*) = 0; ///< downstream does not take them
    };

    struct Identity {
        std::string media;
        unsigned index;
        guint group;          ///< joins the tracks of one run
        GstClockTime latency; ///< ns: what to say of it while no rtspsrc is there to ask
    };
    /// `element` is who has the pad template "MEDIA_%u".
    StreamTrack(GstElement* element, Owner& owner, Identity identity);
    /// Takes the pad away. Nothing flows by now.
    ~StreamTrack();
    StreamTrack(const StreamTrack&) = delete;
    StreamTrack& operator=(const StreamTrack&) = delete;

    void attach(GstPad* source); ///< goes on with what this pad brings
    void detach();               ///< nothing comes until the next attach
    bool isAttachedTo(GstPad* source) const;
    void expose(); ///< adds the pad to the element
    void end();    ///< pushes the end of the stream; nothing after it passes

    /// Attached, expected to send, and nothing has come for `patience` since the later of its last
    /// packet and `since`. Not while downstream keeps it waiting.
    bool silent(Clock::time_point since, Clock::duration patience) const;

    bool finished() const; ///< downstream has said that it wants no more

    const std::string& media() const { return identity_.media; }
    unsigned index() const { return identity_.index; }
    bool exposed() const { return exposed_; }
    std::string name() const;
    std::string encoding() const;
    PadCount count() const;
    /// For the property "stats": pad, encoding, packets, bytes, last-packet-age in ns. Caller owns.
    GstStructure* facts() const;

private:
    static GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
    static GstFlowReturn chainList(GstPad* pad, GstObject* parent, GstBufferList* list);
    static gboolean event(GstPad* pad, GstObject* parent, GstEvent* event);
    static gboolean innerQuery(GstPad* pad, GstObject* parent, GstQuery* query);
    static gboolean query(GstPad* pad, GstObject* parent, GstQuery* query);

    void begin(const GstBuffer* buffer);
    void finish(GstFlowReturn result);
    GstBuffer* continued(GstBuffer* buffer);
    GstClockTime running(GstClockTime time) const;
    gboolean takeCaps(GstPad* pad, GstObject* parent, GstEvent* event);
    bool passes(GstEvent* event);

    GstElement* element_;
    Owner& owner_;
    const Identity identity_;
    GstPad* ghost_ = nullptr; ///< one reference is ours
    std::atomic<bool> exposed_{false};

    mutable std::mutex mutex_; ///< for all below
    PadCount count_;
    Clock::time_point last_{}, attached_{};
    bool spoke_ = false;    ///< since it was attached
    bool finished_ = false; ///< downstream wants no more
    bool discont_ = false;  ///< the next packet follows a gap
    unsigned pushing_ = 0;  ///< packets that downstream has not let go of yet
    GstSegment segment_;    ///< of what rtspsrc brings
    PacketTimes times_;
};

} // namespace onvif
