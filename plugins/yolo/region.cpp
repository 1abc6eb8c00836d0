#include "region.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>

namespace yolo {
namespace {

using base::PixelFormat;

struct Span {
    int from, size;
};

/// The samples from `start` to `end` (parts) of an axis: from an even one, two at least.
Span span(double start, double end, int size) {
    const int last = std::max(0, size - 2) & ~1;
    const int from = std::clamp(static_cast<int>(std::floor(start * size)) & ~1, 0, last);
    const int to =
        std::clamp(static_cast<int>(std::ceil(end * size)), std::min(from + 2, size), size);
    return {from, to - from};
}

int bytesPerPixel(PixelFormat format) {
    switch (format) {
    case PixelFormat::I420:
    case PixelFormat::NV12:
        return 1;
    case PixelFormat::YUY2:
        return 2;
    case PixelFormat::BGR:
    case PixelFormat::RGB:
        return 3;
    case PixelFormat::BGRx:
    case PixelFormat::RGBx:
        return 4;
    }
    return 1;
}

} // namespace

Region cut(const base::Frame& frame, const base::Rect& part) {
    const Span x = span(part.x, part.right(), frame.width);
    const Span y = span(part.y, part.bottom(), frame.height);
    Region region{frame, {}};
    region.frame.width = x.size;
    region.frame.height = y.size;
    region.frame.planes[0] +=
        y.from * frame.strides[0] + std::ptrdiff_t{x.from} * bytesPerPixel(frame.format);
    if (frame.format == PixelFormat::NV12)
        region.frame.planes[1] += y.from / 2 * frame.strides[1] + x.from;
    if (frame.format == PixelFormat::I420)
        for (const int plane : {1, 2})
            region.frame.planes[plane] += y.from / 2 * frame.strides[plane] + x.from / 2;
    const double width = frame.width, height = frame.height;
    region.place = {x.from / width, y.from / height, x.size / width, y.size / height};
    return region;
}

base::Rect outOf(const base::Rect& region, const base::Rect& box) {
    return {region.x + box.x * region.width, region.y + box.y * region.height,
            box.width * region.width, box.height * region.height};
}

base::Detection outOf(const base::Rect& region, base::Detection object) {
    const auto place = [&region](const base::Point& p) {
        return base::Point{region.x + p.x * region.width, region.y + p.y * region.height};
    };
    object.box = outOf(region, object.box);
    for (base::KeyPoint& point : object.keyPoints)
        point.at = place(point.at);
    for (base::Point& corner : object.corners)
        corner = place(corner);
    return object;
}

base::Rect parseRegion(const std::string& text) {
    if (text.empty())
        return {0, 0, 1, 1};
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    base::Rect r;
    char comma[3] = {};
    in >> r.x >> comma[0] >> r.y >> comma[1] >> r.width >> comma[2] >> r.height;
    const bool commas = comma[0] == ',' && comma[1] == ',' && comma[2] == ',';
    const bool inside = r.x >= 0 && r.y >= 0 && r.right() <= 1 + 1e-9 && r.bottom() <= 1 + 1e-9;
    const bool numbers = !in.fail() && (in >> std::ws).eof();
    if (!numbers || !commas || !inside || !(r.width > 0 && r.height > 0))
        throw base::Error(base::ErrorKind::Settings,
                          "'" + text +
                              "' is no region: set roi to x,y,width,height in parts of the frame, "
                              "such as 0.5,0,0.5,1 for its right half.");
    return r;
}

} // namespace yolo
