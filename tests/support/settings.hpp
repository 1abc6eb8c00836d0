#pragma once

#include <map>
#include <string>
#include <vector>

namespace camera {

/// Which proof of identity the camera wants. With both, a call that brings none is told to use
/// digest, as the ONVIF core specification says under "Authentication over HTTP and HTTPS".
///
/// Digest offers MD5 and then SHA-256, DigestBoth the other way round, DigestSha256 that one alone.
enum class Auth { None, Digest, Wsse, Both, DigestSha256, DigestBoth };

enum class Audio { Aac, Opus, Pcma, Pcmu, None };

/// What people at the viewer can say into the camera, if it has a loudspeaker.
enum class Backchannel { None, Pcmu, Pcma, Aac };

/// What the user chose; the member initialisers are the only defaults.
struct Settings {
    std::string file;   ///< shown in a loop; empty: the drawn scene, or `launch`
    std::string launch; ///< a launch line without its sink, whose picture is shown
    std::string name = "Virtual camera";
    std::string address =
        "127.0.0.1";       ///< what the servers bind to; 0.0.0.0 for all interfaces, :: with IPv6
    unsigned port = 0;     ///< HTTP; 0 takes any free one
    unsigned rtspPort = 0; ///< 0 takes any free one
    Auth auth = Auth::None;
    std::string user = "admin";
    std::string password;
    int width = 1280; ///< of the main profile, pixels, even
    int height = 720;
    int fps = 25;
    bool sizeGiven = false; ///< a clip keeps its own size unless the user asked for another
    bool fpsGiven = false;
    Audio audio = Audio::Aac;
    Backchannel backchannel = Backchannel::Pcmu;
    bool metadata = true;   ///< of the drawn scene, as a track of its streams
    bool multicast = false; ///< for those who ask for it
    bool tls = false;       ///< RTSPS alone, with a certificate that is made at the start
    bool discovery = true;
    /// Names of the interfaces that answer WS-Discovery; empty: those that own `address`.
    std::vector<std::string> interfaces;
    std::map<std::string, std::string> ills; ///< that it has from the start, with their values
    bool motion = true;                      ///< the scene makes motion events now and then
    int rebootMs = 3000;                     ///< how long SystemReboot takes
    std::string record;                      ///< file that gets every request; empty: none
};

/// One way of getting the picture, as the media service lists it.
struct StreamProfile {
    std::string token; ///< also the last part of its RTSP address
    std::string name;
    int width = 0;
    int height = 0;
    int fps = 0;
    int bitrate = 0;               ///< kbit/s
    std::string encoding = "H264"; ///< or H265
    bool h264Main = false; ///< H.264 profile of a clip that is passed through; else Baseline
    Audio audio = Audio::None;
};

} // namespace camera
