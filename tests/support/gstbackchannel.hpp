#pragma once

#include "support/settings.hpp"
#include "support/tonemeter.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace camera {

/// What viewers have said into the camera.
struct Heard {
    std::uint64_t packets = 0;
    std::uint64_t samples = 0;
    std::string codec;    ///< "PCMU", "PCMA", "AAC"; empty when the camera has no loudspeaker
    double loudness = 0;  ///< dB of full scale, of the last half second
    double frequency = 0; ///< Hz, the strongest tone of the last half second
};

/// The camera's loudspeaker: measures instead of sounding. Any thread may ask.
class Loudspeaker {
public:
    explicit Loudspeaker(Backchannel codec);

    /// The launch description that GstRTSPOnvifMediaFactory wants; empty for None.
    std::string launch() const;
    /// Listens to the elements that were made from it; false where `bin` has none. The loudspeaker
    /// has to outlive the pipeline.
    bool attach(GstElement* bin);
    Heard heard() const;

private:
    static void onSamples(GstElement*, GstBuffer* buffer, GstPad*, gpointer data);
    static GstPadProbeReturn onPacket(GstPad*, GstPadProbeInfo* info, gpointer data);

    Backchannel codec_;
    mutable std::mutex mutex_;
    std::uint64_t packets_ = 0;
    ToneMeter meter_;
};

} // namespace camera
