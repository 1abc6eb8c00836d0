#include "web/offer.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "support/offers.hpp"

#include <random>

using support::with;
using support::withAll;

static const std::string chromium = support::recordedOffer("chromium");

/// What the client is told, or "" when the offer is accepted.
static std::string refusal(const std::string& text) {
    try {
        web::readOffer(text);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::BadData);
        return error.what();
    }
    return "";
}

static void assertRefused(const std::string& text, const std::string& about) {
    const std::string said = refusal(text);
    ck_assert_msg(said.find(about) != std::string::npos, "said \"%s\", not a word of \"%s\"",
                  said.c_str(), about.c_str());
}

START_TEST(aBrowserIsUnderstood) {
    const web::Offer offer = web::readOffer(chromium);
    ck_assert_uint_eq(offer.medias.size(), 3);
    const web::OfferedMedia& video = offer.medias[0];
    ck_assert(video.kind == web::Kind::Video && video.usable);
    CHECK_STR(video.mid, "0");
    CHECK_STR(video.direction, "recvonly");
    ck_assert_int_eq(
        video.extensions.at("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"), 5);
    ck_assert_uint_eq(video.candidates.size(), 0); // .local names only
    const auto& vp9 = video.formats[2];
    ck_assert_int_eq(vp9.payload, 98);
    CHECK_STR(vp9.encoding, "VP9");
    ck_assert_int_eq(vp9.clockRate, 90000);
    CHECK_STR(vp9.parameter("profile-id"), "0");
    ck_assert_uint_eq(vp9.feedback.size(), 5);
    ck_assert(offer.medias[1].kind == web::Kind::Audio && offer.medias[1].usable);
    ck_assert_int_eq(offer.medias[1].formats[0].channels, 2);
    ck_assert(offer.medias[2].kind == web::Kind::Other && !offer.medias[2].usable);
    CHECK_STR(offer.ufrag, "Rxtz");
    CHECK_STR(offer.setup, "actpass");
    CHECK_STR(offer.fingerprint.algorithm, "sha-256");
    ck_assert_uint_eq(offer.fingerprint.digest.size(), 95);
}
END_TEST

START_TEST(sessionLevelTransportCounts) {
    std::string text = chromium;
    for (const char* line : {"a=setup:actpass\r\n", "a=ice-options:trickle\r\n"})
        text = withAll(text, line, "");
    text = with(text, "a=msid-semantic: WMS\r\n", "a=msid-semantic: WMS\r\na=setup:active\r\n");
    CHECK_STR(web::readOffer(text).setup, "active");
}
END_TEST

START_TEST(whatIsMissingIsNamed) {
    const auto fingerprint = chromium.find("a=fingerprint");
    const std::string line =
        chromium.substr(fingerprint, chromium.find("\r\n", fingerprint) + 2 - fingerprint);
    assertRefused("", "empty");
    assertRefused("hello", "x=");
    assertRefused("<html>", "x=");
    assertRefused("s=-\r\n", "v=0");
    assertRefused("v=0\r\ns=-\r\na=group:BUNDLE 0\r\n", "m= section");
    assertRefused(withAll(chromium, line, ""), "a=fingerprint");
    assertRefused(withAll(chromium, "sha-256", "sha-1"), "sha-256");
    assertRefused(withAll(chromium, "9A:9B", "9A:9G"), "fingerprint");
    assertRefused(withAll(chromium, "9A:9B:", ""), "fingerprint");
    assertRefused(withAll(chromium, "a=mid:0\r\n", ""), "a=mid");
    assertRefused(withAll(chromium, "a=mid:1\r\n", "a=mid:0\r\n"), "same a=mid");
    assertRefused(withAll(chromium, "a=mid:0\r\n", "a=mid:" + std::string(40, 'x') + "\r\n"),
                  "a=mid");
    assertRefused(withAll(chromium, "a=setup:actpass\r\n", ""), "a=setup");
    assertRefused(withAll(chromium, "a=setup:actpass", "a=setup:holdconn"), "a=setup");
    assertRefused(withAll(chromium, "a=ice-ufrag:Rxtz\r\n", ""), "a=ice-ufrag");
    assertRefused(withAll(chromium, "a=ice-ufrag:Rxtz", "a=ice-ufrag:R tz"), "a=ice-ufrag");
    assertRefused(withAll(chromium, "a=ice-pwd:TtrdnHk7u9abxrBqVOacILxv", "a=ice-pwd:short"),
                  "ice-pwd");
    assertRefused(with(chromium, "a=group:BUNDLE 0 1 2\r\n", ""), "BUNDLE");
    assertRefused(with(chromium, "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 7"), "nothing that could");
    assertRefused(withAll(chromium, "a=rtcp-mux\r\n", ""), "rtcp-mux");
    assertRefused(withAll(chromium, "a=recvonly", "a=sendonly"), "recvonly");
    assertRefused(withAll(chromium, "a=recvonly", "a=inactive"), "recvonly");
    assertRefused(with(chromium, "m=video 9 ", "m=video x "), "m= line");
    assertRefused(with(chromium, "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio"),
                  "m= line");
}
END_TEST

START_TEST(sizesAreBounded) {
    assertRefused("v=0\r\n" + std::string(web::Sdp::maxBytes, 'a'), "too large");
    assertRefused("v=0\r\na=" + std::string(web::Sdp::maxLine, 'a') + "\r\n", "too long");
    std::string lines = "v=0\r\n", sections = "v=0\r\n";
    for (std::size_t i = 0; i <= web::Sdp::maxLines; i++)
        lines += "a=b\r\n";
    for (std::size_t i = 0; i <= web::Sdp::maxSections; i++)
        sections += "m=video 9 RTP/SAVPF 96\r\n";
    assertRefused(lines, "too many lines");
    assertRefused(sections, "too many media");
    assertRefused(with(chromium, "s=-", std::string("s=\0-", 4)), "control characters");
    assertRefused(with(chromium, "s=-", "s=\x1b[2J"), "control characters");
    // "*" is for every format: a small text must not become a large list.
    std::string feedback = "a=rtcp-mux";
    for (int i = 0; i < 500; i++)
        feedback += "\r\na=rtcp-fb:* x" + std::to_string(i);
    for (const auto& media : web::readOffer(withAll(chromium, "a=rtcp-mux", feedback)).medias)
        for (const auto& format : media.formats)
            ck_assert_uint_le(format.feedback.size(), 16);
}
END_TEST

START_TEST(candidates) {
    const auto usable = [](const char* text) { return web::isUsableCandidate(text); };
    ck_assert(usable("1 1 udp 2113937151 192.168.1.5 54885 typ host generation 0"));
    ck_assert(usable("1 1 UDP 1 2001:db8::1 9 typ srflx raddr 0.0.0.0 rport 0"));
    ck_assert(usable("1 1 tcp 1 10.0.0.1 9 typ host tcptype active"));
    ck_assert(!usable("1 1 udp 1 ce6f35fe-2745-43f6-a2e4-ac2d4e03dc92.local 5 typ host"));
    ck_assert(!usable("1 1 udp 1 example.org 5 typ host"));
    ck_assert(!usable("1 1 udp 1 10.0.0.1 99999 typ host"));
    ck_assert(!usable("1 1 udp 99999999999 10.0.0.1 5 typ host"));
    ck_assert(!usable("1 1 sctp 1 10.0.0.1 5 typ host"));
    ck_assert(!usable("1 1 udp 1 10.0.0.1 5 typ evil"));
    ck_assert(!usable("1 1 udp 1 10.0.0.1 5 typ host %s%n"));
    ck_assert(!usable("1 1 udp 1 10.0.0.1"));
    ck_assert(!usable(""));
}
END_TEST

START_TEST(trickleFragments) {
    const auto trickle =
        web::readTrickle("a=ice-ufrag:Rxtz\r\na=ice-pwd:pp\r\nm=video 9 RTP/AVP 0\r\n"
                         "a=mid:0\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n"
                         "a=candidate:2 1 udp 1 x.local 5 typ host\r\n"
                         "a=end-of-candidates\r\n");
    CHECK_STR(trickle.ufrag, "Rxtz");
    ck_assert_uint_eq(trickle.candidates.size(), 1);
    CHECK_STR(trickle.candidates[0].mid, "0");
    CHECK_STR(trickle.candidates[0].candidate, "candidate:1 1 udp 1 10.0.0.1 5 typ host");
    ck_assert_uint_eq(web::readTrickle("").candidates.size(), 0);
    std::string many;
    for (int i = 0; i < 500; i++)
        many += "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n";
    ck_assert_uint_eq(web::readTrickle(many).candidates.size(), 32);
    ck_assert_msg(
        [] {
            try {
                web::readTrickle("rubbish");
            } catch (const base::Error&) {
                return true;
            }
            return false;
        }(),
        "rubbish was read as a fragment");
}
END_TEST

START_TEST(generations) {
    const auto offer = web::readOffer(chromium);
    web::Trickle fragment;
    ck_assert(web::isOf(fragment, offer)); // it does not say
    fragment.ufrag = offer.ufrag;
    ck_assert(web::isOf(fragment, offer));
    fragment.password = offer.password;
    ck_assert(web::isOf(fragment, offer));
    fragment.password += "x";
    ck_assert(!web::isOf(fragment, offer));
    fragment.password.clear();
    fragment.ufrag = "other";
    ck_assert(!web::isOf(fragment, offer));
}
END_TEST

/// Broken in every way that a random byte can break it: read or refused, never anything else.
START_TEST(damagedOffers) {
    std::mt19937 random(7);
    const auto below = [&](std::size_t n) { return random() % n; };
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
        std::string text = chromium;
        for (std::size_t i = below(8) + 1; i > 0; i--) {
            const std::size_t at = below(text.size());
            if (below(3) == 0)
                text.erase(at, below(200));
            else if (below(2) == 0)
                text.insert(at, chromium.substr(below(chromium.size()), below(300)));
            else
                text[at] = static_cast<char>(random());
            if (text.empty())
                text = "v";
        }
        refused += !refusal(text).empty();
    }
    ck_assert_int_gt(refused, 100);
    ck_assert_int_lt(refused, 3000);
}
END_TEST

CHECK_MAIN("offer", aBrowserIsUnderstood, sessionLevelTransportCounts, whatIsMissingIsNamed,
           sizesAreBounded, candidates, trickleFragments, generations, damagedOffers)
