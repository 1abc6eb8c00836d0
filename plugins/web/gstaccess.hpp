#pragma once

#include "glue/properties.hpp"
#include "web/access.hpp"
#include "web/site.hpp"

#include <gst/gst.h>

namespace web {

/// The rows of a sink's property table for its `access`, in the same words for all of them. The
/// login can be set and never read back, and is kept as a hash.
template <class S>
glue::PropertyTable<S> accessProperties(Access S::*access) {
    using glue::flagsOf;
    using glue::mutableReady;
    const auto text = [=](const char* name, const char* blurb, std::string Access::*field) {
        return glue::Property<S>{[=](const S&) {
                                     return g_param_spec_string(
                                         name, name, blurb, nullptr,
                                         flagsOf(G_PARAM_READWRITE, mutableReady));
                                 },
                                 [=](S& s, const GValue* v) {
                                     const char* given = g_value_get_string(v);
                                     (s.*access).*field = given ? given : "";
                                 },
                                 [=](const S& s, GValue* v) {
                                     const std::string& value = (s.*access).*field;
                                     g_value_set_string(v, value.empty() ? nullptr : value.c_str());
                                 }};
    };
    glue::Property<S> auth = text(
        "auth",
        "Who may come in: token:SECRET, NAME:PASSWORD, NAME:HASH (as \"openssl passwd -6\" "
        "prints), "
        "env:VARIABLE or file:PATH with such lines; holds for all sinks at the same address and "
        "port",
        &Access::auth);
    auth.spec = [spec = auth.spec](const S& defaults) {
        GParamSpec* made = spec(defaults);
        made->flags = static_cast<GParamFlags>(made->flags & ~G_PARAM_READABLE);
        return made;
    };
    auth.write = [=](S& s, const GValue* v) {
        const char* given = g_value_get_string(v);
        (s.*access).auth = sealed(given ? given : "");
    };
    const glue::Property<S> joins{
        [=](const S& defaults) {
            return g_param_spec_int("join-rate", "join-rate",
                                    "How often a minute one address may begin to watch (-1 = 120 "
                                    "times from the network and any number from this machine, 0 = "
                                    "any number)",
                                    -1, 100000, (defaults.*access).joinRate,
                                    flagsOf(G_PARAM_READWRITE, mutableReady));
        },
        [=](S& s, const GValue* v) { (s.*access).joinRate = g_value_get_int(v); },
        [=](const S& s, GValue* v) { g_value_set_int(v, (s.*access).joinRate); }};
    return {
        auth,
        text("allow-origin",
             "Sites whose pages may play the stream, separated by commas, or * for any; without "
             "it only the element's own page and programs that are no browsers",
             &Access::allowOrigin),
        joins,
        text("tls-certificate",
             "PEM file with certificate and key to serve HTTPS, or \"self-signed\" for one that is "
             "made at the first start and kept",
             &Access::tlsCertificate),
    };
}

/// Once it listens: says when everybody in the network may do what it is there for ("watch").
inline void warnIfOpen(GstElement* element, const Site& site, const char* deed = "watch") {
    if (site.isOpenToAll())
        GST_ELEMENT_WARNING(element, RESOURCE, OPEN_READ_WRITE,
                            ("Everybody in the network can %s at %s: set auth, or address to "
                             "127.0.0.1 for this machine alone.",
                             deed, site.origin().c_str()),
                            (nullptr));
}

} // namespace web
