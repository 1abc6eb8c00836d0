#include "web/session.hpp"

#include "base/error.hpp"
#include "net/random.hpp"
#include "web/advertised.hpp"

#include <glib.h>

#include <algorithm>
#include <memory>
#include <set>

namespace web {
namespace {

constexpr const char* playoutDelayUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

std::string lowered(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

/// Profile of a profile-level-id (RFC 6184 section 8.1): the constraint bits matter for Baseline
/// only.
enum class Profile { ConstrainedBaseline, Baseline, Main, High, Other };

Profile profileOf(const std::string& id) {
    const std::string idc = lowered(id.substr(0, 2));
    if (idc == "42") {
        const auto constraints = std::strtol(id.substr(2, 2).c_str(), nullptr, 16);
        return constraints & 0x40 ? Profile::ConstrainedBaseline : Profile::Baseline;
    }
    return idc == "4d" ? Profile::Main : idc == "64" ? Profile::High : Profile::Other;
}

/// Lower is better; negative is no match. A profile that can do more than the stream's comes before
/// one that can do less.
int h264Rank(const Codec& codec, const Format& format) {
    if (format.parameter("packetization-mode", "0") != "1")
        return -1;
    const Profile offered = profileOf(format.parameter("profile-level-id", "42000a"));
    if (offered == Profile::Other)
        return -1;
    const auto wanted =
        codec.profileLevelId.empty() ? Profile::High : profileOf(codec.profileLevelId);
    const int more = static_cast<int>(offered) - static_cast<int>(wanted);
    return more >= 0 ? more : 10 - more;
}

/// Main profile in one stream (RFC 7798 section 7.1): what cameras send.
int h265Rank(const Format& format) {
    return format.parameter("profile-id", "1") == "1" &&
                   format.parameter("tx-mode", "SRST") == "SRST"
               ? 0
               : -1;
}

int rank(const Codec& codec, const Format& format) {
    if (!equalsIgnoringCase(codec.encoding, format.encoding) || codec.clockRate != format.clockRate)
        return -1;
    if (codec.encoding == "H264")
        return h264Rank(codec, format);
    if (codec.encoding == "H265")
        return h265Rank(format);
    if (codec.encoding == "AV1")
        return format.parameter("profile", "0") == "0" ? 0 : -1;
    // VP9 profile 0 is 4:2:0 in 8 bits: what vp9enc makes of I420.
    if (codec.encoding == "VP9")
        return format.parameter("profile-id", "0") == "0" ? 0 : -1;
    return 0;
}

const Format* bestFormat(const Codec& codec, const OfferedMedia& media) {
    const Format* best = nullptr;
    for (const Format& format : media.formats) {
        const int here = rank(codec, format);
        if (here >= 0 && (!best || here < rank(codec, *best)))
            best = &format;
    }
    return best;
}

int retransmissionOf(const OfferedMedia& media, int payload) {
    for (const Format& format : media.formats)
        if (equalsIgnoringCase(format.encoding, "rtx") &&
            format.parameter("apt") == std::to_string(payload))
            return format.payload;
    return -1;
}

/// Feedback that webrtcbin acts upon. Plain nack only beside a retransmission format: a browser
/// that may ask for packets waits for them instead of asking for a key frame.
bool isWanted(const std::string& feedback, bool retransmission) {
    return feedback == "nack pli" || feedback == "ccm fir" ||
           (feedback == "nack" && retransmission);
}

void addFormat(SdpSection& section, const Format& format, bool retransmission) {
    const std::string payload = std::to_string(format.payload);
    std::string map =
        "a=rtpmap:" + payload + " " + format.encoding + "/" + std::to_string(format.clockRate);
    if (format.channels > 1)
        map += "/" + std::to_string(format.channels);
    section.add(map);
    for (const std::string& feedback : format.feedback)
        if (isWanted(feedback, retransmission))
            section.add("a=rtcp-fb:" + payload + " " + feedback);
    std::string parameters;
    for (const auto& [name, value] : format.parameters)
        parameters += (parameters.empty() ? "" : ";") + name + "=" + value;
    if (!parameters.empty())
        section.add("a=fmtp:" + payload + " " + parameters);
}

/// ICE and DTLS of the one transport that all sections share.
std::vector<std::string> transportLines(const Offer& offer) {
    return {"c=IN IP4 0.0.0.0",
            "a=ice-ufrag:" + offer.ufrag,
            "a=ice-pwd:" + offer.password,
            "a=ice-options:trickle",
            "a=fingerprint:" + offer.fingerprint.algorithm + " " + offer.fingerprint.digest,
            "a=setup:" + offer.setup};
}

/// Both ports are 5000 in every WebRTC stack; the size is what a message of ours may have.
SdpSection offeredDataSection(const Offer& offer, const OfferedMedia& media) {
    SdpSection section;
    section.media = "application 9 UDP/DTLS/SCTP webrtc-datachannel";
    section.lines = transportLines(offer);
    for (const std::string& line : {"a=mid:" + media.mid, std::string("a=sctp-port:5000"),
                                    std::string("a=max-message-size:65536")})
        section.add(line);
    return section;
}

SdpSection offeredSection(const Offer& offer, const Served& served) {
    const OfferedMedia& media = offer.medias[served.media];
    const bool retransmission = served.retransmission >= 0;
    SdpSection section;
    section.media = media.type + " 9 UDP/TLS/RTP/SAVPF " + std::to_string(served.format.payload);
    if (retransmission)
        section.media += " " + std::to_string(served.retransmission);
    section.lines = transportLines(offer);
    for (const std::string& line : {"a=mid:" + media.mid, std::string("a=recvonly"),
                                    std::string("a=rtcp-mux"), std::string("a=rtcp-rsize")})
        section.add(line);
    addFormat(section, served.format, retransmission);
    if (retransmission)
        for (const Format& format : media.formats)
            if (format.payload == served.retransmission) {
                section.add("a=rtpmap:" + std::to_string(format.payload) + " rtx/" +
                            std::to_string(format.clockRate));
                section.add("a=fmtp:" + std::to_string(format.payload) +
                            " apt=" + std::to_string(served.format.payload));
            }
    for (const std::string& candidate : media.candidates)
        section.add("a=candidate:" + candidate);
    return section;
}

std::string bundleLine(const Offer& offer, const std::vector<Served>& served) {
    std::string line = "a=group:BUNDLE";
    for (const Served& s : served)
        line += " " + offer.medias[s.media].mid;
    if (const auto data = dataSection(offer))
        line += " " + offer.medias[*data].mid;
    return line;
}

/// A candidate of ours that a browser elsewhere can do something with.
bool isWorthTelling(const std::string& candidate) {
    const auto parts = words(candidate);
    if (parts.size() < 8)
        return false;
    const bool linkLocal = lowered(parts[4]).rfind("fe80", 0) == 0;
    const bool active = candidate.find("tcptype active") != std::string::npos;
    return !linkLocal && !active;
}

SdpSection refusedSection(const OfferedMedia& media) {
    return {media.type + " 0 " + media.protocol + " " + media.firstFormat,
            {"c=IN IP4 0.0.0.0", "a=inactive", "a=mid:" + media.mid}};
}

SdpSection finishedSection(SdpSection section, const Served& served, bool first,
                           const std::vector<std::string>& addresses) {
    const auto candidates = section.attributes("candidate");
    for (const char* name : {"candidate", "end-of-candidates", "msid", "extmap", "rtcp-mux-only",
                             "rtcp-rsize", "ice-options"})
        section.remove(name);
    section.add("a=rtcp-mux-only");
    section.add("a=rtcp-rsize");
    section.add("a=msid:video-stream " + section.media.substr(0, section.media.find(' ')) +
                std::to_string(served.input));
    if (served.playoutDelay)
        section.add("a=extmap:" + std::to_string(served.playoutDelay) + " " + playoutDelayUri);
    if (!first)
        return section; // RFC 9143: the first section's transport carries all
    for (const std::string& candidate : advertise(candidates, addresses))
        if (isWorthTelling(candidate))
            section.add("a=candidate:" + candidate);
    section.add("a=end-of-candidates");
    return section;
}

/// What is left of webrtcbin's: transport, port and size.
SdpSection finishedDataSection(SdpSection section) {
    for (const char* name : {"candidate", "end-of-candidates", "ice-options", "rtcp-mux",
                             "rtcp-rsize", "sendrecv", "sendonly", "recvonly"})
        section.remove(name);
    return section;
}

} // namespace

std::optional<std::size_t> dataSection(const Offer& offer) {
    for (std::size_t m = 0; m < offer.medias.size(); m++)
        if (offer.medias[m].dataChannel)
            return m;
    return std::nullopt;
}

std::vector<Served> match(const Offer& offer, const std::vector<Codec>& inputs) {
    std::vector<Served> served;
    std::set<std::size_t> taken;
    for (std::size_t m = 0; m < offer.medias.size(); m++) {
        const OfferedMedia& media = offer.medias[m];
        if (!media.usable)
            continue;
        for (std::size_t i = 0; i < inputs.size(); i++) {
            const auto isTaken = [&](std::size_t other) {
                return other == i ||
                       (inputs[i].group >= 0 && inputs[other].group == inputs[i].group);
            };
            if (inputs[i].kind != media.kind || std::any_of(taken.begin(), taken.end(), isTaken))
                continue;
            const Format* format = bestFormat(inputs[i], media);
            if (!format)
                continue;
            const auto extension = media.extensions.find(playoutDelayUri);
            served.push_back({m, i, *format, retransmissionOf(media, format->payload),
                              extension == media.extensions.end() ? 0 : extension->second, 0});
            taken.insert(i);
            break;
        }
    }
    return served;
}

std::vector<std::size_t> alternatives(const std::vector<Codec>& inputs, std::size_t input) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < inputs.size(); i++)
        if (i == input || (inputs[input].group >= 0 && inputs[i].group == inputs[input].group &&
                           inputs[i] == inputs[input]))
            all.push_back(i);
    return all;
}

std::string describe(const std::vector<Codec>& inputs) {
    std::string text;
    for (const Codec& codec : inputs)
        text += (text.empty() ? "" : ", ") + codec.encoding +
                (codec.kind == Kind::Video ? " video" : " audio");
    return text;
}

std::string offerToAnswer(const Offer& offer, const std::vector<Served>& served) {
    Sdp sdp;
    sdp.session.lines = {"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
                         bundleLine(offer, served)};
    for (const Served& s : served)
        sdp.medias.push_back(offeredSection(offer, s));
    if (const auto data = dataSection(offer))
        sdp.medias.push_back(offeredDataSection(offer, offer.medias[*data]));
    return sdp.text();
}

std::string finishAnswer(const Offer& offer, const std::vector<Served>& served,
                         const std::string& answer, const std::vector<std::string>& addresses) {
    const Sdp made = Sdp::parse(answer);
    const auto data = dataSection(offer);
    if (made.medias.size() != served.size() + (data ? 1 : 0))
        throw base::Error(base::ErrorKind::Failed, "The answer does not fit the offer.", answer);
    Sdp sdp;
    sdp.session = made.session;
    for (const char* name : {"group", "ice-options"})
        sdp.session.remove(name);
    sdp.session.add(bundleLine(offer, served));
    sdp.session.add("a=msid-semantic: WMS *");
    for (const OfferedMedia& media : offer.medias)
        sdp.medias.push_back(refusedSection(media));
    for (std::size_t i = 0; i < served.size(); i++)
        sdp.medias[served[i].media] = finishedSection(made.medias[i], served[i], i == 0, addresses);
    if (data)
        sdp.medias[*data] = finishedDataSection(made.medias.back());
    return sdp.text();
}

std::uint32_t repairOf(const std::string& answer, std::uint32_t ssrc) {
    const std::string source = "FID " + std::to_string(ssrc) + " ";
    for (const SdpSection& section : Sdp::parse(answer).medias)
        for (const std::string& group : section.attributes("ssrc-group"))
            if (group.compare(0, source.size(), source) == 0)
                if (const auto repair = decimal(group.substr(source.size()), 1, UINT32_MAX))
                    return static_cast<std::uint32_t>(*repair);
    return 0;
}

bool sendsEverything(const std::string& answer, std::size_t sections) {
    const Sdp sdp = Sdp::parse(answer);
    return sdp.medias.size() >= sections &&
           std::all_of(sdp.medias.begin(),
                       sdp.medias.begin() + static_cast<std::ptrdiff_t>(sections),
                       [](const SdpSection& s) { return s.has("sendonly"); });
}

std::string newSessionId() { return net::randomHex(16); }

bool isCertificateOf(const std::string& pem, const Fingerprint& fingerprint) {
    static constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    const auto from = pem.find(begin);
    const auto to = pem.find("-----END CERTIFICATE-----");
    if (from == std::string::npos || to == std::string::npos || to <= from + begin.size())
        return false;
    const GChecksumType type = fingerprint.algorithm == "sha-512"   ? G_CHECKSUM_SHA512
                               : fingerprint.algorithm == "sha-384" ? G_CHECKSUM_SHA384
                                                                    : G_CHECKSUM_SHA256;
    const std::string base64 = pem.substr(from + begin.size(), to - from - begin.size());
    gsize size = 0;
    const std::unique_ptr<guchar, decltype(&g_free)> der(g_base64_decode(base64.c_str(), &size),
                                                         g_free);
    const std::unique_ptr<char, decltype(&g_free)> hex(
        g_compute_checksum_for_data(type, der.get(), size), g_free);
    std::string digest;
    for (std::size_t i = 0; hex.get()[i]; i += 2)
        digest += (i ? ":" : "") + std::string(hex.get() + i, 2);
    return size > 0 && equalsIgnoringCase(digest, fingerprint.digest);
}

} // namespace web
