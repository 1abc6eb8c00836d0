#pragma once

#include "glue/ref.hpp"
#include "web/offer.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace web {

/// One pad of whiplistensrc. Publishers come and go behind it; it stays, and its timeline is the
/// pipeline's running time throughout. What comes faster than downstream takes it is dropped up to
/// the next key frame, so that nobody decodes half a picture.
class Outlet : public std::enable_shared_from_this<Outlet> {
public:
    struct Counters {
        std::uint64_t frames = 0, bytes = 0, keyFrames = 0, drops = 0;
    };
    using Wish = std::function<void()>;

    /// Adds the pad to `bin`. `needsKeyFrame` is called from any thread.
    static std::shared_ptr<Outlet> make(GstBin* bin, GstPadTemplate* templ, const char* name,
                                        Kind kind, GstClockTime latency, Wish needsKeyFrame);
    ~Outlet();

    Kind kind() const { return kind_; }
    /// What comes next is another publisher's: it begins with a key frame.
    void begin();
    /// From the publisher's streaming thread; one publisher at a time.
    void push(GstSample* sample);
    void end();
    /// Takes pad and source out of the bin.
    void dispose();
    Counters counters() const;
    /// The encoding of what has come so far: "video/x-vp8"; "" before.
    std::string mediaType() const;

private:
    Outlet(Kind kind, Wish wish) : kind_(kind), needsKeyFrame_(std::move(wish)) {}
    bool isTaken(GstBuffer* buffer);
    static GstPadProbeReturn onUpstream(GstPad*, GstPadProbeInfo* info, gpointer self);

    const Kind kind_;
    const Wish needsKeyFrame_;
    GstBin* bin_ = nullptr;
    glue::Ref<GstElement> source_;
    glue::Ref<GstPad> pad_;
    std::atomic<bool> fresh_{true};   ///< the next buffer begins something new
    std::atomic<bool> waiting_{true}; ///< for a key frame
    // The publisher's streaming thread only; the next begins when that has ended.
    GstClockTime last_ = GST_CLOCK_TIME_NONE;
    std::atomic<std::uint64_t> frames_{0}, bytes_{0}, keyFrames_{0}, drops_{0};
};

} // namespace web
