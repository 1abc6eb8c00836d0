#include "gunzip.hpp"

#include "base/error.hpp"

#include <gio/gio.h>

#include <array>
#include <memory>

namespace onvif {

namespace {

[[noreturn]] void refuse(const std::string& details) {
    throw base::Error(base::ErrorKind::BadData, "The compressed data cannot be unpacked.", details);
}

struct ObjectUnref {
    void operator()(gpointer object) const { g_object_unref(object); }
};

} // namespace

std::string gunzip(std::string_view packed, std::size_t limit) {
    const std::unique_ptr<GZlibDecompressor, ObjectUnref> zlib(
        g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    std::string out;
    std::array<char, 16384> piece;
    for (;;) {
        gsize taken = 0, made = 0;
        GError* failure = nullptr;
        const GConverterResult result =
            g_converter_convert(G_CONVERTER(zlib.get()), packed.data(), packed.size(), piece.data(),
                                piece.size(), G_CONVERTER_INPUT_AT_END, &taken, &made, &failure);
        if (result == G_CONVERTER_ERROR) {
            const std::string reason = failure->message;
            g_error_free(failure);
            refuse(reason);
        }
        if (out.size() + made > limit)
            refuse("more than " + std::to_string(limit) + " bytes");
        out.append(piece.data(), made);
        packed.remove_prefix(taken);
        if (result == G_CONVERTER_FINISHED)
            return out;
    }
}

} // namespace onvif
