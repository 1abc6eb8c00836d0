#pragma once

#include "web/offer.hpp"
#include "web/session.hpp"

#include <string>
#include <vector>

namespace web {

/// "VP8,H264": the video codecs of such a list, and Opus. Throws base::Error (Settings) naming the
/// first that is not one of VP8, VP9 and H264.
std::vector<Codec> receivable(const std::string& list);

/// The header extension that numbers packets for congestion control
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01), as browsers write it.
inline constexpr const char* transportWideUri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// What of an offer to publish is taken (RFC 9725): at most one video section, in the first of
/// `codecs` that it offers, and one of sound. Empty when nothing meets.
std::vector<Served> choose(const Offer& offer, const std::vector<Codec>& codecs);

/// The offer in our own words, as offerToAnswer makes it for a viewer: all that webrtcbin gets to
/// see. It has the SSRCs, by which webrtcbin knows what comes in which section.
std::string offerToReceive(const Offer& offer, const std::vector<Served>& taken);

/// The answer for the publisher out of webrtcbin's; every candidate is in it.
std::string finishReceiving(const Offer& offer, const std::vector<Served>& taken,
                            const std::string& answer,
                            const std::vector<std::string>& addresses = {});

/// True when the answer takes all its sections: a guard against an "inactive" answer.
bool receivesEverything(const std::string& answer, std::size_t sections);

} // namespace web
