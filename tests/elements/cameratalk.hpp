#pragma once

#include "stream.hpp"
#include "support/gstvirtualcamera.hpp"

#include <gst/check/gstcheck.h>
// An old macro of Check's, and a member of every C++ stream.
#undef fail

#include <string>

// What tests that talk to the virtual camera have in common.

inline const char* const password = "s3cret w\u00f6rd&\"";

inline camera::Settings cameraWith(camera::Auth auth) {
    camera::Settings settings;
    settings.width = 320;
    settings.height = 180;
    settings.fps = 5;
    settings.discovery = false;
    settings.auth = auth;
    settings.password = password;
    return settings;
}

inline onvif::SourceSettings sourceFor(const camera::VirtualCamera& camera) {
    onvif::SourceSettings settings;
    settings.location = camera.deviceServiceUrl();
    settings.userId = "admin";
    settings.userPw = password;
    settings.timeout = std::chrono::seconds(30);
    return settings;
}

inline onvif::Stream find(const onvif::SourceSettings& settings, const onvif::Trace& trace = {}) {
    return onvif::findStream(settings, net::Cancel(), trace);
}

inline void assertHas(const std::string& text, const std::string& part) {
    fail_unless(text.find(part) != std::string::npos, "'%s' lacks '%s'", text.c_str(),
                part.c_str());
}
