// What viewers write: offers, candidates and logins; and what muxers write of a camera's pictures.
#include "targets.hpp"

#include "base/error.hpp"
#include "web/authorization.hpp"
#include "web/cmaf.hpp"
#include "web/flvwindow.hpp"
#include "web/isobox.hpp"
#include "web/offer.hpp"
#include "web/session.hpp"
#include "web/transport.hpp"
#include "web/whip.hpp"

#include <algorithm>
#include <stdexcept>

namespace fuzz {

namespace {

using namespace web;

/// Text that goes on to webrtcbin has our lines in it and no others.
void expectLines(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        if (end == text.npos || end < at + 2 || text[at + 1] != '=')
            throw std::logic_error("a line that is none in what was written");
        if (text.substr(at, end - at).find_first_of(std::string("\r\n\0", 3)) != text.npos)
            throw std::logic_error("a stranger's line end got through");
        at = end + 2;
    }
}

Codec codec(Kind kind, const char* encoding, int clockRate, const char* profile = "") {
    Codec made;
    made.kind = kind;
    made.encoding = encoding;
    made.clockRate = clockRate;
    made.profileLevelId = profile;
    return made;
}

/// What comes before the next `end`, taken off `rest`.
std::string_view part(std::string_view& rest, char end = '\0') {
    const auto size = std::min(rest.find(end), rest.size());
    const std::string_view one = rest.substr(0, size);
    rest.remove_prefix(std::min(size + 1, rest.size()));
    return one;
}

std::string_view line(std::string_view& rest) { return part(rest, '\n'); }

/// In pieces that the bytes themselves choose.
template <class Take>
void inPieces(std::string_view bytes, Take&& take) {
    while (!bytes.empty()) {
        const std::size_t size =
            std::min<std::size_t>(bytes.size(), 1 + static_cast<unsigned char>(bytes.back()));
        take(reinterpret_cast<const unsigned char*>(bytes.data()), size);
        bytes.remove_prefix(size);
    }
}

} // namespace

/// From a stranger's text to the one that webrtcbin gets, and from its answer to ours.
void readOffer(std::string_view bytes) {
    const Offer offer = web::readOffer(bytes);
    const std::vector<std::vector<Codec>> inputs = {
        {codec(Kind::Video, "VP9", 90000), codec(Kind::Audio, "OPUS", 48000)},
        {codec(Kind::Video, "H264", 90000, "640028")},
        {codec(Kind::Video, "VP8", 90000)},
        {codec(Kind::Audio, "OPUS", 48000)}};
    for (const auto& input : inputs) {
        const auto served = match(offer, input);
        for (const Served& one : served)
            if (one.media >= offer.medias.size() || one.input >= input.size())
                throw std::logic_error("something is served that is not there");
        if (served.empty())
            continue;
        const std::string asked = offerToAnswer(offer, served);
        expectLines(asked);
        try {
            expectLines(finishAnswer(offer, served, asked));
        } catch (const base::Error&) {
            // It is not really an answer.
        }
    }
}

/// The same for one who publishes, and the fragments that follow: separated by zero bytes.
void readPublication(std::string_view bytes) {
    static const std::vector<std::vector<Codec>> wishes = {
        receivable("VP8,H264,VP9"), receivable("H264"), receivable("VP9,VP8")};
    const Offer offer = web::readOffer(part(bytes), Purpose::Publish);
    for (const auto& codecs : wishes) {
        const auto taken = choose(offer, codecs);
        for (const Served& one : taken)
            if (one.media >= offer.medias.size() || one.input >= codecs.size())
                throw std::logic_error("something is taken that is not there");
        if (taken.empty())
            continue;
        const std::string asked = offerToReceive(offer, taken);
        expectLines(asked);
        if (receivesEverything(asked, taken.size()))
            throw std::logic_error("we would send");
        expectLines(finishReceiving(offer, taken, asked));
    }
    while (!bytes.empty())
        isOf(readTrickle(part(bytes)), offer);
}

void readFragment(std::string_view bytes) {
    const Trickle trickle = readTrickle(bytes);
    if (trickle.candidates.size() > 32)
        throw std::logic_error("too many candidates");
    for (const Trickle::Candidate& one : trickle.candidates) {
        if (one.candidate.rfind("candidate:", 0) != 0 ||
            !isUsableCandidate(std::string_view(one.candidate).substr(10)))
            throw std::logic_error("a candidate that cannot be used");
        if (one.candidate.find_first_of(std::string("\r\n\0", 3)) != std::string::npos)
            throw std::logic_error("a stranger's line end got through");
    }
}

void readLogin(std::string_view bytes) {
    const auto claim = readAuthorization(line(bytes));
    if (claim)
        for (const std::string& text : {claim->name, claim->secret})
            if (std::any_of(text.begin(), text.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
                throw std::logic_error("a control character in a login");
    const std::string cookie = cookieIn(line(bytes), "video-stream-8080");
    if (cookie.find(';') != cookie.npos)
        throw std::logic_error("two cookies in one");
    const TokenQuery query = readTokenQuery(bytes);
    if (readTokenQuery(query.rest).token)
        throw std::logic_error("a token stays in the address");
}

/// Into the window, and out of it to one who reads it all and one who reads too little.
void readFlv(std::string_view bytes) {
    web::FlvWindow window({std::chrono::milliseconds(500), 2000});
    web::FlvWindow::Reader quick, slow;
    FlvReader again;
    inPieces(bytes, [&](const unsigned char* data, std::size_t size) {
        window.take(data, size);
        if (window.bytes() > 2000)
            throw std::logic_error("more is held than allowed");
        window.read(slow, 1);
        const std::string out = window.read(quick, 1 << 20);
        again.take(reinterpret_cast<const unsigned char*>(out.data()), out.size());
    });
}

void readBoxes(std::string_view bytes) {
    IsoStream stream(1 << 16);
    std::string header, moof;
    inPieces(bytes, [&](const unsigned char* data, std::size_t size) {
        for (const std::string& box : stream.take(data, size)) {
            const std::string_view type = std::string_view(box).substr(4, 4);
            if (type == "ftyp")
                header = box;
            else if (type == "moov" && web::readHeader(repairedHeader(header + box)).timescale == 0)
                throw std::logic_error("a track without time");
            else if (type == "moof")
                moof = box;
            else if (type == "mdat" && !moof.empty())
                web::readFragment(moof, box, 1, 1);
        }
    });
}

void readTransport(std::string_view bytes) {
    for (const bool video : {true, false}) {
        TransportReader reader(video, 90000, 900000);
        const std::size_t whole = bytes.size() - bytes.size() % 188;
        std::size_t made = 0;
        for (const Fragment& one :
             reader.take(reinterpret_cast<const unsigned char*>(bytes.data()), whole))
            made += one.bytes.size();
        if (const auto rest = reader.finish())
            made += rest->bytes.size();
        if (made + reader.tables().size() > whole)
            throw std::logic_error("more comes out than went in");
    }
}

} // namespace fuzz
