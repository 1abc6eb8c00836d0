#pragma once

#include "glue/ref.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace glue {

/// One row of an element's property table: it names, explains and bounds one field of the core's
/// `Settings`. The default is the field's member initialiser and stands nowhere else.
template <class Settings>
struct Property {
    std::function<GParamSpec*(const Settings& defaults)> spec;
    std::function<void(Settings&, const GValue*)> write;
    std::function<void(const Settings&, GValue*)> read;
};

template <class Settings>
using PropertyTable = std::vector<Property<Settings>>;

/// The rows of one table and then those of another.
template <class S>
PropertyTable<S> joined(PropertyTable<S> rows, const PropertyTable<S>& more) {
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

/// For the flags parameter of a row: the value may change while the pipeline is playing.
constexpr GParamFlags mutablePlaying = static_cast<GParamFlags>(GST_PARAM_MUTABLE_PLAYING);
/// The value is read once, at start.
constexpr GParamFlags mutableReady = static_cast<GParamFlags>(GST_PARAM_MUTABLE_READY);

constexpr GParamFlags flagsOf(int base, GParamFlags extra) {
    return static_cast<GParamFlags>(base | G_PARAM_STATIC_STRINGS | extra);
}

template <class S>
Property<S> text(const char* name, const char* blurb, std::string S::*field,
                 GParamFlags flags = mutableReady) {
    return {[=](const S& defaults) {
                const std::string& value = defaults.*field;
                return g_param_spec_string(name, name, blurb,
                                           value.empty() ? nullptr : value.c_str(),
                                           flagsOf(G_PARAM_READWRITE, flags));
            },
            [=](S& s, const GValue* v) {
                const char* given = g_value_get_string(v);
                s.*field = given ? given : "";
            },
            [=](const S& s, GValue* v) {
                g_value_set_string(v, (s.*field).empty() ? nullptr : (s.*field).c_str());
            }};
}

/// A text that can be set and never read back, so that no tool prints it.
template <class S>
Property<S> secret(const char* name, const char* blurb, std::string S::*field,
                   GParamFlags flags = mutableReady) {
    Property<S> row = text(name, blurb, field, flags);
    row.spec = [=](const S&) {
        return g_param_spec_string(name, name, blurb, nullptr, flagsOf(G_PARAM_WRITABLE, flags));
    };
    return row;
}

template <class S>
Property<S> toggle(const char* name, const char* blurb, bool S::*field,
                   GParamFlags flags = mutableReady) {
    return {[=](const S& defaults) {
                return g_param_spec_boolean(name, name, blurb, defaults.*field,
                                            flagsOf(G_PARAM_READWRITE, flags));
            },
            [=](S& s, const GValue* v) { s.*field = g_value_get_boolean(v); },
            [=](const S& s, GValue* v) { g_value_set_boolean(v, s.*field); }};
}

/// A number of type int, unsigned, gint64, guint64, float or double.
template <class S, class Number>
Property<S> number(const char* name, const char* blurb, Number S::*field,
                   std::common_type_t<Number> low, std::common_type_t<Number> high,
                   GParamFlags flags = mutableReady) {
    const auto spec = [=](const S& defaults) -> GParamSpec* {
        const GParamFlags all = flagsOf(G_PARAM_READWRITE, flags);
        const Number value = defaults.*field;
        if constexpr (std::is_same_v<Number, int>)
            return g_param_spec_int(name, name, blurb, low, high, value, all);
        else if constexpr (std::is_same_v<Number, unsigned>)
            return g_param_spec_uint(name, name, blurb, low, high, value, all);
        else if constexpr (std::is_same_v<Number, gint64>)
            return g_param_spec_int64(name, name, blurb, low, high, value, all);
        else if constexpr (std::is_same_v<Number, guint64>)
            return g_param_spec_uint64(name, name, blurb, low, high, value, all);
        else if constexpr (std::is_same_v<Number, float>)
            return g_param_spec_float(name, name, blurb, low, high, value, all);
        else {
            static_assert(std::is_same_v<Number, double>, "no GParamSpec for this type");
            return g_param_spec_double(name, name, blurb, low, high, value, all);
        }
    };
    const auto write = [=](S& s, const GValue* v) {
        if constexpr (std::is_same_v<Number, int>)
            s.*field = g_value_get_int(v);
        else if constexpr (std::is_same_v<Number, unsigned>)
            s.*field = g_value_get_uint(v);
        else if constexpr (std::is_same_v<Number, gint64>)
            s.*field = g_value_get_int64(v);
        else if constexpr (std::is_same_v<Number, guint64>)
            s.*field = g_value_get_uint64(v);
        else if constexpr (std::is_same_v<Number, float>)
            s.*field = g_value_get_float(v);
        else
            s.*field = g_value_get_double(v);
    };
    const auto read = [=](const S& s, GValue* v) {
        if constexpr (std::is_same_v<Number, int>)
            g_value_set_int(v, s.*field);
        else if constexpr (std::is_same_v<Number, unsigned>)
            g_value_set_uint(v, s.*field);
        else if constexpr (std::is_same_v<Number, gint64>)
            g_value_set_int64(v, s.*field);
        else if constexpr (std::is_same_v<Number, guint64>)
            g_value_set_uint64(v, s.*field);
        else if constexpr (std::is_same_v<Number, float>)
            g_value_set_float(v, s.*field);
        else
            g_value_set_double(v, s.*field);
    };
    return {spec, write, read};
}

/// A duration, shown to the user as a whole number of `Duration`'s unit (name that unit in the
/// blurb).
template <class S, class Duration>
Property<S> duration(const char* name, const char* blurb, Duration S::*field, Duration low,
                     Duration high, GParamFlags flags = mutableReady) {
    return {[=](const S& defaults) {
                return g_param_spec_uint(name, name, blurb, static_cast<guint>(low.count()),
                                         static_cast<guint>(high.count()),
                                         static_cast<guint>((defaults.*field).count()),
                                         flagsOf(G_PARAM_READWRITE, flags));
            },
            [=](S& s, const GValue* v) { s.*field = Duration(g_value_get_uint(v)); },
            [=](const S& s, GValue* v) {
                g_value_set_uint(v, static_cast<guint>((s.*field).count()));
            }};
}

/// One of an enumeration; `type` registers or finds its GType (see `enumType`).
template <class S, class Enum>
Property<S> choice(const char* name, const char* blurb, Enum S::*field, GType type,
                   GParamFlags flags = mutableReady) {
    return {[=](const S& defaults) {
                return g_param_spec_enum(name, name, blurb, type, static_cast<int>(defaults.*field),
                                         flagsOf(G_PARAM_READWRITE, flags));
            },
            [=](S& s, const GValue* v) { s.*field = static_cast<Enum>(g_value_get_enum(v)); },
            [=](const S& s, GValue* v) { g_value_set_enum(v, static_cast<int>(s.*field)); }};
}

/// Any of a set of flags; `type` is a GFlags type that a library has registered.
template <class S>
Property<S> flags(const char* name, const char* blurb, unsigned S::*field, GType type,
                  GParamFlags extra = mutableReady) {
    return {[=](const S& defaults) {
                return g_param_spec_flags(name, name, blurb, type, defaults.*field,
                                          flagsOf(G_PARAM_READWRITE, extra));
            },
            [=](S& s, const GValue* v) { s.*field = g_value_get_flags(v); },
            [=](const S& s, GValue* v) { g_value_set_flags(v, s.*field); }};
}

/// Registers an enumeration under a name that must carry its element's, e.g. "GstYoloDetectMode".
/// `values` ends with {0, nullptr, nullptr} and lives for ever: make it static.
inline GType enumType(const char* typeName, const GEnumValue* values) {
    const GType known = g_type_from_name(typeName);
    return known ? known : g_enum_register_static(typeName, values);
}

/// In class_init: installs row i as property i + 1. Ids after the table are the element's own.
template <class S>
void installProperties(GObjectClass* klass, const PropertyTable<S>& table) {
    const S defaults{};
    guint id = 1;
    for (const Property<S>& row : table)
        g_object_class_install_property(klass, id++, row.spec(defaults));
}

/// In class_init: the read-only property "stats", a structure of counters.
inline void installStats(GObjectClass* klass, guint id, const char* blurb) {
    g_object_class_install_property(klass, id,
                                    g_param_spec_boxed("stats", "stats", blurb, GST_TYPE_STRUCTURE,
                                                       flagsOf(G_PARAM_READABLE, GParamFlags(0))));
}

/// A copy of an element's settings, made under its object lock: what start() works with.
template <class S>
S settingsOf(gpointer element, const S& settings) {
    const ObjectLock lock(element);
    return settings;
}

/// In set_property: writes the field under the object lock. False when the id is not of the table.
template <class S>
bool setProperty(GObject* object, const PropertyTable<S>& table, S& settings, guint id,
                 const GValue* value) {
    if (id < 1 || id > table.size())
        return false;
    const ObjectLock lock(object);
    table[id - 1].write(settings, value);
    return true;
}

/// In get_property: reads the field under the object lock. False when the id is not of the table.
template <class S>
bool getProperty(GObject* object, const PropertyTable<S>& table, const S& settings, guint id,
                 GValue* value) {
    if (id < 1 || id > table.size())
        return false;
    const ObjectLock lock(object);
    table[id - 1].read(settings, value);
    return true;
}

} // namespace glue
