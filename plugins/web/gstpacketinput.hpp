#pragma once

#include "glue/ref.hpp"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <string>

namespace web {

/// The way of one input through the bin: [depayloader] [parser] [encoder] [payloader] appsink,
/// changed when other caps come. The appsink is where the pipeline ends: nothing that a viewer does
/// goes further up than here, except a wish for a key frame.
///
/// Sound never stops the picture: what goes wrong in its elements becomes one warning on the bus,
/// and the source is told that all is well.
class PacketInput {
public:
    /// RTP, in the streaming thread.
    using Arrived = std::function<void(GstSample*)>;
    /// What comes next begins anew, at another time: a seek. In whatever thread that is made.
    using Flushed = std::function<void()>;
    struct Size {
        int width = 0, height = 0; ///< pixels; 0 where it is not told
    };

    PacketInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, Arrived arrived,
                Flushed flushed);
    PacketInput(const PacketInput&) = delete;
    PacketInput& operator=(const PacketInput&) = delete;

    GstPad* pad() const { return pad_; }
    /// Of the pictures that are packed now. In the streaming thread.
    Size size() const;
    /// Asks upstream for a key frame. False when nobody there hears it.
    bool askForKeyFrame();
    /// Takes elements and pad out of the bin.
    void dispose();

    /// An error of an element that prepares sound: the warning is, or will be, there already.
    static bool isSoundFailure(GstMessage* message);

private:
    static GstPadProbeReturn onEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    static GstPadProbeReturn onQuery(GstPad* pad, GstPadProbeInfo* info, gpointer);
    static GstFlowReturn onBuffer(GstPad* pad, GstObject* parent, GstBuffer* buffer);
    static GstFlowReturn onList(GstPad* pad, GstObject* parent, GstBufferList* list);
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    GstFlowReturn tolerated(GstFlowReturn result);
    void configure(GstCaps* caps);
    void complain(const std::string& description);
    bool buildChain(const std::string& description);
    void dropChain();
    void removeFromBin(GstElement* element);

    GstBin* bin_;
    Arrived arrived_;
    Flushed flushed_;
    // Held: a bin that is disposed of drops its children before its pads.
    glue::Ref<GstElement> filter_, sink_;
    glue::Ref<GstElement> chain_;   ///< between them; streaming thread, or no streaming
    std::string description_ = "?"; ///< of chain_
    std::atomic<bool> sound_{false}, failed_{false};
    GstPad* pad_;
};

} // namespace web
