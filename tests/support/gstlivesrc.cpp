#include "support/gstlivesrc.hpp"

#include "base/error.hpp"
#include "glue/guard.hpp"
#include "glue/ref.hpp"

#include <gst/base/gstpushsrc.h>

GST_DEBUG_CATEGORY_STATIC(virtualcamerasrc_debug);
#define GST_CAT_DEFAULT virtualcamerasrc_debug

struct VirtualCameraSrc {
    GstPushSrc parent;
    camera::Producer* producer;
    GstClockID wait; ///< with the object lock held, like the next
    bool unlocked;
};
struct VirtualCameraSrcClass {
    GstPushSrcClass parent;
};

GType virtual_camera_src_get_type();
G_DEFINE_TYPE(VirtualCameraSrc, virtual_camera_src, GST_TYPE_PUSH_SRC)

static VirtualCameraSrc* asSource(gpointer object) {
    return static_cast<VirtualCameraSrc*>(object);
}

static camera::Producer& producerOf(gpointer object) {
    if (!asSource(object)->producer)
        throw base::Error(base::ErrorKind::Failed,
                          "The source was started without anything to show.");
    return *asSource(object)->producer;
}

static GstCaps* virtual_camera_src_get_caps(GstBaseSrc* src, GstCaps* filter) {
    if (!asSource(src)->producer)
        return GST_BASE_SRC_CLASS(virtual_camera_src_parent_class)->get_caps(src, filter);
    return glue::guard(src, gst_caps_new_empty(), [&] {
        const auto caps = producerOf(src).caps();
        return filter ? gst_caps_intersect(filter, caps.get()) : gst_caps_ref(caps.get());
    });
}

/// Until the clock says so; false when told to stop.
static bool waitUntil(VirtualCameraSrc* self, GstClockTime due) {
    const glue::Ref<GstClock> clock(gst_element_get_clock(GST_ELEMENT(self)));
    if (!clock)
        return true;
    GstClockID id = nullptr;
    {
        const glue::ObjectLock lock(self);
        if (self->unlocked)
            return false;
        self->wait = id = gst_clock_new_single_shot_id(clock.get(), due);
    }
    const GstClockReturn result = gst_clock_id_wait(id, nullptr);
    {
        const glue::ObjectLock lock(self);
        self->wait = nullptr;
    }
    gst_clock_id_unref(id);
    return result != GST_CLOCK_UNSCHEDULED;
}

// It waits by itself. The base class would, for a source that tells when a buffer is due, but takes
// it for a device with a delay: it adds what the first buffer is late to the time of all that
// follow, and a camera that had to wait for a processor once was late by that in its own clock for
// good.
static GstFlowReturn virtual_camera_src_create(GstPushSrc* src, GstBuffer** buffer) {
    return glue::guard(src, GST_FLOW_ERROR, [&] {
        auto next = producerOf(src).next();
        if (!next)
            return GST_FLOW_FLUSHING;
        const GstClockTime due = GST_BUFFER_PTS(next.get());
        while (!waitUntil(asSource(src), due))
            if (const auto flow = gst_base_src_wait_playing(GST_BASE_SRC(src)); flow != GST_FLOW_OK)
                return flow;
        // Live: this runs in PLAYING only, so the base time is set.
        const GstClockTime base = gst_element_get_base_time(GST_ELEMENT(src));
        GST_BUFFER_PTS(next.get()) = due > base ? due - base : 0;
        GST_BUFFER_DTS(next.get()) = GST_CLOCK_TIME_NONE;
        *buffer = next.release();
        return GST_FLOW_OK;
    });
}

static void setUnlocked(VirtualCameraSrc* self, bool unlocked) {
    const glue::ObjectLock lock(self);
    self->unlocked = unlocked;
    if (unlocked && self->wait)
        gst_clock_id_unschedule(self->wait);
}

static gboolean virtual_camera_src_unlock(GstBaseSrc* src) {
    setUnlocked(asSource(src), true);
    if (asSource(src)->producer)
        asSource(src)->producer->cancel(true);
    return TRUE;
}

static gboolean virtual_camera_src_unlock_stop(GstBaseSrc* src) {
    setUnlocked(asSource(src), false);
    if (asSource(src)->producer)
        asSource(src)->producer->cancel(false);
    return TRUE;
}

static void virtual_camera_src_finalize(GObject* object) {
    delete asSource(object)->producer;
    G_OBJECT_CLASS(virtual_camera_src_parent_class)->finalize(object);
}

static void virtual_camera_src_init(VirtualCameraSrc* self) {
    gst_base_src_set_live(GST_BASE_SRC(self), TRUE);
    gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
}

static void virtual_camera_src_class_init(VirtualCameraSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(virtualcamerasrc_debug, "virtualcamerasrc", 0, "virtual camera source");
    G_OBJECT_CLASS(klass)->finalize = virtual_camera_src_finalize;
    auto* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Virtual camera source", "Source",
                                          "Shows what the virtual camera sees, live",
                                          "Video Stream");
    static GstStaticPadTemplate any =
        GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
    gst_element_class_add_static_pad_template(element, &any);
    auto* base = GST_BASE_SRC_CLASS(klass);
    base->get_caps = virtual_camera_src_get_caps;
    base->unlock = virtual_camera_src_unlock;
    base->unlock_stop = virtual_camera_src_unlock_stop;
    GST_PUSH_SRC_CLASS(klass)->create = virtual_camera_src_create;
}

namespace camera {

void registerLiveSource() {
    gst_element_register(nullptr, "virtualcamerasrc", GST_RANK_NONE, virtual_camera_src_get_type());
}

void setProducer(GstElement* liveSource, std::unique_ptr<Producer> producer) {
    delete asSource(liveSource)->producer;
    asSource(liveSource)->producer = producer.release();
}

} // namespace camera
