#pragma once

#include "glue/ref.hpp"
#include "soundoffer.hpp"

#include <gst/gst.h>

#include <functional>

namespace onvif {

/// Makes sound into RTP packets for one camera, in the thread that brings the sound. Stock elements
/// linked together, outside of any pipeline: they have no clock and nothing to wait for.
class SoundEncoder {
public:
    using Packet = std::function<void(glue::Ref<GstBuffer>)>;

    /// `caps` are those of the sound. Throws base::Error where elements are missing.
    SoundEncoder(const SoundOffer& offer, GstCaps* caps, Packet packet);
    ~SoundEncoder();
    SoundEncoder(const SoundEncoder&) = delete;
    SoundEncoder& operator=(const SoundEncoder&) = delete;

    void event(glue::Ref<GstEvent> event);
    GstFlowReturn sound(glue::Ref<GstBuffer> buffer);

private:
    static GstFlowReturn chain(GstPad* pad, GstObject*, GstBuffer* packet);

    glue::Ref<GstElement> bin_;
    glue::Ref<GstPad> in_, out_;
    Packet packet_;
};

} // namespace onvif
