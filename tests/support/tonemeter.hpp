#pragma once

#include <cstdint>
#include <vector>

namespace camera {

/// Listens to mono sound and says how loud it is and which tone is in it. Not thread-safe.
class ToneMeter {
public:
    explicit ToneMeter(int samplesPerSecond = 8000);

    void hear(const std::int16_t* samples, std::size_t count);
    /// Root mean square of the last half second, in dB of full scale; -100 for silence.
    double loudness() const;
    /// Of the strongest tone in the last half second, from 50 Hz to 45 % of the rate, exact to
    /// 10 Hz; 0 when nothing was heard.
    double frequency() const;
    std::uint64_t samples() const { return heard_; }

private:
    int rate_;
    std::vector<std::int16_t> last_; ///< a ring
    std::uint64_t heard_ = 0;
};

} // namespace camera
