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

std::string h265Encoder(int kbitPerSecond, int fps) {
    if (!installed("x265enc"))
        throw base::Error(base::ErrorKind::NotFound,
                          "No H.265 encoder is installed: install gstreamer1.0-plugins-bad.");
    return "x265enc tune=zerolatency speed-preset=ultrafast bitrate=" +
           std::to_string(kbitPerSecond) + " key-int-max=" + std::to_string(2 * fps) +
           " ! video/x-h265,profile=main,stream-format=byte-stream,alignment=au";
}

const char* const h264Payloader =
    "rtph264pay name=pay0 pt=96 config-interval=-1 aggregate-mode=zero-latency";

std::string liveSource(const char* name) {
    return "virtualcamerasrc name=" + std::string(name) +
           " ! errorignore ignore-error=false ignore-notlinked=true ignore-notnegotiated=false "
           "convert-to=ok";
}

std::string metadataTrack() {
    return liveSource("metadata") + " ! virtualmetadatapay name=pay2 pt=98";
}

std::string videoTail(const StreamProfile& profile, RtspStream::Variant variant) {
    const std::string usual = h264Encoder(profile.bitrate, profile.fps) + " ! " + h264Payloader;
    switch (variant) {
    case RtspStream::Variant::OtherSize:
        return "videoscale ! video/x-raw,width=" + std::to_string(profile.width / 4 * 2) +
               ",height=" + std::to_string(profile.height / 4 * 2) + " ! " + usual;
    case RtspStream::Variant::OtherCodec:
        return h265Encoder(profile.bitrate, profile.fps) +
               " ! rtph265pay name=pay0 pt=96 config-interval=-1";
    case RtspStream::Variant::Usual:
        break;
    }
    return usual;
}

Audio availableAudio(Audio wish) {
    const bool there = wish == Audio::Aac    ? aacEncoder() != nullptr
                       : wish == Audio::Opus ? installed("opusenc")
                                             : true;
    return there ? wish : Audio::Pcmu;
}

std::string audioPayloader(Audio audio) {
    switch (audio) {
    case Audio::Aac:
        return "rtpmp4gpay name=pay1 pt=97";
    case Audio::Opus:
        return "rtpopuspay name=pay1 pt=97";
    case Audio::Pcma:
        return "rtppcmapay name=pay1 pt=8";
    default:
        return "rtppcmupay name=pay1 pt=0";
    }
}

std::string audioTail(Audio audio) {
    const std::string convert = "audioconvert ! audioresample ! audio/x-raw,channels=1,rate=";
    std::string encoder;
    switch (audio) {
    case Audio::Aac:
        encoder = "48000 ! " + std::string(aacEncoder()) + " bitrate=64000 ! aacparse";
        break;
    case Audio::Opus:
        encoder = "48000 ! opusenc bitrate=48000";
        break;
    case Audio::Pcma:
        encoder = "8000 ! alawenc";
        break;
    default:
        encoder = "8000 ! mulawenc";
    }
    return convert + encoder + " ! " + audioPayloader(audio);
}

} // namespace camera
