#include "support/gstmetadataproducer.hpp"

#include "base/error.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <atomic>

namespace camera {
namespace {

constexpr int documentsPerSecond = 5;

std::string gzipped(const std::string& text) {
    GZlibCompressor* compressor = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
    std::string out(text.size() + 256, 0); // deflate adds a few bytes at most
    gsize read = 0, written = 0;
    const auto result =
        g_converter_convert(G_CONVERTER(compressor), text.data(), text.size(), out.data(),
                            out.size(), G_CONVERTER_INPUT_AT_END, &read, &written, nullptr);
    g_object_unref(compressor);
    if (result != G_CONVERTER_FINISHED)
        throw base::Error(base::ErrorKind::Failed, "Metadata could not be compressed.");
    out.resize(written);
    return out;
}

class MetadataProducer : public Producer {
public:
    MetadataProducer(MetadataSource source, bool gzip)
        : source_(std::move(source)), gzip_(gzip),
          step_(static_cast<std::uint64_t>(std::max(1, source_.fps / documentsPerSecond))),
          clock_(gst_system_clock_obtain()) {}

    glue::Ref<GstCaps> caps() override {
        return glue::Ref<GstCaps>(
            gst_caps_new_simple("application/x-onvif-metadata", "parsed", G_TYPE_BOOLEAN, TRUE,
                                gzip_ ? "encoding" : nullptr, G_TYPE_STRING, "gzip", nullptr));
    }

    glue::Ref<GstBuffer> next() override {
        if (cancelled_)
            return nullptr;
        const GstClockTime now = std::max(source_.epoch, gst_clock_get_time(clock_.get()));
        const auto current = gst_util_uint64_scale(now - source_.epoch,
                                                   static_cast<guint64>(source_.fps), GST_SECOND);
        const std::uint64_t last = number_;
        number_ = std::max(number_ + step_, current / step_ * step_);

        const GstClockTime at = due(number_);
        const auto untilThen =
            std::chrono::nanoseconds(static_cast<gint64>(at) - static_cast<gint64>(now));
        const auto when = std::chrono::time_point_cast<std::chrono::system_clock::duration>(
            std::chrono::system_clock::now() + untilThen);
        // Who comes to an old scene does not hear all that ever happened in it.
        const auto events = last && number_ - last < 100 * step_ ? source_.events(last, number_)
                                                                 : std::vector<SceneEvent>();
        std::string text = metadataDocument(when, source_.objects(number_), events);
        if (gzip_)
            text = gzipped(text);
        glue::Ref<GstBuffer> buffer(gst_buffer_new_memdup(text.data(), text.size()));
        GST_BUFFER_PTS(buffer.get()) = at;
        GST_BUFFER_DURATION(buffer.get()) = due(number_ + step_) - at;
        return buffer;
    }

    void cancel(bool cancelled) override { cancelled_ = cancelled; }

private:
    GstClockTime due(std::uint64_t number) const {
        return source_.epoch +
               gst_util_uint64_scale(number, GST_SECOND, static_cast<guint64>(source_.fps));
    }

    MetadataSource source_;
    bool gzip_;
    std::uint64_t step_;
    glue::Ref<GstClock> clock_;
    std::uint64_t number_ = 0;
    std::atomic<bool> cancelled_{false};
};

} // namespace

std::unique_ptr<Producer> metadataProducer(MetadataSource source, bool gzip) {
    return std::make_unique<MetadataProducer>(std::move(source), gzip);
}

} // namespace camera
