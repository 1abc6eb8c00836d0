#pragma once

#include "base/frame.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <vector>

/// A frame in memory of its own, filled with noise, with noise in the padding of its rows too.
class Picture {
public:
    Picture(base::PixelFormat format, int width, int height, int padding, std::mt19937& random) {
        frame_.format = format;
        frame_.width = width;
        frame_.height = height;
        const int halfWidth = (width + 1) / 2, halfHeight = (height + 1) / 2;
        switch (format) {
        case base::PixelFormat::I420:
            add(0, width + padding, height, random);
            add(1, halfWidth + padding, halfHeight, random);
            add(2, halfWidth + padding, halfHeight, random);
            break;
        case base::PixelFormat::NV12:
            add(0, width + padding, height, random);
            add(1, 2 * halfWidth + padding, halfHeight, random);
            break;
        case base::PixelFormat::YUY2:
            add(0, 4 * halfWidth + padding, height, random);
            break;
        case base::PixelFormat::BGR:
        case base::PixelFormat::RGB:
            add(0, 3 * width + padding, height, random);
            break;
        case base::PixelFormat::BGRx:
        case base::PixelFormat::RGBx:
            add(0, 4 * width + padding, height, random);
            break;
        }
    }
    Picture(const Picture& other) : frame_(other.frame_), bytes_(other.bytes_) { lendPlanes(); }
    Picture& operator=(const Picture&) = delete;

    base::WritableFrame& frame() { return frame_; }
    bool operator==(const Picture& other) const { return bytes_ == other.bytes_; }

    std::uint8_t& byte(int plane, int row, int column) {
        return bytes_[plane][static_cast<std::size_t>(row * frame_.strides[plane] + column)];
    }

private:
    void add(int plane, int stride, int rows, std::mt19937& random) {
        frame_.strides[plane] = stride;
        bytes_[plane].resize(static_cast<std::size_t>(stride) * rows);
        for (std::uint8_t& b : bytes_[plane])
            b = static_cast<std::uint8_t>(random());
        lendPlanes();
    }
    void lendPlanes() {
        for (std::size_t i = 0; i < bytes_.size(); i++)
            frame_.planes[i] = bytes_[i].empty() ? nullptr : bytes_[i].data();
    }

    base::WritableFrame frame_;
    std::array<std::vector<std::uint8_t>, 3> bytes_;
};

constexpr base::PixelFormat allFormats[] = {
    base::PixelFormat::I420, base::PixelFormat::NV12, base::PixelFormat::YUY2,
    base::PixelFormat::BGR,  base::PixelFormat::RGB,  base::PixelFormat::BGRx,
    base::PixelFormat::RGBx,
};
