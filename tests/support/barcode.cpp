#include "support/barcode.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cstring>

namespace camera {
namespace {

int edge(int index, int frameWidth) {
    return static_cast<int>(index * Barcode::cell(frameWidth) + 0.5);
}

int brightness(const base::Frame& frame, int x, int y) {
    const std::uint8_t* row = frame.planes[0] + y * frame.strides[0];
    switch (frame.format) {
    case base::PixelFormat::I420:
    case base::PixelFormat::NV12:
        return row[x];
    case base::PixelFormat::BGRx:
    case base::PixelFormat::RGBx:
        return (row[4 * x] + row[4 * x + 1] + row[4 * x + 2]) / 3;
    default:
        throw base::Error(base::ErrorKind::Unsupported, "The barcode is not read in this format.");
    }
}

} // namespace

void drawBarcode(const base::WritableFrame& frame, std::uint64_t number) {
    const bool luma = frame.format == base::PixelFormat::I420;
    const int pixel = luma ? 1 : 4, black = luma ? 16 : 0, white = luma ? 235 : 255;
    const int top = frame.height - edge(1, frame.width);
    for (int i = 0; i < Barcode::cells; ++i) {
        const bool set = number >> (Barcode::cells - 1 - i) & 1;
        const int left = edge(i, frame.width);
        const int bytes = pixel * (edge(i + 1, frame.width) - left);
        for (int y = std::max(0, top); y < frame.height; ++y)
            std::memset(frame.planes[0] + y * frame.strides[0] + pixel * left, set ? white : black,
                        static_cast<std::size_t>(bytes));
    }
}

std::uint32_t readBarcode(const base::Frame& frame) {
    const double side = Barcode::cell(frame.width);
    const int y = frame.height - 1 - static_cast<int>(side / 2);
    std::uint32_t number = 0;
    for (int i = 0; i < Barcode::cells; ++i)
        number = number << 1 | (brightness(frame, static_cast<int>((i + 0.5) * side), y) > 127);
    return number;
}

} // namespace camera
