#pragma once

#include "glue/properties.hpp"

namespace glue {

// The shell of an element that listens at `address` and `port` between READY and NULL, which are
// fields of its Settings, and serves there. Beside its table it has the properties "port" (0 asks
// for any free one; reading it while it listens tells which), "url" and "stats".

/// Where an element listens, while it does; under its object lock.
struct Listening {
    unsigned port = 0;
    std::string url;
};

/// The row of the address to listen on.
template <class S>
Property<S> listenAddress() {
    return text("address",
                "IP address to listen on: 127.0.0.1 is this machine alone, 0.0.0.0 every network "
                "it is in",
                &S::address);
}

/// Installs the three, as the properties after `last`. The blurbs are for "url" and "stats".
void installServing(GObjectClass* klass, guint last, unsigned defaultPort, const char* urlBlurb,
                    const char* statsBlurb);

/// In class_init: the rows of the table and the three.
template <class S>
void installServing(GObjectClass* klass, const PropertyTable<S>& table, const char* urlBlurb,
                    const char* statsBlurb) {
    installProperties(klass, table);
    installServing(klass, static_cast<guint>(table.size()), S{}.port, urlBlurb, statsBlurb);
}

/// All of set_property.
template <class S>
void setServing(GObject* object, const PropertyTable<S>& table, S& settings, guint id,
                const GValue* value, GParamSpec* spec) {
    if (id == table.size() + 1) {
        const ObjectLock lock(object);
        settings.port = g_value_get_uint(value);
    } else if (!setProperty(object, table, settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

/// "port" and "url" into `value`; `wished` is the port of the settings. False for another id.
bool getListening(GObject* object, guint last, const Listening& listening, const unsigned& wished,
                  guint id, GValue* value);

/// All of get_property. `stats` makes the structure of that property, without the object lock.
template <class S, class Stats>
void getServing(GObject* object, const PropertyTable<S>& table, const S& settings,
                const Listening& listening, guint id, GValue* value, GParamSpec* spec,
                Stats&& stats) {
    const auto last = static_cast<guint>(table.size());
    if (id == last + 3)
        g_value_take_boxed(value, stats());
    else if (!getListening(object, last, listening, settings.port, id, value) &&
             !getProperty(object, table, settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/// It listens: tells so in the properties and with the element message `ready`, whose field "url"
/// is the property's value.
void startedListening(GstElement* element, Listening& listening, unsigned port,
                      Ref<GstStructure> ready);

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
