#pragma once

#include "gstinput.hpp"
#include "servesettings.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <memory>
#include <mutex>
#include <vector>

namespace rtspserve {

/// All that one rtspserversink sends, as the RTSP server sees it. The server may hold it longer
/// than the element lives: then it is empty.
class Stream {
public:
    using Inputs = std::vector<std::shared_ptr<Input>>;

    void setInputs(Inputs inputs, GstElement* sink);
    Inputs inputs() const;
    /// Every input is known.
    bool live() const;
    void played() const;

    /// A bin of an appsrc and a payloader for each input; null when there is nothing to see. The
    /// sink's clock is set on `factory`, so that its media counts the same time.
    GstElement* makeBin(GstRTSPMediaFactory* factory) const;
    /// The media that was made of such a bin gets frames, until it is taken down.
    void connect(GstRTSPMedia* media) const;

private:
    mutable std::mutex mutex_;
    Inputs inputs_;
    GstElement* sink_ = nullptr; ///< valid while there are inputs
};

/// What the server asks for the stream, one media for all its clients. Free it with g_object_unref.
GstRTSPMediaFactory* newFactory(std::shared_ptr<Stream> stream, const ServeSettings& settings);

} // namespace rtspserve
