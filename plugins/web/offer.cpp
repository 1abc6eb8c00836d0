#include "web/offer.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <set>

namespace web {
namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw base::Error(base::ErrorKind::BadData, why);
}

bool isIceText(std::string_view text, std::size_t low, std::size_t high) {
    return text.size() >= low && text.size() <= high &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '+' || c == '/';
           });
}

/// The attribute of the section, or else of the session (RFC 8839 section 5, RFC 8122 section 5).
std::optional<std::string> inherited(const Sdp& sdp, const SdpSection& section,
                                     std::string_view name) {
    auto own = section.attribute(name);
    return own ? own : sdp.session.attribute(name);
}

/// Bytes of the digest, or 0 for an algorithm that is unknown or too weak.
std::size_t digestSize(std::string_view algorithm) {
    if (equalsIgnoringCase(algorithm, "sha-256"))
        return 32;
    if (equalsIgnoringCase(algorithm, "sha-384"))
        return 48;
    return equalsIgnoringCase(algorithm, "sha-512") ? 64 : 0;
}

std::optional<Fingerprint> readFingerprint(const std::string& value) {
    const auto parts = words(value);
    const std::size_t size = parts.empty() ? 0 : digestSize(parts[0]);
    if (parts.size() != 2 || size == 0 || parts[1].size() != size * 3 - 1)
        return std::nullopt;
    Fingerprint f{parts[0], parts[1]};
    for (char& c : f.algorithm)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    for (std::size_t i = 0; i < f.digest.size(); i++) {
        char& c = f.digest[i];
        c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
        if (i % 3 == 2 ? c != ':' : !hex)
            return std::nullopt;
    }
    return f;
}

Fingerprint fingerprintOf(const Sdp& sdp, const SdpSection& section) {
    auto values = section.attributes("fingerprint");
    if (values.empty())
        values = sdp.session.attributes("fingerprint");
    for (const std::string& value : values)
        if (const auto fingerprint = readFingerprint(value))
            return *fingerprint;
    refuse(values.empty() ? "The offer has no a=fingerprint: without it the peer cannot be trusted."
                          : "The offer has no usable a=fingerprint; sha-256, sha-384 and sha-512 "
                            "are understood.");
}

Format* formatOf(OfferedMedia& media, std::string_view payload) {
    const auto number = decimal(payload, 0, 127);
    for (Format& format : media.formats)
        if (number && format.payload == *number)
            return &format;
    return nullptr;
}

void readMap(OfferedMedia& media, const std::string& value) {
    const auto space = value.find(' ');
    Format* format = formatOf(media, value.substr(0, space));
    if (!format || space == std::string::npos)
        return;
    const auto parts = words(std::string_view(value).substr(space + 1), '/');
    const auto rate = parts.size() > 1 ? decimal(parts[1], 1, 1000000) : std::nullopt;
    if (parts.size() < 2 || !rate || !isToken(parts[0], 32))
        return;
    format->encoding = parts[0];
    format->clockRate = static_cast<int>(*rate);
    if (parts.size() > 2)
        format->channels = static_cast<int>(decimal(parts[2], 1, 255).value_or(1));
}

void readParameters(OfferedMedia& media, const std::string& value) {
    const auto space = value.find(' ');
    Format* format = formatOf(media, value.substr(0, space));
    if (!format || space == std::string::npos)
        return;
    for (const std::string& part : words(std::string_view(value).substr(space + 1), ';')) {
        const auto begin = part.find_first_not_of(' ');
        const auto equals = part.find('=');
        if (begin == std::string::npos || equals == std::string::npos || equals <= begin)
            continue;
        std::string name = part.substr(begin, equals - begin);
        for (char& c : name)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const std::string text = part.substr(equals + 1);
        if (isToken(name, 64) && isToken(text, 64))
            format->parameters[name] = text;
    }
}

void readFeedback(OfferedMedia& media, const std::string& value) {
    const auto space = value.find(' ');
    if (space == std::string::npos)
        return;
    const std::string text = value.substr(space + 1);
    for (Format& format : media.formats)
        // Bounded: each "*" line counts for every format, and browsers have five or so.
        if ((value[0] == '*' || formatOf(media, value.substr(0, space)) == &format) &&
            text.size() <= 64 && format.feedback.size() < 16)
            format.feedback.push_back(text);
}

void readExtension(OfferedMedia& media, const std::string& value) {
    const auto parts = words(value);
    if (parts.size() < 2 || parts[1].size() > 256)
        return;
    // One-byte header extensions only (RFC 8285 section 4.2).
    const auto id = decimal(parts[0].substr(0, parts[0].find('/')), 1, 14);
    if (id)
        media.extensions.emplace(parts[1], static_cast<int>(*id));
}

/// Browsers have one or two; more would only make work.
constexpr std::size_t maxSources = 8;

void readSources(OfferedMedia& media, const SdpSection& section) {
    const auto number = [](const std::string& text) { return decimal(text, 1, 4294967295L); };
    for (const std::string& value : section.attributes("ssrc")) {
        const auto source = number(value.substr(0, value.find(' ')));
        auto& all = media.sources;
        if (source && all.size() < maxSources &&
            std::find(all.begin(), all.end(), static_cast<std::uint32_t>(*source)) == all.end())
            all.push_back(static_cast<std::uint32_t>(*source));
    }
    for (const std::string& value : section.attributes("ssrc-group")) {
        const auto parts = words(value);
        if (parts.size() != 3 || parts[0] != "FID" || media.repairs.size() == maxSources)
            continue;
        const auto original = number(parts[1]), repair = number(parts[2]);
        if (original && repair)
            media.repairs.emplace_back(static_cast<std::uint32_t>(*original),
                                       static_cast<std::uint32_t>(*repair));
    }
}

std::string directionOf(const Sdp& sdp, const SdpSection& section) {
    for (const SdpSection* where : {&section, &sdp.session})
        for (const char* direction : {"recvonly", "sendrecv", "sendonly", "inactive"})
            if (where->has(direction))
                return direction;
    return "sendrecv"; // RFC 8866 section 6.7
}

/// A section for data channels as browsers offer it (RFC 8841 section 5); others are refused.
bool isDataChannel(const OfferedMedia& media, const SdpSection& section, bool rejected) {
    const bool known = media.protocol == "UDP/DTLS/SCTP" || media.protocol == "TCP/DTLS/SCTP";
    return media.type == "application" && media.firstFormat == "webrtc-datachannel" && known &&
           !rejected && decimal(section.attribute("sctp-port").value_or(""), 1, 65535);
}

OfferedMedia readMedia(const Sdp& sdp, const SdpSection& section,
                       const std::set<std::string>& bundled, Purpose purpose) {
    const auto parts = words(section.media);
    if (parts.size() < 4 || parts.size() > 132 || !isToken(parts[0], 32) ||
        !decimal(parts[1].substr(0, parts[1].find('/')), 0, 65535))
        refuse("The offer has an m= line that makes no sense.");
    OfferedMedia media;
    media.kind = parts[0] == "video"   ? Kind::Video
                 : parts[0] == "audio" ? Kind::Audio
                                       : Kind::Other;
    media.mid = section.attribute("mid").value_or("");
    if (!isToken(media.mid, 32))
        refuse("Each m= section of the offer needs an a=mid of its own.");
    media.type = parts[0];
    media.protocol = parts[2];
    media.firstFormat = parts[3];
    media.direction = directionOf(sdp, section);
    const bool rejected = parts[1] == "0" && !section.has("bundle-only");
    media.dataChannel = purpose == Purpose::Watch && bundled.count(media.mid) &&
                        isDataChannel(media, section, rejected);
    if (media.protocol != "UDP/TLS/RTP/SAVPF" && media.protocol != "TCP/TLS/RTP/SAVPF" &&
        media.protocol != "RTP/SAVPF")
        return media;
    for (std::size_t i = 3; i < parts.size(); i++)
        if (const auto payload = decimal(parts[i], 0, 127)) {
            media.formats.emplace_back();
            media.formats.back().payload = static_cast<int>(*payload);
        }
    for (const std::string& value : section.attributes("rtpmap"))
        readMap(media, value);
    for (const std::string& value : section.attributes("fmtp"))
        readParameters(media, value);
    for (const std::string& value : section.attributes("rtcp-fb"))
        readFeedback(media, value);
    for (const std::string& value : section.attributes("extmap"))
        readExtension(media, value);
    for (const std::string& value : section.attributes("candidate"))
        if (isUsableCandidate(value) && media.candidates.size() < 32)
            media.candidates.push_back(value);
    const bool wanted = media.direction == "sendrecv" ||
                        media.direction == (purpose == Purpose::Watch ? "recvonly" : "sendonly");
    media.usable = media.kind != Kind::Other && !rejected && bundled.count(media.mid) &&
                   section.has("rtcp-mux") && wanted;
    if (purpose == Purpose::Publish)
        readSources(media, section);
    return media;
}

std::set<std::string> bundleOf(const Sdp& sdp) {
    for (const std::string& group : sdp.session.attributes("group")) {
        const auto parts = words(group);
        if (!parts.empty() && parts[0] == "BUNDLE")
            return {parts.begin() + 1, parts.end()};
    }
    refuse("The offer has no a=group:BUNDLE: make it with bundlePolicy \"max-bundle\".");
}

void readTransport(const Sdp& sdp, const SdpSection& section, Offer& offer) {
    offer.fingerprint = fingerprintOf(sdp, section);
    offer.ufrag = inherited(sdp, section, "ice-ufrag").value_or("");
    offer.password = inherited(sdp, section, "ice-pwd").value_or("");
    if (!isIceText(offer.ufrag, 4, 256) || !isIceText(offer.password, 22, 256))
        refuse("The offer has no valid a=ice-ufrag and a=ice-pwd.");
    offer.setup = inherited(sdp, section, "setup").value_or("");
    if (offer.setup != "actpass" && offer.setup != "active" && offer.setup != "passive")
        refuse("The offer has no a=setup of actpass, active or passive.");
}

} // namespace

std::string Format::parameter(const std::string& name, const std::string& otherwise) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? otherwise : found->second;
}

Offer readOffer(std::string_view text, Purpose purpose) {
    const Sdp sdp = Sdp::parse(text);
    if (sdp.medias.empty())
        refuse("The offer has no m= section: it needs one for video or audio.");
    const auto bundled = bundleOf(sdp);
    Offer offer;
    std::set<std::string> mids;
    const SdpSection* carrier = nullptr; // the section whose transport all of them share
    bool media = false;
    for (const SdpSection& section : sdp.medias) {
        offer.medias.push_back(readMedia(sdp, section, bundled, purpose));
        if (!mids.insert(offer.medias.back().mid).second)
            refuse("Two m= sections of the offer have the same a=mid.");
        media = media || offer.medias.back().usable;
        if (!carrier && bundled.count(offer.medias.back().mid) && !section.has("bundle-only"))
            carrier = &section;
    }
    if (!media || !carrier)
        refuse(std::string("The offer has nothing that could be ") +
               (purpose == Purpose::Watch ? "sent to: it needs a video or audio section that is "
                                            "recvonly"
                                          : "taken: it needs a video or audio section that is "
                                            "sendonly") +
               ", has a=rtcp-mux and is in the BUNDLE group.");
    readTransport(sdp, *carrier, offer);
    return offer;
}

bool isUsableCandidate(std::string_view candidate) {
    if (candidate.size() > 512)
        return false;
    const auto parts = words(candidate);
    if (parts.size() < 8 || parts[6] != "typ" || !isToken(parts[0], 64))
        return false;
    const bool address =
        parts[4].size() <= 45 &&
        parts[4].find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos &&
        parts[4].find_first_of(".:") != std::string::npos;
    const bool known =
        parts[7] == "host" || parts[7] == "srflx" || parts[7] == "prflx" || parts[7] == "relay";
    for (const std::string& part : parts)
        if (part.find('%') != std::string::npos)
            return false;
    return address && known && decimal(parts[1], 1, 256) && decimal(parts[3], 0, 4294967295L) &&
           decimal(parts[5], 0, 65535) &&
           (equalsIgnoringCase(parts[2], "udp") || equalsIgnoringCase(parts[2], "tcp"));
}

Trickle readTrickle(std::string_view text) {
    // A fragment has no v= line; it is read as the description that it is a part of.
    const Sdp sdp = Sdp::parse("v=0\r\n" + std::string(text));
    Trickle trickle;
    const auto read = [&](const SdpSection& section) {
        if (trickle.ufrag.empty())
            trickle.ufrag = section.attribute("ice-ufrag").value_or("");
        if (trickle.password.empty())
            trickle.password = section.attribute("ice-pwd").value_or("");
        const std::string mid = section.attribute("mid").value_or("");
        for (const std::string& value : section.attributes("candidate"))
            if (isUsableCandidate(value) && trickle.candidates.size() < 32)
                trickle.candidates.push_back({mid, "candidate:" + value});
    };
    read(sdp.session);
    for (const SdpSection& section : sdp.medias)
        read(section);
    return trickle;
}

bool isOf(const Trickle& fragment, const Offer& offer) {
    return fragment.ufrag.empty() ||
           (fragment.ufrag == offer.ufrag &&
            (fragment.password.empty() || fragment.password == offer.password));
}

} // namespace web
