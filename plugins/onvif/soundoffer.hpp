#pragma once

#include <string>

namespace onvif {

/// A stream of a camera that takes sound: a media description of its SDP marked "sendonly", from
/// the camera's side asked for (ONVIF Streaming, "Bidirectional audio").
struct SoundOffer {
    unsigned stream = 0;  ///< number in the SDP
    std::string encoding; ///< RTP name, "PCMU"
    int clockRate = 8000; ///< Hz
    int channels = 1;
    int payload = 0; ///< RTP payload type

    /// Whether sound can be made for it: PCMU and PCMA at 8 kHz, AAC as MPEG4-GENERIC.
    bool understood() const;
};

/// Names of elements that are installed here, empty where there is none.
struct SoundElements {
    std::string aacEncoder, aacDecoder;
};

/// The launch description that makes sound of `mediaType` ("audio/x-raw", "audio/x-mulaw",
/// "audio/x-alaw", "audio/mpeg") into RTP for the camera, 20 ms a packet; its last element is named
/// "pay". G.711 that fits goes through as it is. Throws base::Error with what is missing.
std::string soundChain(const std::string& mediaType, const SoundOffer& offer,
                       const SoundElements& elements);

} // namespace onvif
