#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace web {

/// A picture as it goes to all clients: one block of memory, whoever takes it.
struct Picture {
    std::shared_ptr<const std::string> part; ///< headers, JPEG, boundary: see Multipart
    std::size_t begin = 0, size = 0;         ///< where the JPEG is in it
    std::uint64_t number = 0;                ///< 1 for the first; 0 for none

    std::string jpeg() const { return part ? part->substr(begin, size) : std::string(); }
};

/// multipart/x-mixed-replace, the one way in which an <img> shows moving pictures. The boundary
/// comes right after each picture instead of before the next: browsers show a picture when they
/// have read its boundary, and would otherwise always be one behind.
class Multipart {
public:
    /// Nothing that a camera puts in its pictures can look like `boundary` when that is random.
    explicit Multipart(std::string boundary) : boundary_(std::move(boundary)) {}

    std::string contentType() const;
    /// What goes before the first part.
    std::string opening() const;
    /// Copies the JPEG, once for all.
    Picture part(const unsigned char* jpeg, std::size_t size, std::uint64_t number) const;

private:
    std::string boundary_;
};

/// True for what begins as a JPEG does: all that is checked of it, as nothing here decodes it.
bool isJpeg(const unsigned char* data, std::size_t size);

/// Lets through at most so many pictures a second, evenly and without drift.
class Pace {
public:
    using Clock = std::chrono::steady_clock;
    /// `perSecond` 0 lets all through.
    explicit Pace(double perSecond);
    /// Whether the picture that comes at `now` is one of them.
    bool take(Clock::time_point now);

private:
    Clock::duration step_{0};
    Clock::time_point due_{};
};

} // namespace web
