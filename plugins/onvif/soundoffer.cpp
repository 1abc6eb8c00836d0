#include "soundoffer.hpp"

#include "base/error.hpp"

namespace onvif {

namespace {

constexpr const char* toPcm = "audioconvert ! audioresample ! ";
/// In nanoseconds. What ONVIF devices send and expect.
constexpr const char* packetTime = " min-ptime=20000000 max-ptime=20000000";

[[noreturn]] void missing(const std::string& what) {
    throw base::Error(base::ErrorKind::NotFound, "The camera cannot be spoken to: no " + what +
                                                     " is installed (gstreamer1.0-libav has one).");
}

std::string decoder(const std::string& mediaType, const SoundElements& elements) {
    if (mediaType == "audio/x-mulaw")
        return "mulawdec ! ";
    if (mediaType == "audio/x-alaw")
        return "alawdec ! ";
    if (mediaType != "audio/mpeg")
        return {};
    if (elements.aacDecoder.empty())
        missing("AAC decoder");
    return "aacparse ! " + elements.aacDecoder + " ! ";
}

std::string format(const SoundOffer& offer) {
    return "audio/x-raw, rate=" + std::to_string(offer.clockRate) +
           ", channels=" + std::to_string(offer.channels) + " ! ";
}

} // namespace

bool SoundOffer::understood() const {
    if (encoding == "PCMU" || encoding == "PCMA")
        return clockRate == 8000 && channels == 1;
    return encoding == "MPEG4-GENERIC" && clockRate >= 8000 && clockRate <= 96000 &&
           channels >= 1 && channels <= 2;
}

std::string soundChain(const std::string& mediaType, const SoundOffer& offer,
                       const SoundElements& elements) {
    const std::string end = " name=pay pt=" + std::to_string(offer.payload);
    if (offer.encoding == "MPEG4-GENERIC") {
        if (elements.aacEncoder.empty())
            missing("AAC encoder");
        return decoder(mediaType, elements) + toPcm + format(offer) + elements.aacEncoder +
               " ! aacparse ! audio/mpeg, stream-format=raw ! rtpmp4gpay" + end;
    }
    const bool mu = offer.encoding == "PCMU";
    const std::string pay = std::string(mu ? "rtppcmupay" : "rtppcmapay") + end + packetTime;
    if (mediaType == (mu ? "audio/x-mulaw" : "audio/x-alaw"))
        return pay;
    return decoder(mediaType, elements) + toPcm + format(offer) +
           (mu ? "mulawenc ! " : "alawenc ! ") + pay;
}

} // namespace onvif
