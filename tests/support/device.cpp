#include "support/device.hpp"

#include <glib.h>

#include <cstdio>
#include <memory>

namespace camera {
namespace {

std::string percentEncoded(const std::string& text) {
    const std::unique_ptr<char, decltype(&g_free)> escaped(
        g_uri_escape_string(text.c_str(), nullptr, FALSE), g_free);
    return escaped.get();
}

} // namespace

std::vector<std::string> Device::scopes() const {
    const std::string start = "onvif://www.onvif.org/";
    return {start + "type/video_encoder",
            start + "type/audio_encoder",
            start + "type/Network_Video_Transmitter",
            start + "Profile/Streaming",
            start + "hardware/" + percentEncoded(model),
            start + "name/" + percentEncoded(name),
            start + "location/virtual"};
}

std::string stableUuid(const std::string& key) {
    const std::string all = std::string(g_get_host_name()) + "\n" + key;
    guint8 digest[20];
    gsize size = sizeof digest;
    GChecksum* sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sum, reinterpret_cast<const guchar*>(all.data()),
                      static_cast<gssize>(all.size()));
    g_checksum_get_digest(sum, digest, &size);
    g_checksum_free(sum);
    digest[6] = static_cast<guint8>((digest[6] & 0x0f) | 0x50);
    digest[8] = static_cast<guint8>((digest[8] & 0x3f) | 0x80);
    std::string text;
    for (int i = 0; i < 16; ++i) {
        char hex[4];
        std::snprintf(hex, sizeof hex, "%02x", digest[i]);
        text += hex;
        if (i == 3 || i == 5 || i == 7 || i == 9)
            text += '-';
    }
    return text;
}

} // namespace camera
