#include "glue/videoframe.hpp"

#include "base/error.hpp"

namespace glue {

namespace {

base::PixelFormat pixelFormat(GstVideoFormat format) {
    switch (format) {
    case GST_VIDEO_FORMAT_I420:
        return base::PixelFormat::I420;
    case GST_VIDEO_FORMAT_NV12:
        return base::PixelFormat::NV12;
    case GST_VIDEO_FORMAT_YUY2:
        return base::PixelFormat::YUY2;
    case GST_VIDEO_FORMAT_BGR:
        return base::PixelFormat::BGR;
    case GST_VIDEO_FORMAT_RGB:
        return base::PixelFormat::RGB;
    case GST_VIDEO_FORMAT_BGRx:
    case GST_VIDEO_FORMAT_BGRA:
        return base::PixelFormat::BGRx;
    case GST_VIDEO_FORMAT_RGBx:
    case GST_VIDEO_FORMAT_RGBA:
        return base::PixelFormat::RGBx;
    default:
        throw base::Error(
            base::ErrorKind::Unsupported,
            "This pixel format is not read directly; put videoconvert before the element.",
            gst_video_format_to_string(format));
    }
}

template <class Byte>
base::BasicFrame<Byte> lend(const GstVideoFrame& mapped) {
    const GstVideoInfo& info = mapped.info;
    base::BasicFrame<Byte> frame;
    frame.format = pixelFormat(GST_VIDEO_INFO_FORMAT(&info));
    frame.width = GST_VIDEO_INFO_WIDTH(&info);
    frame.height = GST_VIDEO_INFO_HEIGHT(&info);
    for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(&info) && i < frame.planes.size(); i++) {
        frame.planes[i] = static_cast<Byte*>(GST_VIDEO_FRAME_PLANE_DATA(&mapped, i));
        frame.strides[i] = GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, i);
    }
    frame.matrix = info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709
                       ? base::ColorMatrix::Bt709
                       : base::ColorMatrix::Bt601;
    frame.fullRange = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    return frame;
}

} // namespace

MappedFrame::MappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags) {
    // NO_REF: the caller holds the buffer longer than this, and a reference would make it
    // read-only.
    const auto all = static_cast<GstMapFlags>(flags | GST_VIDEO_FRAME_MAP_FLAG_NO_REF);
    if (!gst_video_frame_map(&frame_, &info, buffer, all))
        throw base::Error(
            base::ErrorKind::BadData,
            "A video buffer does not fit its caps; check the element before this one.");
}

MappedFrame::~MappedFrame() {
    if (owned_)
        gst_video_frame_unmap(&frame_);
}

base::Frame MappedFrame::readable() const { return lend<const std::uint8_t>(frame_); }

base::WritableFrame MappedFrame::writable() { return lend<std::uint8_t>(frame_); }

} // namespace glue
