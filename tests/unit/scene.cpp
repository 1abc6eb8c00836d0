#include "support/scene.hpp"

#include "check.hpp"
#include "support/barcode.hpp"
#include "support/i420.hpp"
#include "support/scenepainter.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

constexpr double fps = 25;

/// A picture of our own to draw into.
struct Picture {
    Picture(int width, int height, base::PixelFormat format) : bytes(4 * width * height) {
        frame.format = format;
        frame.width = width;
        frame.height = height;
        if (format == base::PixelFormat::I420) {
            const auto luma = width * height;
            frame.planes = {bytes.data(), bytes.data() + luma, bytes.data() + luma * 5 / 4};
            frame.strides = {width, width / 2, width / 2};
        } else {
            frame.planes[0] = bytes.data();
            frame.strides[0] = 4 * width;
        }
    }

    base::Frame readable() const {
        return {frame.format,   frame.width,
                frame.height,   {frame.planes[0], frame.planes[1], frame.planes[2]},
                frame.strides,  frame.matrix,
                frame.fullRange};
    }

    camera::Color at(double x, double y) const {
        const int column = std::min(frame.width - 1, static_cast<int>(x * frame.width));
        const int row = std::min(frame.height - 1, static_cast<int>(y * frame.height));
        const std::uint8_t* p = frame.planes[0] + row * frame.strides[0] + 4 * column;
        return {p[2], p[1], p[0]};
    }

    std::vector<std::uint8_t> bytes;
    base::WritableFrame frame;
};

bool equal(const camera::Color& a, const camera::Color& b) {
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

bool nearlyGrey(const camera::Color& c) {
    const auto [low, high] = std::minmax({c.red, c.green, c.blue});
    return high - low <= 40;
}

} // namespace

START_TEST(signsKeepTheirPromises) {
    for (const double aspect : {0.5, 0.75, 1.0, 4.0 / 3, 16.0 / 9, 2.4, 4.0}) {
        std::array<double, camera::signCount> smallest{1, 1, 1}, largest{0, 0, 0};
        for (std::uint64_t n = 0; n < 25 * 300; n += 3) {
            const auto signs = camera::objectsAt(n, fps, aspect);
            ck_assert_uint_eq(signs.size(), 3);
            for (std::size_t i = 0; i < signs.size(); ++i) {
                const base::Rect& box = signs[i].box;
                ck_assert_int_eq(signs[i].classId, static_cast<int>(i));
                CHECK_STR(signs[i].label, camera::signNames[i]);
                ck_assert_double_ge(box.x, 0);
                ck_assert_double_le(box.right(), 1);
                ck_assert_double_ge(box.y, camera::textBottom);
                ck_assert_double_le(box.bottom(), 1 - aspect * camera::Barcode::cellWidth);
                ck_assert_double_ge(box.height, 0.12);
                ck_assert_double_le(box.height, 0.30);
                ck_assert_double_eq_tol(box.width * aspect, box.height, 1e-9);
                for (std::size_t j = 0; j < i; ++j)
                    ck_assert_double_eq(base::overlap(box, signs[j].box), 0);
                smallest[i] = std::min(smallest[i], box.height);
                largest[i] = std::max(largest[i], box.height);
            }
        }
        for (std::size_t i = 0; i < camera::signCount; ++i) {
            ck_assert_double_lt(smallest[i], 0.13); // each sign is seen at every size
            ck_assert_double_gt(largest[i], 0.29);
        }
    }
}
END_TEST

START_TEST(signsMoveSmoothly) {
    for (std::uint64_t n = 0; n < 25 * 120; ++n) {
        const auto before = camera::objectsAt(n, fps, 16.0 / 9);
        const auto after = camera::objectsAt(n + 1, fps, 16.0 / 9);
        for (std::size_t i = 0; i < before.size(); ++i) {
            const auto centre = [](const base::Rect& r) { return r.x + r.width / 2; };
            const double step = centre(after[i].box) - centre(before[i].box);
            ck_assert_double_le(std::abs(step) * fps, 0.15);
            ck_assert_double_le(std::abs(after[i].box.y - before[i].box.y) * fps, 0.15);
        }
    }
}
END_TEST

START_TEST(framesCountTheSameTimeAtAnyRate) {
    const auto a = camera::objectsAt(250, 25, 1.5);
    const auto b = camera::objectsAt(100, 10, 1.5);
    for (std::size_t i = 0; i < a.size(); ++i)
        ck_assert_double_eq_tol(a[i].box.x, b[i].box.x, 1e-12);
}
END_TEST

START_TEST(pictureShowsWhatIsSaid) {
    Picture picture(640, 360, base::PixelFormat::BGRx);
    camera::ScenePainter painter(640, 360, fps);
    for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{77}, std::uint64_t{2000}}) {
        painter.paint(n, "Камера 2026-11-21 10:05:33", picture.frame);
        const auto signs = camera::objectsAt(n, fps, 640.0 / 360);
        for (const auto& sign : signs) {
            const base::Rect& box = sign.box;
            const auto& color = camera::signColors[static_cast<std::size_t>(sign.classId)];
            ck_assert(equal(picture.at(box.x + box.width / 2, box.y + box.height * 0.55), color));
            ck_assert(equal(picture.at(box.x + box.width / 2, box.bottom() - 3.0 / 360), color));
            ck_assert(!equal(picture.at(box.x + box.width / 2, box.bottom() + 2.0 / 360), color));
        }
        int coloured = 0;
        for (int y = 0; y < 360; ++y) {
            for (int x = 0; x < 640; ++x) {
                const double u = (x + 0.5) / 640, v = (y + 0.5) / 360;
                const bool inside = std::any_of(signs.begin(), signs.end(), [&](const auto& s) {
                    return u > s.box.x - 2.0 / 640 && u < s.box.right() + 2.0 / 640 &&
                           v > s.box.y - 2.0 / 360 && v < s.box.bottom() + 2.0 / 360;
                });
                coloured += !inside && !nearlyGrey(picture.at(u, v));
            }
        }
        ck_assert_int_eq(coloured, 0);
    }
}
END_TEST

START_TEST(frameNumberIsReadBack) {
    for (const auto& [width, height] :
         {std::pair{640, 360}, {1280, 720}, {418, 236}, {1920, 1080}}) {
        for (const auto format : {base::PixelFormat::BGRx, base::PixelFormat::I420}) {
            Picture picture(width, height, format);
            camera::ScenePainter painter(width, height, fps);
            for (const std::uint32_t number : {0u, 1u, 0xA5A5F00Du, 0xFFFFFFFFu, 12345u}) {
                painter.paint(number, "x", picture.frame);
                ck_assert_uint_eq(camera::readBarcode(picture.readable()), number);
            }
        }
    }
}
END_TEST

// The fast path (only what changed is converted) answers to the plain one (all of it, each time).
START_TEST(changedPartsGiveTheWholePicture) {
    for (const auto matrix : {base::ColorMatrix::Bt601, base::ColorMatrix::Bt709}) {
        Picture rgb(320, 240, base::PixelFormat::BGRx), fast(320, 240, base::PixelFormat::I420);
        Picture plain(320, 240, base::PixelFormat::I420);
        fast.frame.matrix = matrix;
        camera::ScenePainter painter(320, 240, fps), reference(320, 240, fps);
        for (std::uint64_t n = 0; n < 400; n += 7) {
            const std::string title = n < 200 ? "a long title" : "short";
            painter.paint(n, title, fast.frame);
            reference.paint(n, title, rgb.frame);
            camera::I420Picture whole(320, 240, matrix);
            whole.convert(rgb.frame, {0, 0, 320, 240});
            whole.copyTo(plain.frame);
            ck_assert_mem_eq(fast.bytes.data(), plain.bytes.data(), 320 * 240 * 3 / 2);
        }
    }
}
END_TEST

START_TEST(colorsFollowTheStandards) {
    Picture red(16, 16, base::PixelFormat::BGRx), yuv(16, 16, base::PixelFormat::I420);
    for (std::size_t i = 0; i < 16 * 16; ++i)
        red.bytes[4 * i + 2] = 255;
    const auto converted = [&](base::ColorMatrix matrix) {
        camera::I420Picture whole(16, 16, matrix);
        whole.convert(red.frame, {0, 0, 16, 16});
        whole.copyTo(yuv.frame);
        return std::array<int, 3>{yuv.frame.planes[0][0], yuv.frame.planes[1][0],
                                  yuv.frame.planes[2][0]};
    };
    const std::array<int, 3> red601{81, 90, 240}, red709{63, 102, 240};
    ck_assert(converted(base::ColorMatrix::Bt601) == red601);
    ck_assert(converted(base::ColorMatrix::Bt709) == red709);
}
END_TEST

CHECK_MAIN("scene", signsKeepTheirPromises, signsMoveSmoothly, framesCountTheSameTimeAtAnyRate,
           pictureShowsWhatIsSaid, frameNumberIsReadBack, changedPartsGiveTheWholePicture,
           colorsFollowTheStandards)
