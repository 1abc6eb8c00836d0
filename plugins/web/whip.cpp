#include "web/whip.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace web {
namespace {

/// The id of that extension where feedback on it is offered too, or 0.
int transportWideOf(const OfferedMedia& media, const Format& format) {
    const auto extension = media.extensions.find(transportWideUri);
    const auto& feedback = format.feedback;
    return extension != media.extensions.end() &&
                   std::find(feedback.begin(), feedback.end(), "transport-cc") != feedback.end()
               ? extension->second
               : 0;
}

std::string transportWideLine(const Served& taken) {
    return "a=extmap:" + std::to_string(taken.transportWide) + " " + transportWideUri;
}

} // namespace

std::vector<Codec> receivable(const std::string& list) {
    std::vector<Codec> codecs;
    for (std::string name : words(list, ',')) {
        name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
        const auto is = [&](const char* known) { return equalsIgnoringCase(name, known); };
        if (is("H264")) // what every encoder can; the level does not matter
            codecs.push_back({Kind::Video, "H264", 90000, "42e01f"});
        else if (is("VP8") || is("VP9"))
            codecs.push_back({Kind::Video, is("VP8") ? "VP8" : "VP9", 90000, ""});
        else
            throw base::Error(base::ErrorKind::Settings,
                              "codecs has \"" + name +
                                  "\": give a list of VP8, VP9 and H264, the best first.");
    }
    codecs.push_back({Kind::Audio, "OPUS", 48000, ""});
    return codecs;
}

std::vector<Served> choose(const Offer& offer, const std::vector<Codec>& codecs) {
    std::vector<Served> taken;
    const auto has = [&](Kind kind) {
        return std::any_of(taken.begin(), taken.end(),
                           [&](const Served& t) { return codecs[t.input].kind == kind; });
    };
    for (std::size_t i = 0; i < codecs.size(); i++) {
        if (has(codecs[i].kind))
            continue;
        auto found = match(offer, {codecs[i]});
        if (found.empty())
            continue;
        found[0].input = i;
        found[0].playoutDelay = 0;
        found[0].transportWide = transportWideOf(offer.medias[found[0].media], found[0].format);
        taken.push_back(found[0]);
    }
    std::sort(taken.begin(), taken.end(),
              [](const Served& a, const Served& b) { return a.media < b.media; });
    return taken;
}

std::string offerToReceive(const Offer& offer, const std::vector<Served>& taken) {
    Sdp sdp = Sdp::parse(offerToAnswer(offer, taken));
    for (std::size_t i = 0; i < taken.size(); i++) {
        SdpSection& section = sdp.medias[i];
        const OfferedMedia& media = offer.medias[taken[i].media];
        section.remove("recvonly");
        section.add("a=sendonly");
        if (taken[i].transportWide) {
            section.add(transportWideLine(taken[i]));
            section.add("a=rtcp-fb:" + std::to_string(taken[i].format.payload) + " transport-cc");
        }
        for (const auto& [original, repair] : media.repairs)
            section.add("a=ssrc-group:FID " + std::to_string(original) + " " +
                        std::to_string(repair));
        for (const std::uint32_t source : media.sources)
            section.add("a=ssrc:" + std::to_string(source) + " cname:publisher");
    }
    return sdp.text();
}

std::string finishReceiving(const Offer& offer, const std::vector<Served>& taken,
                            const std::string& answer, const std::vector<std::string>& addresses) {
    Sdp sdp = Sdp::parse(finishAnswer(offer, taken, answer, addresses));
    sdp.session.remove("msid-semantic"); // there is no stream of ours
    for (SdpSection& section : sdp.medias)
        for (const char* name : {"msid", "ssrc", "ssrc-group"})
            section.remove(name);
    for (const Served& one : taken)
        if (one.transportWide)
            sdp.medias[one.media].add(transportWideLine(one));
    return sdp.text();
}

bool receivesEverything(const std::string& answer, std::size_t sections) {
    const Sdp sdp = Sdp::parse(answer);
    return sdp.medias.size() == sections &&
           std::all_of(sdp.medias.begin(), sdp.medias.end(),
                       [](const SdpSection& s) { return s.has("recvonly"); });
}

} // namespace web
