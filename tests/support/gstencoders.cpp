#include "support/gstencoders.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"

#include <algorithm>

namespace camera {
namespace {

bool installed(const char* factory) {
    return glue::Ref<GstElementFactory>(gst_element_factory_find(factory)) != nullptr;
}

const char* aacEncoder() {
    for (const char* factory : {"fdkaacenc", "avenc_aac", "voaacenc"})
        if (installed(factory))
            return factory;
    return nullptr;
}

} // namespace

int bitrateFor(int width, int height, int fps) {
    return std::clamp(static_cast<int>(0.1 * width * height * fps / 1000), 200, 8000);
}

std::string h264Encoder(int kbitPerSecond, int fps) {
    const std::string rate = std::to_string(kbitPerSecond);
    const std::string gop = std::to_string(2 * fps);
    const std::string caps = " ! video/x-h264,profile=constrained-baseline,"
                             "stream-format=byte-stream,alignment=au";
    if (installed("x264enc"))
        return "x264enc tune=zerolatency speed-preset=superfast threads=1 bitrate=" + rate +
               " key-int-max=" + gop + caps;
    if (installed("openh264enc"))
        return "openh264enc usage-type=camera complexity=low multi-thread=1 rate-control=bitrate "
               "bitrate=" +
               rate + "000 gop-size=" + gop + caps;
    throw base::Error(
        base::ErrorKind::NotFound,
        "No H.264 encoder is installed: install gstreamer1.0-plugins-ugly (x264enc) or "
        "gstreamer1.0-plugins-bad (openh264enc).");
}

Audio availableAudio(Audio wish) {
    return wish == Audio::Aac && !aacEncoder() ? Audio::Pcmu : wish;
}

std::string audioPayloader(Audio audio) {
    return audio == Audio::Aac ? "rtpmp4gpay name=pay1 pt=97" : "rtppcmupay name=pay1 pt=0";
}

std::string audioTail(Audio audio) {
    const std::string convert = "audioconvert ! audioresample ! audio/x-raw,channels=1,rate=";
    if (audio == Audio::Aac)
        return convert + "48000 ! " + aacEncoder() + " bitrate=64000 ! aacparse ! " +
               audioPayloader(audio);
    return convert + "8000 ! mulawenc ! " + audioPayloader(audio);
}

} // namespace camera
