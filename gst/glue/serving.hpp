#pragma once

#include "glue/properties.hpp"

#include <map>

namespace glue {

// The shell of an element that listens while it is READY or more. Beside its table it has the
// properties "url", "stats" and, where its Settings have a field `port`, "port" (0 asks for any
// free one; reading it while the element listens tells which).

/// Where an element listens, while it does; under its object lock.
struct Listening {
    unsigned port = 0; ///< 0: it does not, or its url says all
    std::string url;
};

template <class S, class = void>
constexpr bool hasPort = false;
template <class S>
constexpr bool hasPort<S, std::void_t<decltype(S::port)>> = true;

/// The row of the address to listen on.
template <class S>
Property<S> listenAddress() {
    return text<S>(
        "address",
        "IP address to listen on: 127.0.0.1 is this machine alone, 0.0.0.0 every network "
        "it is in",
        &S::address);
}

/// Installs "port", as the property after `last`.
void installPort(GObjectClass* klass, guint last, unsigned byDefault);
/// Installs "url" and "stats", as the second and third property after `last`.
void installTold(GObjectClass* klass, guint last, const char* urlBlurb, const char* statsBlurb);

/// In class_init: the rows of the table and those beside it.
template <class S>
void installServing(GObjectClass* klass, const PropertyTable<S>& table, const char* urlBlurb,
                    const char* statsBlurb) {
    installProperties(klass, table);
    const auto last = static_cast<guint>(table.size());
    if constexpr (hasPort<S>)
        installPort(klass, last, S{}.port);
    installTold(klass, last, urlBlurb, statsBlurb);
}

/// All of set_property.
template <class S>
void setServing(GObject* object, const PropertyTable<S>& table, S& settings, guint id,
                const GValue* value, GParamSpec* spec) {
    if constexpr (hasPort<S>)
        if (id == table.size() + 1) {
            const ObjectLock lock(object);
            settings.port = g_value_get_uint(value);
            return;
        }
    if (!setProperty(object, table, settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/// All of get_property. `stats` makes the structure of that property, without the object lock.
template <class S, class Stats>
void getServing(GObject* object, const PropertyTable<S>& table, const S& settings,
                const Listening& listening, guint id, GValue* value, GParamSpec* spec,
                Stats&& stats) {
    const auto last = static_cast<guint>(table.size());
    if (id == last + 3)
        return g_value_take_boxed(value, stats());
    if (getProperty(object, table, settings, id, value))
        return;
    const ObjectLock lock(object);
    if (id == last + 2)
        return g_value_set_string(value, listening.url.empty() ? nullptr : listening.url.c_str());
    if constexpr (hasPort<S>)
        if (id == last + 1)
            return g_value_set_uint(value, listening.port ? listening.port : settings.port);
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/// It listens there `now`: tells so in the properties and with the element message `message`, which
/// has the field "url" and what `more` says.
void startedListening(GstElement* element, Listening& listening, const Listening& now,
                      const char* message, const std::map<const char*, std::string>& more = {});

/// It does not any more.
void stoppedListening(GstElement* element, Listening& listening);

/// The parent class's change_state, between what an element does that listens: open() on the way to
/// READY (false: it could not, and said so), forget() what streamed on the way back to READY, and
/// close() on the way to NULL.
template <class Open, class Forget, class Close>
GstStateChangeReturn changeServing(gpointer parentClass, GstElement* element,
                                   GstStateChange transition, Open&& open, Forget&& forget,
                                   Close&& close) {
    const bool opening = transition == GST_STATE_CHANGE_NULL_TO_READY;
    if (opening && !open())
        return GST_STATE_CHANGE_FAILURE;
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(parentClass)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
        forget();
    if (transition == GST_STATE_CHANGE_READY_TO_NULL ||
        (opening && result == GST_STATE_CHANGE_FAILURE))
        close();
    return result;
}

} // namespace glue
