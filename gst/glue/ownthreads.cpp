#include "glue/ownthreads.hpp"

#include <memory>

namespace glue {
namespace {

struct Work {
    GstTaskPoolFunction function;
    gpointer data;
};

gpointer run(gpointer data) {
    const std::unique_ptr<Work> work(static_cast<Work*>(data));
    work->function(work->data);
    return nullptr;
}

gpointer push(GstTaskPool*, GstTaskPoolFunction function, gpointer data, GError** error) {
    auto work = std::make_unique<Work>(Work{function, data});
    GThread* thread = g_thread_try_new(nullptr, run, work.get(), error);
    if (thread)
        work.release();
    return thread;
}

void join(GstTaskPool*, gpointer thread) {
    if (thread)
        g_thread_join(static_cast<GThread*>(thread));
}

void dispose(GstTaskPool*, gpointer thread) {
    if (thread)
        g_thread_unref(static_cast<GThread*>(thread));
}

void nothing(GstTaskPool*) {}

void prepare(GstTaskPool*, GError**) {}

void initialise(gpointer klass, gpointer) {
    auto* pool = GST_TASK_POOL_CLASS(klass);
    pool->prepare = prepare;
    pool->cleanup = nothing;
    pool->push = push;
    pool->join = join;
    pool->dispose_handle = dispose;
}

/// Each plugin has this code, and a type is registered once in a process.
GType typeOf() {
    static const char* const name = "VideoStreamOwnThreads";
    if (const GType known = g_type_from_name(name))
        return known;
    return g_type_register_static_simple(GST_TYPE_TASK_POOL, name, sizeof(GstTaskPoolClass),
                                         initialise, sizeof(GstTaskPool), nullptr, GTypeFlags(0));
}

GstTaskPool* thePool() {
    static GstTaskPool* const pool = [] {
        auto* made = static_cast<GstTaskPool*>(g_object_new(typeOf(), nullptr));
        gst_object_ref_sink(made);
        GST_OBJECT_FLAG_SET(made, GST_OBJECT_FLAG_MAY_BE_LEAKED);
        return made;
    }();
    return pool;
}

} // namespace

void giveOwnThread(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_STREAM_STATUS)
        return;
    GstStreamStatusType type;
    gst_message_parse_stream_status(message, &type, nullptr);
    const GValue* task = gst_message_get_stream_status_object(message);
    if (type == GST_STREAM_STATUS_TYPE_CREATE && task && G_VALUE_HOLDS(task, GST_TYPE_TASK))
        gst_task_set_pool(GST_TASK(g_value_get_object(task)), thePool());
}

} // namespace glue
