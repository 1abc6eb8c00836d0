#include "yolo/letterbox.hpp"

#include "check.hpp"

#include <cmath>
#include <random>
#include <vector>

using base::PixelFormat;
using yolo::Placement;

namespace {

constexpr PixelFormat formats[] = {PixelFormat::I420, PixelFormat::NV12, PixelFormat::YUY2,
                                   PixelFormat::BGR,  PixelFormat::RGB,  PixelFormat::BGRx,
                                   PixelFormat::RGBx};

/// A picture of noise with strides of its own, and the value of any channel at any place.
struct Noise {
    base::Frame frame;
    std::vector<std::uint8_t> bytes[3];

    Noise(PixelFormat format, int width, int height, int slack) {
        frame.format = format;
        frame.width = width;
        frame.height = height;
        const int half = (width + 1) / 2, halfHeight = (height + 1) / 2;
        switch (format) {
        case PixelFormat::I420:
            plane(0, width + slack, height);
            plane(1, half + slack, halfHeight);
            plane(2, half + slack, halfHeight);
            break;
        case PixelFormat::NV12:
            plane(0, width + slack, height);
            plane(1, 2 * half + slack, halfHeight);
            break;
        case PixelFormat::YUY2:
            plane(0, 4 * half + slack, height);
            break;
        case PixelFormat::BGR:
        case PixelFormat::RGB:
            plane(0, 3 * width + slack, height);
            break;
        default:
            plane(0, 4 * width + slack, height);
        }
    }
    Noise(const Noise&) = delete;

    /// Exactly the bytes of the rows: with AddressSanitizer one too far is seen.
    void plane(int i, int stride, int rows) {
        static std::mt19937 chance(3);
        bytes[i].resize(static_cast<std::size_t>(stride) * rows);
        for (auto& b : bytes[i])
            b = static_cast<std::uint8_t>(chance());
        frame.planes[i] = bytes[i].data();
        frame.strides[i] = stride;
    }

    int at(int plane, int x, int y) const {
        return frame.planes[plane][y * frame.strides[plane] + x];
    }

    /// Two taps each way on one channel; `get` reads it at whole places.
    template <class Get>
    static double between(double x, double y, int width, int height, Get get) {
        x = std::fmin(std::fmax(x, 0), width - 1);
        y = std::fmin(std::fmax(y, 0), height - 1);
        const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
        const int x1 = std::min(x0 + 1, width - 1), y1 = std::min(y0 + 1, height - 1);
        const double fx = x - x0, fy = y - y0;
        return (get(x0, y0) * (1 - fx) + get(x1, y0) * fx) * (1 - fy) +
               (get(x0, y1) * (1 - fx) + get(x1, y1) * fx) * fy;
    }

    /// Red, green and blue 0..255 at a place in pixels, by the book.
    void rgb(double x, double y, double out[3]) const {
        const int w = frame.width, h = frame.height, cw = (w + 1) / 2, ch = (h + 1) / 2;
        const int step =
            frame.format == PixelFormat::BGR || frame.format == PixelFormat::RGB ? 3 : 4;
        const bool blueFirst =
            frame.format == PixelFormat::BGR || frame.format == PixelFormat::BGRx;
        double luma = 0, u = 0, v = 0;
        switch (frame.format) {
        case PixelFormat::I420:
            luma = between(x, y, w, h, [&](int i, int j) { return at(0, i, j); });
            u = between(x / 2, y / 2 - .25, cw, ch, [&](int i, int j) { return at(1, i, j); });
            v = between(x / 2, y / 2 - .25, cw, ch, [&](int i, int j) { return at(2, i, j); });
            break;
        case PixelFormat::NV12:
            luma = between(x, y, w, h, [&](int i, int j) { return at(0, i, j); });
            u = between(x / 2, y / 2 - .25, cw, ch, [&](int i, int j) { return at(1, 2 * i, j); });
            v = between(x / 2, y / 2 - .25, cw, ch,
                        [&](int i, int j) { return at(1, 2 * i + 1, j); });
            break;
        case PixelFormat::YUY2:
            luma = between(x, y, w, h, [&](int i, int j) { return at(0, 2 * i, j); });
            u = between(x / 2, y, cw, h, [&](int i, int j) { return at(0, 4 * i + 1, j); });
            v = between(x / 2, y, cw, h, [&](int i, int j) { return at(0, 4 * i + 3, j); });
            break;
        default:
            for (int c = 0; c < 3; c++)
                out[blueFirst ? 2 - c : c] =
                    between(x, y, w, h, [&](int i, int j) { return at(0, step * i + c, j); });
            return;
        }
        const bool hd = frame.matrix == base::ColorMatrix::Bt709;
        // ITU-R BT.601 and BT.709 with the numbers as their tables have them.
        const double r = hd ? 1.5748 : 1.402, gu = hd ? 0.18732 : 0.34414;
        const double gv = hd ? 0.46812 : 0.71414, b = hd ? 1.8556 : 1.772;
        if (!frame.fullRange) {
            luma = (luma - 16) * 255 / 219;
            u = (u - 128) * 255 / 224;
            v = (v - 128) * 255 / 224;
        } else {
            u -= 128;
            v -= 128;
        }
        out[0] = luma + r * v;
        out[1] = luma - gu * u - gv * v;
        out[2] = luma + b * u;
        for (int c = 0; c < 3; c++)
            out[c] = std::fmin(std::fmax(out[c], 0), 255);
    }
};

void compare(const Noise& noise, int netWidth, int netHeight, const yolo::Preprocessing& wanted,
             const yolo::Kernels& kernels) {
    const base::Frame& frame = noise.frame;
    yolo::Letterbox box(frame, netWidth, netHeight, wanted, kernels);
    std::vector<float> tensor(box.tensorSize(), -1);
    box.pad(tensor.data());
    box.draw(frame, tensor.data());
    const yolo::Fit f = box.place();
    for (int y = 0; y < netHeight; y++)
        for (int x = 0; x < netWidth; x++) {
            double expected[3] = {114, 114, 114};
            if (x >= f.left && x < f.left + f.width && y >= f.top && y < f.top + f.height)
                noise.rgb((x - f.left + .5) * frame.width / f.width - .5,
                          (y - f.top + .5) * frame.height / f.height - .5, expected);
            for (int c = 0; c < 3; c++) {
                const double got =
                    tensor[(c * netHeight + y) * netWidth + x] * (wanted.unit ? 255 : 1);
                const double level = expected[wanted.bgr ? 2 - c : c];
                ck_assert_msg(std::fabs(got - level) < 0.06,
                              "format %d %dx%d at %d,%d,%d: %g not %g", int(frame.format),
                              frame.width, frame.height, x, y, c, got, level);
            }
        }
}

} // namespace

START_TEST(everyFormatAndSize) {
    const int sizes[][2] = {{1, 1},   {2, 3},   {7, 5},    {16, 16},
                            {33, 21}, {64, 36}, {97, 131}, {200, 20}};
    for (const PixelFormat format : formats)
        for (const auto& size : sizes)
            for (const int slack : {0, 13}) {
                const Noise noise(format, size[0], size[1], slack);
                for (const Placement placement :
                     {Placement::Centred, Placement::TopLeft, Placement::Stretch}) {
                    compare(noise, 48, 32, {placement == Placement::TopLeft, slack > 0, placement},
                            yolo::bestKernels());
                    compare(noise, 31, 40, {false, true, placement}, yolo::plainKernels());
                }
            }
}
END_TEST

START_TEST(matrixAndRange) {
    for (const auto matrix : {base::ColorMatrix::Bt601, base::ColorMatrix::Bt709})
        for (const bool full : {false, true}) {
            Noise noise(PixelFormat::NV12, 40, 30, 8);
            noise.frame.matrix = matrix;
            noise.frame.fullRange = full;
            compare(noise, 32, 32, {}, yolo::bestKernels());
        }
}
END_TEST

START_TEST(placesAsTheFamiliesDo) {
    const auto same = [](yolo::Fit f, int left, int top, int width, int height) {
        ck_assert_int_eq(f.left, left);
        ck_assert_int_eq(f.top, top);
        ck_assert_int_eq(f.width, width);
        ck_assert_int_eq(f.height, height);
    };
    same(yolo::fit(1920, 1080, 640, 640, Placement::Centred), 0, 140, 640, 360);
    same(yolo::fit(1080, 1920, 640, 640, Placement::Centred), 140, 0, 360, 640);
    same(yolo::fit(768, 576, 416, 416, Placement::TopLeft), 0, 0, 416, 312);
    same(yolo::fit(810, 1080, 416, 416, Placement::TopLeft), 0, 0, 312, 416);
    same(yolo::fit(1920, 1080, 640, 384, Placement::Centred), 0, 12, 640, 360);
    same(yolo::fit(1000, 10, 320, 320, Placement::Stretch), 0, 0, 320, 320);
    // 640x424 in 320: 212 high; an odd rest has its extra line below.
    same(yolo::fit(640, 425, 320, 320, Placement::Centred), 0, 54, 320, 212);
    same(yolo::fit(640, 426, 320, 320, Placement::Centred), 0, 53, 320, 213);
    same(yolo::fit(4000, 1, 320, 320, Placement::Centred), 0, 159, 320, 1);
}
END_TEST

START_TEST(inverseIsExact) {
    for (const Placement placement : {Placement::Centred, Placement::TopLeft, Placement::Stretch})
        for (const auto& size : {std::pair{1920, 1080}, {577, 1023}, {64, 64}, {35, 1000}}) {
            const yolo::Fit f = yolo::fit(size.first, size.second, 416, 320, placement);
            const base::Rect all =
                yolo::toFrame(f, f.left, f.top, f.left + f.width, f.top + f.height);
            ck_assert_double_eq_tol(all.x, 0, 1e-12);
            ck_assert_double_eq_tol(all.bottom(), 1, 1e-12);
            const base::Rect quarter = yolo::toFrame(f, f.left + f.width / 2.0, f.top,
                                                     f.left + f.width, f.top + f.height / 2.0);
            ck_assert_double_eq_tol(quarter.x, 0.5, 1e-12);
            ck_assert_double_eq_tol(quarter.area(), 0.25, 1e-12);
        }
}
END_TEST

START_TEST(suitsOnlyItsGeometry) {
    const Noise noise(PixelFormat::I420, 20, 10, 0);
    const yolo::Letterbox box(noise.frame, 32, 32, {});
    base::Frame other = noise.frame;
    ck_assert(box.suits(other));
    other.fullRange = true;
    ck_assert(!box.suits(other));
    other = noise.frame;
    other.width = 21;
    ck_assert(!box.suits(other));
}
END_TEST

CHECK_MAIN("letterbox", everyFormatAndSize, matrixAndRange, placesAsTheFamiliesDo, inverseIsExact,
           suitsOnlyItsGeometry)
