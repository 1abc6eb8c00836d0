#include "detection.hpp"

#include "glue/ref.hpp"
#include "infer/engine.hpp"
#include "measure.hpp"
#include "tutorial.hpp"

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include <cstdio>
#include <memory>

using glue::Ref;

namespace bench {
namespace {

constexpr int width = 1920, height = 1080;
constexpr const char* frameCaps =
    "video/x-raw,format=I420,width=1920,height=1080,framerate=25/1,colorimetry=bt709";

using Frames = std::vector<Ref<GstBuffer>>;

/// A road, 1080p: real pictures, each another.
Frames footage(std::size_t count) {
    const std::string line = "filesrc location=" + shared("media/road-1280x720.mp4") +
                             " ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! videoscale ! " +
                             frameCaps + " ! appsink name=out sync=false";
    const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), nullptr));
    const Ref<GstElement> out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    Frames frames;
    while (frames.size() < count) {
        GstSample* sample = nullptr;
        g_signal_emit_by_name(out.get(), "pull-sample", &sample);
        if (!sample)
            break;
        frames.emplace_back(gst_buffer_copy_deep(gst_sample_get_buffer(sample)));
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return frames;
}

Way element(const std::string& line, const Frames& frames) {
    const std::shared_ptr<GstHarness> harness(gst_harness_new_parse(line.c_str()),
                                              gst_harness_teardown);
    gst_harness_set_src_caps_str(harness.get(), frameCaps);
    return {"yolodetect", [harness, &frames](std::size_t i) {
                gst_harness_push(harness.get(), gst_buffer_copy(frames[i].get()));
                gst_buffer_unref(gst_harness_pull(harness.get()));
            }};
}

Way bareNetwork(const std::string& model, const infer::EngineOptions& options) {
    const std::shared_ptr<infer::Engine> network = infer::load(model, options);
    const auto shape =
        network->outputs().empty() ? std::vector<std::int64_t>{} : network->input().shape;
    std::size_t size = 1;
    for (const auto side : shape)
        size *= static_cast<std::size_t>(side);
    return {"the bare network", [network, shape, tensor = std::vector<float>(size, 0.4f)](
                                    std::size_t) { network->run(tensor.data(), shape); }};
}

Way tutorial(const std::string& model, int side, Tutorial::Head head, const Frames& frames) {
    const auto way = std::make_shared<Tutorial>(model, side, head);
    return {"cvtColor, blobFromImage, NMSBoxes", [way, &frames](std::size_t i) {
                GstMapInfo map;
                gst_buffer_map(frames[i].get(), &map, GST_MAP_READ);
                way->detect(cv::Mat(height * 3 / 2, width, CV_8UC1, map.data));
                gst_buffer_unmap(frames[i].get(), &map);
            }};
}

void print(const std::vector<Way>& ways) {
    const Way& net = ways[0];
    const Way& ours = ways[1];
    for (const Way& way : ways)
        std::printf("  %-34s %6.1f ms of CPU a frame, %5.1f frames a second; around the network "
                    "%6.2f ms\n",
                    way.name.c_str(), median(way.cpuMs), 1e3 / median(way.wallMs),
                    more(way.cpuMs, net.cpuMs));
    std::printf("  yolodetect / the bare network: %.3f in CPU, %.3f in time\n",
                median(ours.cpuMs) / median(net.cpuMs), median(ours.wallMs) / median(net.wallMs));
    for (std::size_t i = 2; i < ways.size(); i++)
        std::printf("  %s / yolodetect: %.2f in CPU, %.2f in time\n", ways[i].name.c_str(),
                    median(ways[i].cpuMs) / median(ours.cpuMs),
                    median(ways[i].wallMs) / median(ours.wallMs));
}

} // namespace

int frame(int rounds) {
    gst_init(nullptr, nullptr);
    const Frames frames = footage(12);
    if (frames.empty()) {
        std::puts("skipped: the footage beside the project is not there");
        return 77;
    }
    using infer::EngineChoice;
    const struct {
        const char* file;
        int side;
        Tutorial::Head head;
    } networks[] = {{"yolox_nano-416", 416, Tutorial::Head::Yolox},
                    {"yolov8n-640", 640, Tutorial::Head::V8}};
    for (const auto& network : networks) {
        const std::string model = shared("models/") + network.file + ".onnx";
        for (const auto& [engine, name] : {std::pair{EngineChoice::OpenCv, "opencv"},
                                           {EngineChoice::OnnxRuntime, "onnxruntime"}}) {
            if (infer::engines().size() < 2 && engine == EngineChoice::OnnxRuntime)
                continue;
            infer::EngineOptions options;
            options.engine = engine;
            std::vector<Way> ways;
            ways.push_back(bareNetwork(model, options));
            ways.push_back(element("yolodetect model=" + model + " engine=" + name, frames));
            ways.push_back(tutorial(model, network.side, network.head, frames));
            inTurns(ways, frames.size(), rounds);
            std::printf("%s, %s, 1080p I420\n", network.file, name);
            print(ways);
        }
    }
    return 0;
}

} // namespace bench
