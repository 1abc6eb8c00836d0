#pragma once

#include "web/sdp.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace web {

enum class Kind { Video, Audio, Other };

/// What an offer is made for: to be sent to (WHEP), or to send (WHIP).
enum class Purpose { Watch, Publish };

/// One payload type of a media section.
struct Format {
    int payload = -1;
    std::string encoding; ///< as offered: "VP9", "opus"
    int clockRate = 0;
    int channels = 1;
    std::map<std::string, std::string> parameters; ///< a=fmtp, names in lower case
    std::vector<std::string> feedback;             ///< a=rtcp-fb, e.g. "nack pli"

    std::string parameter(const std::string& name, const std::string& otherwise = {}) const;
};

struct OfferedMedia {
    Kind kind = Kind::Other;
    std::string mid;
    std::string type;         ///< "video", "audio", "application", …
    std::string protocol;     ///< "UDP/TLS/RTP/SAVPF"
    std::string firstFormat;  ///< as on the m= line: "98", "webrtc-datachannel"
    std::string direction;    ///< "recvonly", "sendrecv", "sendonly", "inactive"
    bool usable = false;      ///< RTP in the wanted direction: not rejected, bundled, rtcp-mux
    bool dataChannel = false; ///< WebRTC data channels over SCTP (RFC 8841), bundled
    std::vector<Format> formats;
    std::map<std::string, int> extensions; ///< header extension URI -> id
    std::vector<std::string> candidates;   ///< a=candidate values that name an IP address
    std::vector<std::uint32_t> sources;    ///< a=ssrc of what the offerer would send
    std::vector<std::pair<std::uint32_t, std::uint32_t>> repairs; ///< FID: source, its repair
};

struct Fingerprint {
    std::string algorithm; ///< "sha-256", "sha-384" or "sha-512"
    std::string digest;    ///< upper-case hexadecimal with colons
};

/// A WHEP or WHIP offer that is fit to be answered. Nothing in it is text that has not been
/// checked.
struct Offer {
    std::vector<OfferedMedia> medias; ///< in the order of the offer
    Fingerprint fingerprint;
    std::string ufrag, password;
    std::string setup; ///< "actpass", "active" or "passive"
};

/// Reads and checks an offer (RFC 8829, RFC 8842, draft-ietf-wish-whep, RFC 9725). Throws
/// base::Error, kind BadData, with a sentence for whoever wrote the client. GStreamer 1.22's
/// webrtcbin has assertions that a stranger's text can reach (missing setup, mid or fingerprint,
/// broken BUNDLE): none passes.
Offer readOffer(std::string_view text, Purpose purpose = Purpose::Watch);

/// True for a candidate (RFC 8839 section 5.1, without "a=candidate:") that can be used as it is:
/// it names an IP address. ".local" names (mDNS) are refused: resolving them stalls the agent, and
/// the browser's own checks reveal its address anyway.
bool isUsableCandidate(std::string_view candidate);

/// A trickle fragment (RFC 8840 section 9).
struct Trickle {
    struct Candidate {
        std::string mid;
        std::string candidate; ///< "candidate:…", as add-ice-candidate wants it
    };
    std::string ufrag, password; ///< empty when not named
    std::vector<Candidate> candidates;
};

/// Reads a trickle fragment; unusable candidates are left out in silence, as WHEP wants. Throws
/// base::Error (BadData) when it is not one.
Trickle readTrickle(std::string_view text);

/// False when the fragment names another ICE generation than the offer's: a restart.
bool isOf(const Trickle& fragment, const Offer& offer);

} // namespace web
