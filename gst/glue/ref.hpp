#pragma once

#include <gst/gst.h>

#include <memory>

namespace glue {

/// Gives one reference back, whatever family it is of.
struct Unref {
    void operator()(GstElement* o) const { gst_object_unref(o); }
    void operator()(GstPad* o) const { gst_object_unref(o); }
    void operator()(GstBus* o) const { gst_object_unref(o); }
    void operator()(GstObject* o) const { gst_object_unref(o); }
    void operator()(GstClock* o) const { gst_object_unref(o); }
    void operator()(GstDevice* o) const { gst_object_unref(o); }
    void operator()(GstPadTemplate* o) const { gst_object_unref(o); }
    void operator()(GstElementFactory* o) const { gst_object_unref(o); }
    void operator()(GstCaps* o) const { gst_caps_unref(o); }
    void operator()(GstBuffer* o) const { gst_buffer_unref(o); }
    void operator()(GstBufferList* o) const { gst_buffer_list_unref(o); }
    void operator()(GstSample* o) const { gst_sample_unref(o); }
    void operator()(GstEvent* o) const { gst_event_unref(o); }
    void operator()(GstQuery* o) const { gst_query_unref(o); }
    void operator()(GstMessage* o) const { gst_message_unref(o); }
    void operator()(GstPromise* o) const { gst_promise_unref(o); }
    void operator()(GstStructure* o) const { gst_structure_free(o); }
    void operator()(GstIterator* o) const { gst_iterator_free(o); }
    void operator()(GError* o) const { g_error_free(o); }
    void operator()(char* o) const { g_free(o); }
};

/// Owns one reference. A raw pointer parameter borrows, a `Ref` parameter takes.
template <class T>
using Ref = std::unique_ptr<T, Unref>;

/// A second reference to something that is owned elsewhere.
template <class T>
Ref<T> share(T* object) {
    return Ref<T>(object ? static_cast<T*>(gst_object_ref(object)) : nullptr);
}
inline Ref<GstCaps> share(GstCaps* caps) {
    return Ref<GstCaps>(caps ? gst_caps_ref(caps) : nullptr);
}
inline Ref<GstBuffer> share(GstBuffer* buffer) {
    return Ref<GstBuffer>(buffer ? gst_buffer_ref(buffer) : nullptr);
}

/// Holds the object lock of a GstObject for a scope.
class ObjectLock {
public:
    explicit ObjectLock(gpointer object) : object_(GST_OBJECT(object)) { GST_OBJECT_LOCK(object_); }
    ~ObjectLock() { GST_OBJECT_UNLOCK(object_); }
    ObjectLock(const ObjectLock&) = delete;
    ObjectLock& operator=(const ObjectLock&) = delete;

private:
    GstObject* object_;
};

} // namespace glue
