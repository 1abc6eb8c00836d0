#pragma once

#include <gst/gst.h>

namespace glue {

/// Gives every streaming thread that `message` announces a thread of its own, which has ended, with
/// all that libraries keep per thread, when its pad has stopped. For a bus' sync handler.
///
/// GStreamer's shared threads outlive their pipeline: they wait half a second for other work, or
/// are let go of by gst_deinit(). Where DTLS went through one of them, OpenSSL tidies up as that
/// thread ends, and a program that is just ending crashes: what is being tidied up is gone already.
/// A thread of its own costs some 30 microseconds to start.
void giveOwnThread(GstMessage* message);

} // namespace glue
