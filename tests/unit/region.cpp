// Parts of frames: which bytes they start at, and where their boxes are.
#include "yolo/region.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <vector>

using base::PixelFormat;

namespace {

/// A frame whose every byte tells its place.
struct Numbered {
    std::vector<std::uint8_t> bytes;
    base::Frame frame;

    Numbered(PixelFormat format, int width, int height, int bytesPerPixel)
        : bytes(std::size_t{4} * 64 * 64) {
        frame.format = format;
        frame.width = width;
        frame.height = height;
        frame.planes = {bytes.data(), bytes.data() + 8192, bytes.data() + 12288};
        frame.strides = {width * bytesPerPixel + 5, (width + 1) / 2 * 2 + 7, (width + 1) / 2 + 3};
    }
    std::ptrdiff_t offset(const yolo::Region& r, int plane) const {
        return r.frame.planes[plane] - frame.planes[plane];
    }
};

} // namespace

START_TEST(startsAtEvenPixels) {
    const Numbered i420(PixelFormat::I420, 64, 48, 1);
    const auto r = yolo::cut(i420.frame, {11.0 / 64, 9.0 / 48, 20.0 / 64, 10.0 / 48});
    ck_assert_int_eq(r.frame.width, 31 - 10);
    ck_assert_int_eq(r.frame.height, 19 - 8);
    ck_assert_int_eq(i420.offset(r, 0), 8 * i420.frame.strides[0] + 10);
    ck_assert_int_eq(i420.offset(r, 1), 4 * i420.frame.strides[1] + 5);
    ck_assert_int_eq(i420.offset(r, 2), 4 * i420.frame.strides[2] + 5);
    ck_assert_double_eq_tol(r.place.x, 10.0 / 64, 1e-12);
    ck_assert_double_eq_tol(r.place.height, 11.0 / 48, 1e-12);
}
END_TEST

START_TEST(everyLayout) {
    const struct {
        PixelFormat format;
        int bytes;
    } rows[] = {{PixelFormat::YUY2, 2}, {PixelFormat::BGR, 3}, {PixelFormat::RGBx, 4}};
    for (const auto& row : rows) {
        const Numbered n(row.format, 64, 48, row.bytes);
        const auto r = yolo::cut(n.frame, {.5, .5, .5, .5});
        ck_assert_int_eq(n.offset(r, 0), 24 * n.frame.strides[0] + 32 * row.bytes);
    }
    const Numbered nv12(PixelFormat::NV12, 64, 48, 1);
    const auto r = yolo::cut(nv12.frame, {.5, .5, .5, .5});
    ck_assert_int_eq(nv12.offset(r, 1), 12 * nv12.frame.strides[1] + 32);
}
END_TEST

START_TEST(staysWithinTheFrame) {
    for (const int width : {1, 2, 3, 5, 63, 64})
        for (const int height : {1, 2, 3, 47})
            for (const double x : {-1.0, 0.0, .3, .999, 1.0, 5.0})
                for (const double size : {0.0, 1e-9, .5, 7.0}) {
                    const Numbered n(PixelFormat::I420, width, height, 1);
                    const auto r = yolo::cut(n.frame, {x, x, size, size});
                    const auto left = static_cast<int>(std::lround(r.place.x * width));
                    const auto top = static_cast<int>(std::lround(r.place.y * height));
                    ck_assert(left >= 0 && top >= 0 && left % 2 == 0 && top % 2 == 0);
                    ck_assert(r.frame.width >= std::min(2, width) && left + r.frame.width <= width);
                    ck_assert(r.frame.height >= std::min(2, height) &&
                              top + r.frame.height <= height);
                }
}
END_TEST

START_TEST(whatIsOnAnObjectComesBackWithIt) {
    base::Detection found;
    found.box = {.5, .5, .25, .1};
    found.keyPoints = {{{.5, .5}, .75F}, {{0, 1}, .5F}};
    found.corners = {{.5, .5}, {.75, .5}, {.75, .6}, {.5, .6}};
    const base::Detection out = yolo::outOf({.5, .25, .5, .5}, found);
    ck_assert_double_eq_tol(out.box.x, .75, 1e-12);
    ck_assert_double_eq_tol(out.keyPoints[0].at.x, .75, 1e-12);
    ck_assert_double_eq_tol(out.keyPoints[0].at.y, .5, 1e-12);
    ck_assert_double_eq_tol(out.keyPoints[1].at.x, .5, 1e-12);
    ck_assert_double_eq_tol(out.keyPoints[1].at.y, .75, 1e-12);
    ck_assert_float_eq(out.keyPoints[0].score, .75F);
    ck_assert_double_eq_tol(out.corners[2].x, .875, 1e-12);
    ck_assert_double_eq_tol(out.corners[2].y, .55, 1e-12);
}
END_TEST

START_TEST(boxesComeBack) {
    const base::Rect out = yolo::outOf({.5, .25, .5, .5}, base::Rect{.5, .5, .25, .1});
    ck_assert_double_eq_tol(out.x, .75, 1e-12);
    ck_assert_double_eq_tol(out.y, .5, 1e-12);
    ck_assert_double_eq_tol(out.width, .125, 1e-12);
    ck_assert_double_eq_tol(out.height, .05, 1e-12);
}
END_TEST

START_TEST(whatIsARegion) {
    ck_assert_double_eq(yolo::parseRegion("").width, 1);
    ck_assert_double_eq(yolo::parseRegion("0.1, 0.2, 0.3, 0.4").height, .4);
    for (const char* text : {"1", "0,0,0,1", "0,0,1,1,1", "-0.1,0,0.5,0.5", "0.6,0,0.5,1",
                             "a,b,c,d", "0;0;1;1", "nan,0,1,1", "0,0,inf,1"})
        try {
            yolo::parseRegion(text);
            ck_abort_msg("%s was taken for a region", text);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::Settings);
        }
}
END_TEST

CHECK_MAIN("region", startsAtEvenPixels, everyLayout, staysWithinTheFrame, boxesComeBack,
           whatIsOnAnObjectComesBackWithIt, whatIsARegion)
