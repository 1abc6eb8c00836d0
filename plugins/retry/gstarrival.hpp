#pragma once

#include "glue/ref.hpp"

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <vector>

namespace retry {

/// Whether what a branch is given comes out at its peers. That it plays does not tell: some sinks
/// connect when there is something to send and hold it until then (rtmp2sink), others play while
/// they connect, or while nobody has called, and throw away what comes meanwhile (srtsink).
class Arrival {
public:
    /// Watches the sinks of this branch, which does not play yet.
    void watch(GstBin* branch);
    void forget() { inputs_.clear(); }

    /// Something has come, and none of the sinks that were given something still has it.
    bool complete() const;

private:
    struct Input {
        glue::Ref<GstElement> sink;
        std::shared_ptr<std::atomic<unsigned>> buffers; ///< that it was given
    };
    static gboolean watchPad(GstElement* sink, GstPad* pad, gpointer self);
    std::vector<Input> inputs_;
};

} // namespace retry
