#pragma once

#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
// An old macro of Check's, and a member of every C++ stream.
#undef fail

#include <cmath>
#include <string>

/// What comes out of an action of onvifsrc: give `promise` along with it.
struct Outcome {
    glue::Ref<GstPromise> promise{gst_promise_new()};

    const GstStructure* wait() {
        fail_unless_equals_int(gst_promise_wait(promise.get()), GST_PROMISE_RESULT_REPLIED);
        return gst_promise_get_reply(promise.get());
    }
    const GstStructure* success() {
        const GstStructure* reply = wait();
        fail_unless(!gst_structure_has_field(reply, "error"), "%s", error().c_str());
        return reply;
    }
    std::string error() {
        GError* error = nullptr;
        if (!gst_structure_get(wait(), "error", G_TYPE_ERROR, &error, nullptr))
            return {};
        const glue::Ref<GError> owned(error);
        return error->message;
    }
};

inline double numberOf(const GstStructure* facts, const char* name) {
    double value = NAN;
    fail_unless(gst_structure_get_double(facts, name, &value), "no %s", name);
    return value;
}
