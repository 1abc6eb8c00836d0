#include "zmq/gstpeer.hpp"

#include <algorithm>
#include <array>

namespace imagezmq {
namespace {

struct Match {
    Pixels pixels;
    GstVideoFormat format;
};
/// The first is for whatever is none of the others.
constexpr std::array<Match, 4> matches = {{{Pixels::Bgr, GST_VIDEO_FORMAT_BGR},
                                           {Pixels::Gray8, GST_VIDEO_FORMAT_GRAY8},
                                           {Pixels::Rgb, GST_VIDEO_FORMAT_RGB},
                                           {Pixels::Bgra, GST_VIDEO_FORMAT_BGRA}}};

template <class Fits>
const Match& match(Fits fits) {
    const auto found = std::find_if(matches.begin(), matches.end(), fits);
    return found == matches.end() ? matches.front() : *found;
}

} // namespace

GType connectionType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Link::Auto), "As imagezmq does: pub and rep listen, sub and req connect",
         "auto"},
        {static_cast<int>(Link::Bind), "Listen at the endpoint", "bind"},
        {static_cast<int>(Link::Connect), "Connect to the endpoint", "connect"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstImagezmqConnection", values);
}

GstVideoFormat formatOf(Pixels pixels) {
    return match([=](const Match& each) { return each.pixels == pixels; }).format;
}

Pixels pixelsOf(GstVideoFormat format) {
    return match([=](const Match& each) { return each.format == format; }).pixels;
}

} // namespace imagezmq
