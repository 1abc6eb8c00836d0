// What finding objects costs around the network, and whether it ever holds the video:
//   detection frame [ROUNDS]    yolodetect on 1080p I420 against the bare network, and against the
//                               tutorial's way: cvtColor, blobFromImage, forward, NMSBoxes
//   detection live [SECONDS]    frames through mode=live with a network slower than they come
//   detection shared [SECONDS]  four 1080p streams on one network and on four
//   detection memory [SECONDS]  what a live stream has in memory over a long time; 600 for a claim
#include "detection.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

int main(int argc, char** argv) {
    const std::string which = argc > 1 ? argv[1] : "frame";
    const auto number = [&](int otherwise) { return argc > 2 ? std::atoi(argv[2]) : otherwise; };
    if (!std::filesystem::exists(bench::shared("models/yolov8n-640.onnx"))) {
        std::puts(
            "skipped: the networks beside the project (Meson option shared_dir) are not there");
        return 77;
    }
    if (which == "live")
        return bench::live(number(10));
    if (which == "shared")
        return bench::streams(number(10));
    if (which == "memory")
        return bench::memory(number(60));
    return bench::frame(number(3));
}
