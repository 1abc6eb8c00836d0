#pragma once

#include <glib-object.h>

#include <memory>

namespace glue {

struct ObjectUnref {
    void operator()(gpointer object) const { g_object_unref(object); }
};
/// One reference to a GObject that is no GstObject.
template <class T>
using Object = std::unique_ptr<T, ObjectUnref>;

} // namespace glue
