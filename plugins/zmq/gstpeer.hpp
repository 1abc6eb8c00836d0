#pragma once

#include "glue/properties.hpp"
#include "zmq/message.hpp"
#include "zmq/socket.hpp"

#include <gst/video/video.h>

// What imagezmqsink and imagezmqsrc have in common, as elements.

#define IMAGEZMQ_CAPS "image/jpeg; " GST_VIDEO_CAPS_MAKE("{ BGR, GRAY8, BGRA, RGB }")

namespace imagezmq {

GType connectionType();

/// The rows of where the peer is: fields `endpoint` and `link`.
template <class S>
glue::PropertyTable<S> peerProperties() {
    return {
        glue::text("endpoint",
                   "Where to listen or connect to: tcp://ADDRESS:PORT (a * as address listens in "
                   "every network, a * as port takes a free one) or ipc://PATH",
                   &S::endpoint),
        glue::choice("connection", "Who listens and who connects", &S::link, connectionType()),
    };
}

/// The blurb of "url".
constexpr const char* urlBlurb =
    "The endpoint in use, with the port where any free one was asked for";

GstVideoFormat formatOf(Pixels pixels); ///< not of a JPEG
Pixels pixelsOf(GstVideoFormat format);

} // namespace imagezmq
