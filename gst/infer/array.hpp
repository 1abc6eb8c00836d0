#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace infer {

using Shape = std::vector<std::int64_t>;

/// Largest array that is made here: 256 MB of floats. A network from a stranger may ask for more.
constexpr std::int64_t maxArrayElements = std::int64_t{1} << 26;
/// Most axes of one; networks get by with six.
constexpr std::size_t maxRank = 32;

/// Lowers the number of elements for this thread and a scope: what is computed before a network is
/// trusted.
class ArrayLimit {
public:
    explicit ArrayLimit(std::int64_t most) : before_(current()) {
        current() = most < before_ ? most : before_;
    }
    ~ArrayLimit() { current() = before_; }
    ArrayLimit(const ArrayLimit&) = delete;
    ArrayLimit& operator=(const ArrayLimit&) = delete;

    static std::int64_t& current() {
        thread_local std::int64_t most = maxArrayElements;
        return most;
    }

private:
    std::int64_t before_;
};

/// How many steps of arithmetic this thread may still take within a scope: a few bytes of a network
/// from a stranger can ask for hours of it.
class WorkLimit {
public:
    explicit WorkLimit(std::int64_t most) : before_(left()) {
        left() = most < before_ ? most : before_;
    }
    ~WorkLimit() { left() = before_; }
    WorkLimit(const WorkLimit&) = delete;
    WorkLimit& operator=(const WorkLimit&) = delete;

    /// Throws base::Error BadData where there are fewer left.
    static void spend(std::int64_t steps) {
        if (steps > left())
            throw base::Error(base::ErrorKind::BadData, "computes without an end");
        left() -= steps;
    }

private:
    static std::int64_t& left() {
        thread_local std::int64_t steps = std::numeric_limits<std::int64_t>::max();
        return steps;
    }

    std::int64_t before_;
};

/// How many elements a shape has. Throws base::Error BadData for a negative size, for too many
/// axes, and where the sizes that are not 0 multiply past the limit: a 0 among them must not hide
/// numbers with which strides overflow.
inline std::int64_t elementsOf(const Shape& shape) {
    const std::int64_t most = ArrayLimit::current();
    std::int64_t n = 1;
    bool none = false;
    if (shape.size() > maxRank)
        throw base::Error(base::ErrorKind::BadData, "computes with too many axes");
    for (const std::int64_t d : shape) {
        if (d < 0 || d > most)
            throw base::Error(base::ErrorKind::BadData, "computes with an impossible size");
        none = none || d == 0;
        n *= d > 0 ? d : 1;
        if (n > most)
            throw base::Error(base::ErrorKind::BadData, "computes with an impossible size");
    }
    return none ? 0 : n;
}

/// An array as the operators of a network compute with it: float32, or int64 for all whole numbers
/// and truth values. Copies share the numbers, which never change once they are made.
class Array {
public:
    /// No array: an operand that was left out.
    Array() = default;

    Array(Shape shape, std::vector<float> values) : Array(std::move(shape), values.size()) {
        const auto held = std::make_shared<const std::vector<float>>(std::move(values));
        floats_ = held->data();
        owner_ = held;
    }

    Array(Shape shape, std::vector<std::int64_t> values) : Array(std::move(shape), values.size()) {
        const auto held = std::make_shared<const std::vector<std::int64_t>>(std::move(values));
        integers_ = held->data();
        owner_ = held;
        integer_ = true;
    }

    /// Lent: `values` must stay while any copy of this is used.
    static Array borrow(Shape shape, const float* values) {
        const auto count = static_cast<std::size_t>(elementsOf(shape));
        Array a(std::move(shape), count);
        a.floats_ = values;
        return a;
    }

    /// The same numbers in another shape.
    Array reshaped(Shape shape) const {
        if (static_cast<std::size_t>(elementsOf(shape)) != count_)
            throw base::Error(base::ErrorKind::BadData, "reshapes to another number of elements");
        Array a = *this;
        a.shape_ = std::move(shape);
        return a;
    }

    bool present() const { return present_; }
    bool integer() const { return integer_; }
    const Shape& shape() const { return shape_; }
    std::size_t rank() const { return shape_.size(); }
    std::size_t size() const { return count_; }
    const float* floats() const { return floats_; }            ///< of one that is not integer()
    const std::int64_t* integers() const { return integers_; } ///< of one that is integer()

    template <class T>
    const T* values() const {
        if constexpr (std::is_same_v<T, float>)
            return floats_;
        else
            return integers_;
    }

    /// Copies as whole numbers; what has a fraction loses it.
    std::vector<std::int64_t> toIntegers() const {
        std::vector<std::int64_t> out(count_);
        for (std::size_t i = 0; i < count_; i++)
            out[i] = integer_ ? integers_[i] : whole(floats_[i]);
        return out;
    }

    std::vector<float> toFloats() const {
        std::vector<float> out(count_);
        for (std::size_t i = 0; i < count_; i++)
            out[i] = integer_ ? static_cast<float>(integers_[i]) : floats_[i];
        return out;
    }

    /// A float as a whole number, whatever it is.
    static std::int64_t whole(float value) {
        constexpr float far = 9e18f;
        return value > -far && value < far ? static_cast<std::int64_t>(value) : 0;
    }

private:
    Array(Shape shape, std::size_t count)
        : shape_(std::move(shape)), count_(count), present_(true) {
        if (static_cast<std::size_t>(elementsOf(shape_)) != count_)
            throw base::Error(base::ErrorKind::BadData,
                              "has an array with more or fewer numbers than its shape says");
    }

    Shape shape_;
    std::size_t count_ = 0;
    bool present_ = false, integer_ = false;
    const float* floats_ = nullptr;
    const std::int64_t* integers_ = nullptr;
    std::shared_ptr<const void> owner_;
};

} // namespace infer
