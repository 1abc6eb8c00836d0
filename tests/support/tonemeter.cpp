#include "support/tonemeter.hpp"

#include <algorithm>
#include <cmath>

namespace camera {
namespace {

constexpr double step = 10; // Hz; a half second window tells tones 2 Hz apart from one another
constexpr double lowest = 50;

/// Goertzel's filter: the power at one frequency.
double powerAt(const std::vector<std::int16_t>& samples, double hertz, double rate) {
    const double turn = 2 * std::cos(2 * 3.14159265358979323846 * hertz / rate);
    double one = 0, two = 0;
    for (const std::int16_t sample : samples) {
        const double next = sample + turn * one - two;
        two = one;
        one = next;
    }
    return one * one + two * two - turn * one * two;
}

} // namespace

ToneMeter::ToneMeter(int samplesPerSecond)
    : rate_(samplesPerSecond), last_(static_cast<std::size_t>(samplesPerSecond / 2)) {}

void ToneMeter::hear(const std::int16_t* samples, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        last_[heard_++ % last_.size()] = samples[i];
}

double ToneMeter::loudness() const {
    double sum = 0;
    for (const std::int16_t sample : last_)
        sum += static_cast<double>(sample) * sample;
    const double level = std::sqrt(sum / static_cast<double>(last_.size())) / 32768;
    return level < 1e-5 ? -100 : 20 * std::log10(level);
}

double ToneMeter::frequency() const {
    if (loudness() <= -100)
        return 0;
    // In the order in which they were heard.
    std::vector<std::int16_t> samples(last_);
    std::rotate(samples.begin(), samples.begin() + static_cast<long>(heard_ % last_.size()),
                samples.end());
    double best = 0, strongest = 0;
    for (double hertz = lowest; hertz <= 0.45 * rate_; hertz += step) {
        const double power = powerAt(samples, hertz, rate_);
        if (power > strongest) {
            strongest = power;
            best = hertz;
        }
    }
    return best;
}

} // namespace camera
