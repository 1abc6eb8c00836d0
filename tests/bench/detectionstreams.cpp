#include "detection.hpp"

#include "glue/ref.hpp"
#include "measure.hpp"

#include <gst/gst.h>
#include <sys/wait.h>

#include <cstdio>
#include <mutex>

using glue::Ref;

namespace bench {
namespace {

constexpr const char* camera = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,"
                               "width=1920,height=1080,framerate=25/1 ! queue ! ";
constexpr double frameMs = 40;

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

/// Runs until it is destroyed.
class Playing {
public:
    explicit Playing(const std::string& line) : pipeline_(gst_parse_launch(line.c_str(), nullptr)) {
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~Playing() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Playing(const Playing&) = delete;
    Ref<GstElement> element(const std::string& name) const {
        return Ref<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name.c_str()));
    }

private:
    Ref<GstElement> pipeline_;
};

void wait(double time) { g_usleep(static_cast<gulong>(time * G_USEC_PER_SEC)); }

void awaitInferences(GstElement* detector, double count) {
    for (int i = 0; i < 600 && stat(detector, "inferences") < count; i++)
        wait(0.1);
}

void liveStream(const std::string& what, const std::string& element, int runSeconds) {
    apart([&] {
        const Playing line(camera + element + " name=e ! fakesink sync=false");
        const Ref<GstElement> e = line.element("e");
        const bool detects = g_str_has_prefix(element.c_str(), "yolodetect");
        wait(2);
        if (detects)
            awaitInferences(e.get(), 5);
        Passage passage;
        passage.watch(e.get());
        const double cpu = cpuSeconds();
        std::vector<double> ages;
        for (int i = 0; i < runSeconds * 20; i++) {
            wait(0.05);
            if (detects)
                ages.push_back(stat(e.get(), "age-ms"));
        }
        const std::lock_guard lock(passage.mutex);
        std::printf("  %-24s %5.1f fps, added p50 %5.2f p95 %5.2f max %6.2f ms, CPU %.2f s/s",
                    what.c_str(), double(passage.ms.size()) / runSeconds, median(passage.ms),
                    percentile(passage.ms, .95), percentile(passage.ms, 1),
                    (cpuSeconds() - cpu) / runSeconds);
        if (detects) {
            // A frame waits for the inference that runs, for its own, and until the next frame.
            const double one = stat(e.get(), "inference-ms-p95");
            std::printf("; network p50 %.0f p95 %.0f ms, %.1f a second; age p50 %.0f p95 %.0f max "
                        "%.0f ms, two inferences and a frame are %.0f",
                        stat(e.get(), "inference-ms-p50"), one, stat(e.get(), "fps"), median(ages),
                        percentile(ages, .95), percentile(ages, 1), 2 * one + frameMs);
        }
        std::puts("");
    });
}

void manyStreams(const char* what, const std::string& more, int count, int runSeconds) {
    apart([&] {
        std::string line;
        for (int i = 0; i < count; i++)
            line += camera + ("yolodetect mode=live name=d" + std::to_string(i)) +
                    " model=" + shared("models/yolov8n-320.onnx") + " " + more +
                    " ! fakesink sync=false ";
        const Playing playing(line);
        std::vector<Ref<GstElement>> detectors;
        for (int i = 0; i < count; i++)
            detectors.push_back(playing.element("d" + std::to_string(i)));
        std::vector<double> before;
        for (const auto& d : detectors)
            awaitInferences(d.get(), 5);
        for (const auto& d : detectors)
            before.push_back(stat(d.get(), "inferences"));
        const double cpu = cpuSeconds();
        const auto start = Clock::now();
        wait(runSeconds);
        const double time = seconds(start);
        std::printf("  %-22s", what);
        double all = 0;
        for (std::size_t i = 0; i < detectors.size(); i++) {
            const double rate = (stat(detectors[i].get(), "inferences") - before[i]) / time;
            all += rate;
            std::printf(" %5.1f", rate);
        }
        const double used = (cpuSeconds() - cpu) / time;
        std::printf(" inferences a second (%.1f together), CPU %.2f s/s, %.0f ms each, memory %.0f "
                    "MB\n",
                    all, used, 1e3 * used / all, residentMegabytes());
    });
}

} // namespace

int live(int runSeconds) {
    std::printf("1080p25 live for %d s; the network is several times slower than the frames\n",
                runSeconds);
    const std::string model = shared("models/yolov8n-640.onnx");
    const std::string line = "yolodetect mode=live model=" + model;
    liveStream("identity", "identity", runSeconds);
    liveStream("yolodetect opencv", line + " engine=opencv", runSeconds);
    liveStream("yolodetect onnxruntime", line + " engine=onnxruntime", runSeconds);
    liveStream("one thread", line + " threads=1", runSeconds);
    return 0;
}

int streams(int runSeconds) {
    std::puts("1080p25 live streams, yolov8n-320");
    manyStreams("one stream", "", 1, runSeconds);
    manyStreams("four, a network each", "", 4, runSeconds);
    manyStreams("four, one network", "model-instance-id=all", 4, runSeconds);
    return 0;
}

int memory(int runSeconds) {
    apart([&] {
        const Playing line(
            camera + ("yolodetect mode=live name=e model=" + shared("models/yolov8n-320.onnx")) +
            " ! fakesink sync=false");
        const Ref<GstElement> e = line.element("e");
        awaitInferences(e.get(), 20);
        const int steps = 10;
        std::vector<double> megabytes{residentMegabytes()};
        for (int i = 0; i < steps; i++) {
            wait(double(runSeconds) / steps);
            megabytes.push_back(residentMegabytes());
        }
        std::printf("1080p25 live, yolov8n-320, %d s, %.0f inferences: memory", runSeconds,
                    stat(e.get(), "inferences"));
        for (const double m : megabytes)
            std::printf(" %.1f", m);
        std::printf(" MB; %+.1f MB, in the second half %+.1f MB\n",
                    megabytes.back() - megabytes.front(), megabytes.back() - megabytes[steps / 2]);
    });
    return 0;
}

} // namespace bench
