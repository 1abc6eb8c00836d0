// What it costs to bring a 1080p frame into a 640x640 tensor, one thread on every side: our
// letterbox, OpenCV's cvtColor + resize + copyMakeBorder + blobFromImage as tutorials do it, and
// GStreamer's videoconvert ! videoscale, which still ends in bytes rather than floats.
#include "yolo/letterbox.hpp"

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

namespace {

constexpr int width = 1920, height = 1080, net = 640;

/// Milliseconds: the median of many runs, since the machine has other work.
double measure(const std::function<void()>& body) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times;
    const auto until = Clock::now() + std::chrono::seconds(2);
    while (Clock::now() < until) {
        const auto start = Clock::now();
        body();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
    return times[times.size() / 2];
}

double ours(const base::Frame& frame, const yolo::Kernels& kernels) {
    yolo::Letterbox box(frame, net, net, {}, kernels);
    std::vector<float> tensor(box.tensorSize());
    box.pad(tensor.data());
    return measure([&] { box.draw(frame, tensor.data()); });
}

double openCv(const base::Frame& frame, const std::vector<std::uint8_t>& bytes) {
    cv::setNumThreads(1);
    auto* data = const_cast<std::uint8_t*>(bytes.data());
    const bool packed = frame.format == base::PixelFormat::BGR;
    const cv::Mat in(packed ? height : height * 3 / 2, width, packed ? CV_8UC3 : CV_8UC1, data);
    const int code =
        frame.format == base::PixelFormat::NV12 ? cv::COLOR_YUV2BGR_NV12 : cv::COLOR_YUV2BGR_I420;
    cv::Mat bgr, small, square, blob;
    return measure([&] {
        if (packed)
            bgr = in;
        else
            cv::cvtColor(in, bgr, code);
        cv::resize(bgr, small, cv::Size(640, 360), 0, 0, cv::INTER_LINEAR);
        cv::copyMakeBorder(small, square, 140, 140, 0, 0, cv::BORDER_CONSTANT, {114, 114, 114});
        cv::dnn::blobFromImage(square, blob, 1 / 255.0, cv::Size(), cv::Scalar(), true);
    });
}

double gstreamer(const char* format, const std::vector<std::uint8_t>& bytes) {
    GstHarness* harness = gst_harness_new_parse(
        "videoconvert n-threads=1 ! capsfilter caps=video/x-raw,format=RGB ! "
        "videoscale n-threads=1 method=bilinear ! "
        "capsfilter caps=video/x-raw,width=640,height=640,pixel-aspect-ratio=1/1");
    char* caps = g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=25/1,"
                                 "pixel-aspect-ratio=1/1",
                                 format, width, height);
    gst_harness_set_src_caps_str(harness, caps);
    g_free(caps);
    GstBuffer* in = gst_buffer_new_memdup(bytes.data(), bytes.size());
    const double time = measure([&] {
        gst_harness_push(harness, gst_buffer_ref(in));
        gst_buffer_unref(gst_harness_pull(harness));
    });
    gst_buffer_unref(in);
    gst_harness_teardown(harness);
    return time;
}

void compare(const char* name, base::PixelFormat format) {
    const bool packed = format == base::PixelFormat::BGR;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(width) * height * (packed ? 6 : 3) /
                                    2);
    std::mt19937 chance(1);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(chance()); });
    base::Frame frame;
    frame.format = format;
    frame.width = width;
    frame.height = height;
    const std::ptrdiff_t half = format == base::PixelFormat::NV12 ? width : width / 2;
    frame.planes = {bytes.data(), bytes.data() + width * height,
                    bytes.data() + width * height * 5 / 4};
    frame.strides = {packed ? 3 * width : width, half, half};
    const double us = ours(frame, yolo::bestKernels()), plain = ours(frame, yolo::plainKernels());
    const double cv = openCv(frame, bytes), gst = gstreamer(name, bytes);
    std::printf("%-5s 1920x1080 -> 640x640: ours %.2f ms (plain kernels %.2f), OpenCV %.2f ms "
                "(%.1f times), videoconvert ! videoscale %.2f ms (%.1f times)\n",
                name, us, plain, cv, cv / us, gst, gst / us);
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    compare("NV12", base::PixelFormat::NV12);
    compare("I420", base::PixelFormat::I420);
    compare("BGR", base::PixelFormat::BGR);
    return 0;
}
