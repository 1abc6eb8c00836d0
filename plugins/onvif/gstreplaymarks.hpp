#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <optional>

namespace onvif {

/// How far a replay has come, by the absolute times in its packets. Any thread.
class ReplayPosition {
public:
    void reached(std::uint64_t ntp) { ntp_ = ntp; }
    void forget() {
        ntp_ = 0;
        ended_ = false;
    }
    void end(bool ended) { ended_ = ended; } ///< the device said that nothing follows
    bool ended() const { return ended_; }
    std::optional<std::uint64_t> last() const {
        const std::uint64_t ntp = ntp_;
        return ntp ? std::optional<std::uint64_t>(ntp) : std::nullopt;
    }

private:
    std::atomic<std::uint64_t> ntp_{0}; ///< ns since 1900; 0: nothing yet
    std::atomic<bool> ended_{false};
};

/// Reads the replay extension of all packets that leave `pad` of an rtspsrc: each gets its time as
/// a GstReferenceTimestampMeta, those without an extension that of the frame that they belong to.
/// `position` has to outlive the pad.
void markReplay(GstPad* pad, ReplayPosition& position);

} // namespace onvif
