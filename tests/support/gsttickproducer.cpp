#include "support/gsttickproducer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

namespace camera {
namespace {

constexpr guint64 rate = 48000;
constexpr guint64 samplesPerBuffer = 960; ///< 20 ms
constexpr guint64 tickSamples = 2400;
constexpr GstClockTime patience = 200 * GST_MSECOND; ///< later than that, sound is skipped

/// A struck bar: 880 Hz dying away.
std::array<gint16, tickSamples> makeTick() {
    std::array<gint16, tickSamples> tick{};
    for (std::size_t i = 0; i < tick.size(); ++i) {
        const double t = static_cast<double>(i) / rate;
        const double attack = std::min(1.0, t / 0.002);
        tick[i] = static_cast<gint16>(5000 * attack * std::exp(-t * 90) *
                                      std::sin(2 * 3.14159265358979 * 880 * t));
    }
    return tick;
}

class TickProducer : public Producer {
public:
    explicit TickProducer(GstClockTime epoch)
        : epoch_(epoch), tick_(makeTick()), clock_(gst_system_clock_obtain()) {}

    glue::Ref<GstCaps> caps() override {
        return glue::Ref<GstCaps>(gst_caps_from_string(
            "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1"));
    }

    glue::Ref<GstBuffer> next() override {
        if (cancelled_)
            return nullptr;
        const GstClockTime now = std::max(epoch_, gst_clock_get_time(clock_.get()));
        const guint64 current = gst_util_uint64_scale(now - epoch_, rate, GST_SECOND);
        if (due(position_) + patience < now)
            position_ = current / samplesPerBuffer * samplesPerBuffer;

        std::array<gint16, samplesPerBuffer> samples{};
        for (guint64 i = 0; i < samplesPerBuffer; ++i) {
            const guint64 sinceTick = (position_ + i) % rate;
            if (sinceTick < tickSamples)
                samples[i] = GINT16_TO_LE(tick_[sinceTick]);
        }
        glue::Ref<GstBuffer> buffer(gst_buffer_new_memdup(samples.data(), sizeof samples));
        GST_BUFFER_PTS(buffer.get()) = due(position_);
        position_ += samplesPerBuffer;
        GST_BUFFER_DURATION(buffer.get()) = due(position_) - GST_BUFFER_PTS(buffer.get());
        return buffer;
    }

    void cancel(bool cancelled) override { cancelled_ = cancelled; }

private:
    GstClockTime due(guint64 sample) const {
        return epoch_ + gst_util_uint64_scale(sample, GST_SECOND, rate);
    }

    GstClockTime epoch_;
    std::array<gint16, tickSamples> tick_;
    glue::Ref<GstClock> clock_;
    guint64 position_ = 0;
    std::atomic<bool> cancelled_{false};
};

} // namespace

std::unique_ptr<Producer> tickProducer(GstClockTime epoch) {
    return std::make_unique<TickProducer>(epoch);
}

} // namespace camera
