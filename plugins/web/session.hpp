#pragma once

#include "web/offer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace web {

/// What one input of the sink carries.
struct Codec {
    Kind kind = Kind::Other;
    std::string encoding; ///< RTP name in upper case: "VP9", "H264", "OPUS", "PCMU"
    int clockRate = 0;
    std::string profileLevelId; ///< H.264: six hexadecimal digits; empty when not known
    int group = -1;             ///< inputs of one group are sizes of the same picture; -1: none

    bool operator==(const Codec& o) const {
        // Profile and level may move with the picture size; a viewer who has a key frame does not
        // care.
        return kind == o.kind && encoding == o.encoding && clockRate == o.clockRate;
    }
    bool operator!=(const Codec& o) const { return !(*this == o); }
};

/// One media section that will be sent, and how.
struct Served {
    std::size_t media = 0; ///< index into Offer::medias
    std::size_t input = 0; ///< index into the codecs given to match()
    Format format;
    int retransmission = -1; ///< payload type of RFC 4588 packets for that format, or -1
    int playoutDelay = 0;    ///< header extension id, 0 when not offered
    int transportWide = 0;   ///< the same, of the sequence number for congestion control
};

/// Brings the offer and what there is together: the first section of each kind takes the first
/// input of that kind whose codec it offers, the next the next; one input of a group stands for all
/// of them. In the order of the offer; empty when nothing meets.
///
/// H.264 needs packetization-mode 1. Its profile is matched where possible, else the nearest that
/// can do more is taken, else the one that can do most: browsers decode it all the same, and none
/// on Linux offers High. H.265 is Main profile in a single stream, AV1 is Main.
std::vector<Served> match(const Offer& offer, const std::vector<Codec>& inputs);

/// The inputs that can take turns with `input` in one session: of its group and codec, itself among
/// them, in their order.
std::vector<std::size_t> alternatives(const std::vector<Codec>& inputs, std::size_t input);

/// "VP9 video, OPUS audio": what is there, for a client that offered something else.
std::string describe(const std::vector<Codec>& inputs);

/// Index into Offer::medias of the section for data channels, if there is one that can be had.
std::optional<std::size_t> dataSection(const Offer& offer);

/// The offer in our own words: only the sections and the one payload type that are served. It is
/// all that webrtcbin gets to see, so that neither its guesses nor its assertions meet a stranger's
/// text. The section for data channels comes last.
std::string offerToAnswer(const Offer& offer, const std::vector<Served>& served);

/// webrtcbin's answer to offerToAnswer(), made into the answer to the real offer: refused sections
/// back in their places, what WHEP asks for and webrtcbin leaves out (rtcp-mux-only, rtcp-rsize,
/// msid, end-of-candidates) added, candidates that help nobody (link-local, TCP active) taken out,
/// those for `addresses` added (see advertise()).
std::string finishAnswer(const Offer& offer, const std::vector<Served>& served,
                         const std::string& answer, const std::vector<std::string>& addresses = {});

/// The SSRC of packets that are sent again for those of `ssrc`, as the answer names it; 0: none.
std::uint32_t repairOf(const std::string& answer, std::uint32_t ssrc);

/// Each of the first `sections` of webrtcbin's answer really sends: a guard against an "inactive"
/// answer, which would leave the viewer with a black picture and no reason.
bool sendsEverything(const std::string& answer, std::size_t sections);

/// 128 random bits in hexadecimal: the address of a session is its only key.
std::string newSessionId();

/// True when the certificate (PEM) is the one that the fingerprint names (RFC 8122 section 5).
bool isCertificateOf(const std::string& pem, const Fingerprint& fingerprint);

} // namespace web
