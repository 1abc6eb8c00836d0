#pragma once

#include "stream.hpp"

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

// The element's parts, and the doors for what lives beside its stream.
//
// A feature with a file of its own (action signals, events, a backchannel, replay) becomes a
// Companion: one row in the table at the top of gstonvifsrc.cpp, and everything else here.

G_BEGIN_DECLS

#define GST_TYPE_ONVIF_SRC (gst_onvif_src_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifSrc, gst_onvif_src, GST, ONVIF_SRC, GstBin)

GST_ELEMENT_REGISTER_DECLARE(onvifsrc);

G_END_DECLS

GST_DEBUG_CATEGORY_EXTERN(onvifsrc_debug);

namespace onvif {

/// What is known of the camera at this moment: a copy, to be had from any thread.
struct CameraNow {
    SourceSettings settings; ///< of this run, credentials included; when stopped, those set now
    std::optional<Stream>
        stream;           ///< nothing before the camera was asked; stays while it is offline
    bool running = false; ///< between READY->PAUSED and back
};
CameraNow cameraNow(GstOnvifSrc* self);

/// Something that lives beside the stream of one onvifsrc, as long as the element. Its functions
/// are called in the order that they have here; start and stop, and asked and offline, alternate.
class Companion {
public:
    virtual ~Companion() = default;

    /// READY->PAUSED, before the camera is asked. In the thread that changes the state.
    virtual void start(const SourceSettings&) {}
    /// The camera has answered and its stream is about to be opened; again after each time that it
    /// was offline, and then perhaps at another address. In the keeper's thread: be quick.
    virtual void asked(const Stream&) {}
    /// The rtspsrc that will play `stream`, before it is started: the place for properties of it
    /// and for its signals (which die with it). In the keeper's thread.
    virtual void prepare(GstElement* /*rtspsrc*/, const Stream&) {}
    /// An error of rtspsrc. True: it comes from what this companion asked for, which it will ask
    /// for no more; the stream is opened anew at once.
    virtual bool retracts(GstMessage*) { return false; }
    /// The stream has brought all that it will: losing it now is its end. Any thread.
    virtual bool over() const { return false; }
    /// That rtspsrc is about to be taken down: keep no pointer to it. In the keeper's thread, or in
    /// the one that changes the state; only after `prepare`.
    virtual void offline() {}
    /// PAUSED->READY, with rtspsrc gone: join threads, and be back at once. In the thread that
    /// changes the state.
    virtual void stop() {}

    /// Fields for the property "stats". Any thread, any time.
    virtual void addStats(GstStructure*) const {}
    /// request_new_pad and release_pad of the element: null, or false, when it is not yours.
    virtual GstPad* requestPad(GstPadTemplate*, const char* /*name*/) { return nullptr; }
    virtual bool releasePad(GstPad*) { return false; }
};
using Companions = std::vector<std::unique_ptr<Companion>>;

/// A row of the table in gstonvifsrc.cpp.
struct CompanionKind {
    /// In class_init: signals and pad templates. A property is a field of SourceSettings and a row
    /// of the property table, as any other.
    void (*install)(GstElementClass*);
    /// In init. The element outlives what is made here.
    std::unique_ptr<Companion> (*make)(GstOnvifSrc*);
};

} // namespace onvif
