// What finding objects costs around the network, and whether it ever holds the video:
//   detection frame   yolodetect on 1080p I420 against the bare network, and against the tutorial's
//                     way: videoconvert to BGR, blobFromImage, forward, NMSBoxes
//   detection live    frames through mode=live with a network slower than they come
//   detection shared  four 1080p streams on one network and on four
#include "glue/ref.hpp"
#include "infer/engine.hpp"

#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

using glue::Ref;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int width = 1920, height = 1080;
constexpr const char* frameCaps =
    "video/x-raw,format=I420,width=1920,height=1080,framerate=25/1,colorimetry=bt709";

double cpuSeconds() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double seconds(Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
}

double residentMegabytes() {
    long pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1e6;
}

double percentile(std::vector<double> values, double part) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

std::string shared(const std::string& file) { return SHARED_DIR "/" + file; }

/// A road, 1080p: real pictures, each another.
std::vector<Ref<GstBuffer>> footage(std::size_t count) {
    const std::string line = "filesrc location=" + shared("media/road-1280x720.mp4") +
                             " ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! videoscale ! " +
                             frameCaps + " ! appsink name=out sync=false";
    const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), nullptr));
    const Ref<GstElement> out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    std::vector<Ref<GstBuffer>> frames;
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

struct Cost {
    double wallMs = 1e9, cpuMs = 1e9;
};

/// The best of three rounds over all frames, after two to warm up.
Cost measure(std::size_t frames, const std::function<void(std::size_t)>& work) {
    work(0);
    work(1 % frames);
    Cost best;
    for (int round = 0; round < 3; round++) {
        const auto start = Clock::now();
        const double cpu = cpuSeconds();
        for (std::size_t i = 0; i < frames; i++)
            work(i);
        best.wallMs = std::min(best.wallMs, 1e3 * seconds(start) / static_cast<double>(frames));
        best.cpuMs = std::min(best.cpuMs, 1e3 * (cpuSeconds() - cpu) / static_cast<double>(frames));
    }
    return best;
}

Cost throughHarness(const std::string& line, const std::vector<Ref<GstBuffer>>& frames,
                    const std::function<void(GstBuffer*)>& then = {}) {
    GstHarness* harness = gst_harness_new_parse(line.c_str());
    gst_harness_set_src_caps_str(harness, frameCaps);
    const Cost cost = measure(frames.size(), [&](std::size_t i) {
        gst_harness_push(harness, gst_buffer_copy(frames[i].get()));
        const Ref<GstBuffer> out(gst_harness_pull(harness));
        if (then)
            then(out.get());
    });
    gst_harness_teardown(harness);
    return cost;
}

Cost bare(const std::string& model, infer::EngineChoice engine, std::size_t frames) {
    infer::EngineOptions options;
    options.engine = engine;
    const auto network = infer::load(model, options);
    auto shape = network->input().shape;
    shape[0] = 1;
    std::size_t size = 1;
    for (auto& side : shape)
        size *= static_cast<std::size_t>(side = side > 0 ? side : 640);
    const std::vector<float> tensor(size, 0.4f);
    return measure(frames, [&](std::size_t) { network->run(tensor.data(), shape); });
}

/// As tutorials do it, once the picture is BGR.
class Tutorial {
public:
    Tutorial(const std::string& model, int side) : net_(cv::dnn::readNet(model)), side_(side) {}

    std::size_t detect(const cv::Mat& bgr) {
        const double ratio = std::min(double(side_) / bgr.cols, double(side_) / bgr.rows);
        cv::Mat small, square(side_, side_, CV_8UC3, cv::Scalar(114, 114, 114));
        cv::resize(bgr, small, {int(bgr.cols * ratio), int(bgr.rows * ratio)});
        small.copyTo(square(cv::Rect(0, 0, small.cols, small.rows)));
        net_.setInput(cv::dnn::blobFromImage(square, 1, {}, {}, false));
        std::vector<cv::Mat> outs;
        net_.forward(outs, net_.getUnconnectedOutLayersNames());
        const cv::Mat rows(outs[0].size[1], outs[0].size[2], CV_32F, outs[0].ptr<float>());
        std::vector<cv::Rect> boxes;
        std::vector<float> scores;
        for (int i = 0; i < rows.rows; i++) {
            const cv::Mat classes = rows.row(i).colRange(5, rows.cols);
            double score = 0;
            cv::Point best;
            cv::minMaxLoc(classes, nullptr, &score, nullptr, &best);
            score *= rows.at<float>(i, 4);
            if (score > 0.25) {
                boxes.emplace_back(0, 0, 10, 10);
                scores.push_back(static_cast<float>(score));
            }
        }
        std::vector<int> kept;
        cv::dnn::NMSBoxes(boxes, scores, 0.25f, 0.45f, kept);
        return kept.size();
    }

private:
    cv::dnn::Net net_;
    int side_;
};

Cost tutorial(const std::string& model, int side, const std::vector<Ref<GstBuffer>>& frames) {
    Tutorial way(model, side);
    return throughHarness("videoconvert ! capsfilter caps=video/x-raw,format=BGR", frames,
                          [&](GstBuffer* buffer) {
                              GstMapInfo map;
                              gst_buffer_map(buffer, &map, GST_MAP_READ);
                              way.detect(cv::Mat(height, width, CV_8UC3, map.data));
                              gst_buffer_unmap(buffer, &map);
                          });
}

void row(const char* what, const Cost& cost, const Cost& bareCost) {
    std::printf("  %-34s %8.1f ms a frame, %8.1f of CPU; around the network %6.2f\n", what,
                cost.wallMs, cost.cpuMs, cost.wallMs - bareCost.wallMs);
}

int benchFrame() {
    const auto frames = footage(12);
    if (frames.empty()) {
        std::puts("skipped: the footage beside the project is not there");
        return 77;
    }
    using infer::EngineChoice;
    const struct {
        const char* file;
        int side;
        bool readByTutorial;
    } networks[] = {{"yolox_nano-416", 416, true}, {"yolov8n-640", 640, false}};
    for (const auto& network : networks) {
        const std::string model = shared("models/") + network.file + ".onnx";
        for (const auto& [engine, name] : {std::pair{EngineChoice::OpenCv, "opencv"},
                                           {EngineChoice::OnnxRuntime, "onnxruntime"}}) {
            if (infer::engines().size() < 2 && engine == EngineChoice::OnnxRuntime)
                continue;
            std::printf("%s, %s, 1080p I420\n", network.file, name);
            const Cost net = bare(model, engine, frames.size());
            row("the bare network", net, net);
            const Cost ours =
                throughHarness("yolodetect model=" + model + " engine=" + name, frames);
            row("yolodetect", ours, net);
            std::printf("  yolodetect / bare network: %.3f\n", ours.wallMs / net.wallMs);
            if (network.readByTutorial && engine == EngineChoice::OpenCv) {
                const Cost usual = tutorial(model, network.side, frames);
                row("videoconvert, blobFromImage, NMS", usual, net);
                std::printf("  the usual way / yolodetect: %.2f in time, %.2f in CPU\n",
                            usual.wallMs / ours.wallMs, usual.cpuMs / ours.cpuMs);
            }
        }
    }
    return 0;
}

// --- frames while the network is busy ------------------------------------------------------------

/// What passes from one pad to another of a running pipeline.
struct Passage {
    std::mutex mutex;
    std::vector<std::pair<GstClockTime, Clock::time_point>> entered;
    std::vector<double> ms;

    static GstPadProbeReturn onEnter(GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* self = static_cast<Passage*>(data);
        const std::lock_guard lock(self->mutex);
        self->entered.emplace_back(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)), Clock::now());
        return GST_PAD_PROBE_OK;
    }
    static GstPadProbeReturn onLeave(GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* self = static_cast<Passage*>(data);
        const std::lock_guard lock(self->mutex);
        const auto pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
        for (auto i = self->entered.begin(); i != self->entered.end(); ++i)
            if (i->first == pts) {
                self->ms.push_back(1e3 * seconds(i->second));
                self->entered.erase(self->entered.begin(), i + 1);
                break;
            }
        return GST_PAD_PROBE_OK;
    }
    void watch(GstElement* element) {
        using Ends = std::pair<const char*, GstPadProbeCallback>;
        for (const auto& [name, probe] : {Ends{"sink", onEnter}, Ends{"src", onLeave}}) {
            const Ref<GstPad> pad(gst_element_get_static_pad(element, name));
            gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, probe, this, nullptr);
        }
    }
};

double stat(GstElement* element, const char* name) {
    GstStructure* stats = nullptr;
    g_object_get(element, "stats", &stats, nullptr);
    double value = 0;
    guint64 count = 0;
    if (gst_structure_get_uint64(stats, name, &count))
        value = static_cast<double>(count);
    else
        gst_structure_get_double(stats, name, &value);
    gst_structure_free(stats);
    return value;
}

/// In a process of its own, so that memory and processor are its own.
void apart(const std::function<void()>& work) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        gst_init(nullptr, nullptr);
        work();
        std::fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
}

void live(const std::string& what, const std::string& element, int runSeconds) {
    apart([&] {
        const std::string line =
            "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=1920,"
            "height=1080,framerate=25/1 ! queue ! " +
            element + " name=e ! fakesink sync=false";
        const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), nullptr));
        const Ref<GstElement> e(gst_bin_get_by_name(GST_BIN(pipeline.get()), "e"));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        g_usleep(3 * G_USEC_PER_SEC);
        Passage passage;
        passage.watch(e.get());
        const double cpu = cpuSeconds(), before = residentMegabytes();
        double oldest = 0;
        const bool detects = g_str_has_prefix(element.c_str(), "yolodetect");
        for (int i = 0; i < runSeconds * 10; i++) {
            g_usleep(G_USEC_PER_SEC / 10);
            if (detects)
                oldest = std::max(oldest, stat(e.get(), "age-ms"));
        }
        const std::lock_guard lock(passage.mutex);
        std::printf(
            "  %-22s %5.1f fps, added p50 %5.2f p95 %5.2f max %6.2f ms, CPU %.2f s/s, memory "
            "%+.1f MB",
            what.c_str(), double(passage.ms.size()) / runSeconds, percentile(passage.ms, .5),
            percentile(passage.ms, .95), percentile(passage.ms, 1),
            (cpuSeconds() - cpu) / runSeconds, residentMegabytes() - before);
        if (detects)
            std::printf("; network p50 %.0f ms, %.1f a second, oldest detection %.0f ms",
                        stat(e.get(), "inference-ms-p50"), stat(e.get(), "fps"), oldest);
        std::puts("");
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    });
}

int benchLive(int runSeconds) {
    std::printf("1080p25 live for %d s; the network is several times slower than the frames\n",
                runSeconds);
    const std::string model = shared("models/yolov8n-640.onnx");
    live("identity", "identity", runSeconds);
    live("yolodetect opencv", "yolodetect mode=live engine=opencv model=" + model, runSeconds);
    live("yolodetect onnxruntime", "yolodetect mode=live engine=onnxruntime model=" + model,
         runSeconds);
    live("one thread", "yolodetect mode=live threads=1 model=" + model, runSeconds);
    return 0;
}

// --- one network, many streams -------------------------------------------------------------------

void streams(const char* what, const std::string& id, int count, int runSeconds) {
    apart([&] {
        std::string line;
        for (int i = 0; i < count; i++)
            line += "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=1920,"
                    "height=1080,framerate=25/1 ! queue ! yolodetect mode=live name=d" +
                    std::to_string(i) + " model=" + shared("models/yolov8n-320.onnx") + " " + id +
                    " ! fakesink sync=false ";
        const Ref<GstElement> pipeline(gst_parse_launch(line.c_str(), nullptr));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        g_usleep(4 * G_USEC_PER_SEC);
        const double cpu = cpuSeconds();
        g_usleep(static_cast<gulong>(runSeconds) * G_USEC_PER_SEC);
        std::printf("  %-22s", what);
        for (int i = 0; i < count; i++) {
            const Ref<GstElement> d(
                gst_bin_get_by_name(GST_BIN(pipeline.get()), ("d" + std::to_string(i)).c_str()));
            std::printf(" %5.1f", stat(d.get(), "fps"));
        }
        std::printf(" inferences a second, CPU %.2f s/s, memory %.0f MB\n",
                    (cpuSeconds() - cpu) / runSeconds, residentMegabytes());
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    });
}

int benchShared() {
    std::puts("1080p25 live streams, yolov8n-320");
    streams("one stream", "", 1, 10);
    streams("four, a network each", "", 4, 10);
    streams("four, one network", "model-instance-id=all", 4, 10);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::string which = argc > 1 ? argv[1] : "frame";
    if (which == "live")
        return benchLive(argc > 2 ? std::atoi(argv[2]) : 10);
    if (which == "shared")
        return benchShared();
    gst_init(&argc, &argv);
    return benchFrame();
}
