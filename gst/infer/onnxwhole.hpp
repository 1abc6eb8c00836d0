#pragma once

#include <cstdint>

namespace infer {

// Whole numbers wrap around, as those of every engine do, and never overflow into the unknown.
inline std::int64_t wrap(std::uint64_t v) { return static_cast<std::int64_t>(v); }
inline std::uint64_t bits(std::int64_t v) { return static_cast<std::uint64_t>(v); }

struct Plus {
    float operator()(float a, float b) const { return a + b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return wrap(bits(a) + bits(b));
    }
};
struct Times {
    float operator()(float a, float b) const { return a * b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return wrap(bits(a) * bits(b));
    }
};

} // namespace infer
