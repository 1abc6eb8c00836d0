// From the address of a camera to its first RTP packet: onvifsrc, and npm's onvif with rtspsrc,
// which is what a Node.js program would do. Beside them rtspsrc with the stream's address known,
// which is what the camera and RTSP take by themselves; the difference is what asking costs. All of
// them in warm processes, with the same jitter buffer, in turns.
#include "glue/ref.hpp"
#include "support/gstvirtualcamera.hpp"

#include <gio/gio.h>
#include <gst/gst.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

using Clock = std::chrono::steady_clock;

static constexpr int rounds = 21;

/// Milliseconds from now to the first buffer that reaches the sink.
static double firstPacket(const std::string& source) {
    const auto start = Clock::now();
    const glue::Ref<GstElement> pipeline(
        gst_parse_launch((source + " ! fakesink name=out sync=false").c_str(), nullptr));
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    const glue::Ref<GstPad> pad(gst_element_get_static_pad(sink.get(), "sink"));
    std::atomic<bool> arrived{false};
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo*, gpointer flag) {
            *static_cast<std::atomic<bool>*>(flag) = true;
            return GST_PAD_PROBE_REMOVE;
        },
        &arrived, nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    while (!arrived && Clock::now() - start < std::chrono::seconds(20))
        g_usleep(200);
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return arrived ? took.count() : -1;
}

/// A Node.js process that turns the port of a camera on this machine into a stream address, a line
/// each.
class NodeClient {
public:
    NodeClient() {
        const std::string script =
            std::string(g_getenv("VIDEO_STREAM_SOURCE_DIR")) + "/tests/bench/onvifaddress.mjs";
        process_ = g_subprocess_new(static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                                  G_SUBPROCESS_FLAGS_STDOUT_PIPE),
                                    nullptr, "node", script.c_str(), nullptr);
        if (!process_)
            return;
        lines_ = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
        present = line() == "ready";
    }
    ~NodeClient() {
        if (!process_)
            return;
        g_subprocess_force_exit(process_);
        g_subprocess_wait(process_, nullptr, nullptr);
        g_object_unref(lines_);
        g_object_unref(process_);
    }
    NodeClient(const NodeClient&) = delete;
    NodeClient& operator=(const NodeClient&) = delete;

    std::string address(const std::string& deviceService) {
        const std::string question = deviceService + "\n";
        g_output_stream_write_all(g_subprocess_get_stdin_pipe(process_), question.data(),
                                  question.size(), nullptr, nullptr, nullptr);
        return line();
    }

    bool present = false;

private:
    std::string line() {
        const glue::Ref<char> text(
            g_data_input_stream_read_line(lines_, nullptr, nullptr, nullptr));
        return text ? text.get() : "";
    }

    GSubprocess* process_ = nullptr;
    GDataInputStream* lines_ = nullptr;
};

static void report(const char* name, std::vector<double> times) {
    if (times.empty())
        return;
    std::sort(times.begin(), times.end());
    std::printf("%-34s median %6.0f ms, best %6.0f, worst %6.0f (%zu rounds)\n", name,
                times[times.size() / 2], times.front(), times.back(), times.size());
}

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    camera::Settings settings;
    settings.discovery = false;
    settings.auth = camera::Auth::Digest;
    settings.password = "bench";
    camera::VirtualCamera camera(settings);
    NodeClient node;
    const std::string login = " user-id=admin user-pw=bench latency=0 protocols=tcp ";
    std::vector<double> ours, theirs, floor;
    for (int i = 0; i <= rounds; i++) {
        const double known = firstPacket("rtspsrc location=" + camera.rtspUrl("main") + login);
        const double own = firstPacket("onvifsrc location=" + camera.deviceServiceUrl() + login);
        double other = 0;
        if (node.present) {
            const auto start = Clock::now();
            const std::string address = node.address(camera.deviceServiceUrl());
            const std::chrono::duration<double, std::milli> asked = Clock::now() - start;
            other = asked.count() + firstPacket("rtspsrc location=" + address + login);
        }
        if (i == 0)
            continue; // plugins are loaded
        floor.push_back(known);
        ours.push_back(own);
        if (node.present)
            theirs.push_back(other);
    }
    report("rtspsrc, stream address known", floor);
    report("onvifsrc, device address", ours);
    if (node.present)
        report("npm onvif and rtspsrc", theirs);
    else
        std::printf("npm's onvif is not here: npm ci in tests/browser\n");
    return 0;
}
