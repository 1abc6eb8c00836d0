#include "web/session.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "support/offers.hpp"

#include <set>
#include <vector>

using support::with;
using support::withAll;

static const std::string chromium = support::recordedOffer("chromium");
static const web::Codec vp9{web::Kind::Video, "VP9", 90000, ""};
static const web::Codec vp8{web::Kind::Video, "VP8", 90000, ""};
static const web::Codec opus{web::Kind::Audio, "OPUS", 48000, ""};

static web::Codec h264(const char* profileLevelId) {
    return {web::Kind::Video, "H264", 90000, profileLevelId};
}

static int payloadFor(const web::Codec& codec, const std::string& offer = chromium) {
    const auto served = web::match(web::readOffer(offer), {codec});
    return served.empty() ? -1 : served[0].format.payload;
}

START_TEST(formatsMeet) {
    ck_assert_int_eq(payloadFor(vp8), 96);
    ck_assert_int_eq(payloadFor(vp9), 98); // profile 0, not 100, 35 or 37
    ck_assert_int_eq(payloadFor(opus), 111);
    ck_assert_int_eq(payloadFor({web::Kind::Video, "H265", 90000, ""}), -1);
    ck_assert_int_eq(payloadFor({web::Kind::Video, "VP9", 48000, ""}), -1);
    ck_assert_int_eq(payloadFor({web::Kind::Audio, "VP9", 90000, ""}), -1);
}
END_TEST

START_TEST(profilesOfH264) {
    ck_assert_int_eq(payloadFor(h264("42001f")), 102);
    ck_assert_int_eq(payloadFor(h264("42e015")), 108);
    ck_assert_int_eq(payloadFor(h264("42C028")), 108); // constraint_set1: constrained
    ck_assert_int_eq(payloadFor(h264("4d0028")), 116);
    ck_assert_int_eq(payloadFor(h264("640028")), 116); // High: Main is nearest
    ck_assert_int_eq(payloadFor(h264("")), 116);
    // Without packetization-mode 1 there are no fragments, and pictures do not fit.
    ck_assert_int_eq(payloadFor(h264("42e01f"), withAll(chromium, "packetization-mode=1;", "")),
                     -1);
    const web::Codec level3 = h264("42e01e"), level4 = h264("42e028");
    ck_assert(level3 == level4);
    ck_assert(h264("42e01e") == h264("4d001e")); // who watches goes on watching
}
END_TEST

/// Chromium's offer with other H.264 in it: payload type 50 + i of each.
static std::string offering(const std::vector<const char*>& profiles, const char* mode = "1") {
    std::string text = withAll(chromium, " H264/90000", " X264/90000");
    int payload = 50;
    std::string formats, numbers;
    for (const char* profile : profiles) {
        const std::string number = std::to_string(payload++);
        numbers += " " + number;
        formats += "a=rtpmap:" + number + " H264/90000\r\na=fmtp:" + number +
                   " level-asymmetry-allowed=1;packetization-mode=" + mode +
                   ";profile-level-id=" + profile + "\r\n";
    }
    text = with(text, "UDP/TLS/RTP/SAVPF 96", "UDP/TLS/RTP/SAVPF" + numbers + " 96");
    return with(text, "a=rtpmap:96 ", formats + "a=rtpmap:96 ");
}

/// The profile that a camera is answered with, or "".
static std::string answered(const char* camera, const std::string& offer) {
    const auto served = web::match(web::readOffer(offer), {h264(camera)});
    return served.empty() ? "" : served[0].format.parameter("profile-level-id");
}

START_TEST(profilesOfCamerasAndBrowsers) {
    const char *baseline = "42001e", *constrained = "42e01e", *main = "4d4028", *high = "640029";
    // Firefox: Constrained Baseline alone, with fragments and without.
    const std::string firefox = offering({"42e01f"});
    // Safari: Constrained High, then Constrained Baseline.
    const std::string safari = offering({"640c1f", "42e01f"});
    struct Row {
        const char* camera;
        const char *chromium, *firefox, *safari;
    };
    for (const Row& row :
         {Row{baseline, "42001f", "42e01f", "640c1f"},
          Row{constrained, "42e01f", "42e01f", "42e01f"}, Row{main, "4d001f", "42e01f", "640c1f"},
          Row{high, "4d001f", "42e01f", "640c1f"}}) {
        CHECK_STR(answered(row.camera, chromium), row.chromium);
        CHECK_STR(answered(row.camera, firefox), row.firefox);
        CHECK_STR(answered(row.camera, safari), row.safari);
        // Old browsers offer less than the camera has, and newer ones more.
        CHECK_STR(answered(row.camera, offering({"42001f"})), "42001f");
        CHECK_STR(answered(row.camera, offering({"640032"})), "640032");
        CHECK_STR(answered(row.camera, offering({"f4001f", "7a0029"})), "");
        CHECK_STR(answered(row.camera, offering({"42e01f", "640032"}, "0")), "");
    }
}
END_TEST

START_TEST(h265AndAv1OnlyWhereOffered) {
    const web::Codec h265{web::Kind::Video, "H265", 90000, ""};
    const web::Codec av1{web::Kind::Video, "AV1", 90000, ""};
    ck_assert_int_eq(payloadFor(h265), -1);
    ck_assert_int_eq(payloadFor(av1), 45); // profile 0, not 47
    const std::string chrome136 = with(
        with(chromium, "UDP/TLS/RTP/SAVPF 96", "UDP/TLS/RTP/SAVPF 50 51 96"), "a=rtpmap:96 ",
        "a=rtpmap:50 H265/90000\r\na=fmtp:50 level-id=156;profile-id=2;tier-flag=0;tx-mode=SRST\r\n"
        "a=rtpmap:51 H265/90000\r\na=fmtp:51 level-id=156;profile-id=1;tier-flag=0;tx-mode=SRST\r\n"
        "a=rtpmap:96 ");
    ck_assert_int_eq(payloadFor(h265, chrome136), 51);
    ck_assert_int_eq(payloadFor(h265, withAll(chrome136, "tx-mode=SRST", "tx-mode=MRMT")), -1);
}
END_TEST

START_TEST(telephoneSound) {
    ck_assert_int_eq(payloadFor({web::Kind::Audio, "PCMU", 8000, ""}), 0);
    ck_assert_int_eq(payloadFor({web::Kind::Audio, "PCMA", 8000, ""}), 8);
    ck_assert_int_eq(payloadFor({web::Kind::Audio, "PCMU", 16000, ""}), -1);
}
END_TEST

START_TEST(pictureAndSound) {
    const auto offer = web::readOffer(chromium);
    const auto served = web::match(offer, {opus, vp9});
    ck_assert_uint_eq(served.size(), 2);
    ck_assert_uint_eq(served[0].media, 0);
    ck_assert_uint_eq(served[0].input, 1);
    ck_assert_int_eq(served[0].retransmission, 99);
    ck_assert_int_eq(served[0].playoutDelay, 5);
    ck_assert_uint_eq(served[1].media, 1);
    ck_assert_int_eq(served[1].retransmission, -1);
    // One section takes one input: a second picture has nowhere to go.
    ck_assert_uint_eq(web::match(offer, {vp9, vp8}).size(), 1);
    CHECK_STR(web::describe({vp9, opus}), "VP9 video, OPUS audio");
}
END_TEST

START_TEST(sizesOfOnePicture) {
    web::Codec main = h264("640028"), sub = h264("42e01e"), other = vp8, hevc = vp8;
    hevc.encoding = "H265";
    for (web::Codec* codec : {&main, &sub, &other, &hevc})
        codec->group = 0;
    const std::vector<web::Codec> inputs = {hevc, main, sub, other, vp9};
    // Two sections: the group is one picture, what is not in it another.
    const auto two = web::readOffer(with(
        withAll(chromium, "m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=video 9 UDP/TLS/RTP/SAVPF 111"),
        "a=rtpmap:111 opus/48000/2", "a=rtpmap:111 VP9/90000"));
    const auto served = web::match(two, inputs);
    ck_assert_uint_eq(served.size(), 2);
    ck_assert_uint_eq(served[0].input, 1); // H.265 is not offered
    ck_assert_uint_eq(served[1].input, 4);
    ck_assert(web::alternatives(inputs, 1) == (std::vector<std::size_t>{1, 2}));
    ck_assert(web::alternatives(inputs, 3) == (std::vector<std::size_t>{3}));
    ck_assert(web::alternatives(inputs, 4) == (std::vector<std::size_t>{4}));
}
END_TEST

START_TEST(whatWebrtcbinSees) {
    const auto offer = web::readOffer(
        with(chromium, "a=rtcp-mux\r\n",
             "a=rtcp-mux\r\na=candidate:7 1 udp 5 192.0.2.9 4444 typ host\r\na=x-evil:%s%n\r\n"));
    const std::string text = web::offerToAnswer(offer, web::match(offer, {vp9}));
    const web::Sdp sdp = web::Sdp::parse(text);
    ck_assert_uint_eq(sdp.medias.size(), 2);
    CHECK_STR(sdp.medias[0].media, "video 9 UDP/TLS/RTP/SAVPF 98 99");
    CHECK_STR(*sdp.session.attribute("group"), "BUNDLE 0 2");
    CHECK_STR(*sdp.medias[0].attribute("fingerprint"), "sha-256 " + offer.fingerprint.digest);
    ck_assert_uint_eq(sdp.medias[0].attributes("candidate").size(), 1);
    ck_assert_uint_eq(sdp.medias[0].attributes("rtcp-fb").size(), 3); // nack, nack pli, ccm fir
    ck_assert(text.find("evil") == std::string::npos);
    ck_assert(text.find(".local") == std::string::npos);
    CHECK_STR(sdp.medias[1].media, "application 9 UDP/DTLS/SCTP webrtc-datachannel");
    CHECK_STR(*sdp.medias[1].attribute("mid"), "2");
    CHECK_STR(*sdp.medias[1].attribute("sctp-port"), "5000");
}
END_TEST

static const std::string dataLine = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel";

START_TEST(dataChannelsAsBrowsersHaveThem) {
    ck_assert(web::dataSection(web::readOffer(chromium)) == std::size_t(2));
    for (const char* other :
         {"m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 DTLS/SCTP 5000",
          "m=application 9 UDP/DTLS/SCTP something"}) {
        const auto offer = web::readOffer(with(chromium, dataLine, other));
        ck_assert_msg(!web::dataSection(offer), "%s was taken", other);
        const std::string text = web::offerToAnswer(offer, web::match(offer, {vp9}));
        ck_assert(text.find("sctp") == std::string::npos);
    }
    for (const char* port : {"a=sctp-port:0", "a=sctp-port:x", "a=x"})
        ck_assert(!web::dataSection(web::readOffer(with(chromium, "a=sctp-port:5000", port))));
    const auto apart = with(chromium, "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1");
    ck_assert(!web::dataSection(web::readOffer(apart)));
}
END_TEST

START_TEST(noPlainNackWithoutRetransmission) {
    const auto offer = web::readOffer(with(chromium, "a=fmtp:99 apt=98\r\n", ""));
    const auto served = web::match(offer, {vp9});
    ck_assert_int_eq(served[0].retransmission, -1);
    const std::string text = web::offerToAnswer(offer, served);
    ck_assert(text.find("a=rtcp-fb:98 nack pli\r\n") != std::string::npos);
    ck_assert(text.find("a=rtcp-fb:98 nack\r\n") == std::string::npos);
}
END_TEST

/// As webrtcbin 1.22 writes it.
static const char* const made =
    "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\na=group:BUNDLE 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:aaaa\r\n"
    "a=ice-pwd:bbbbbbbbbbbbbbbbbbbbbb\r\na=mid:1\r\na=rtcp-mux\r\na=setup:active\r\n"
    "a=rtpmap:111 OPUS/48000/2\r\na=sendonly\r\na=fingerprint:sha-256 AA\r\n"
    "a=candidate:1 1 UDP 2015363327 192.0.2.2 33333 typ host\r\n"
    "a=candidate:2 1 UDP 2015363327 fe80::1 33334 typ host\r\n"
    "a=candidate:3 1 TCP 1015021823 192.0.2.2 9 typ host tcptype active\r\n"
    "a=candidate:4 1 TCP 1010827775 192.0.2.2 33335 typ host tcptype passive\r\n";

/// Its section for data channels.
static const std::string madeData =
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:aaaa\r\n"
    "a=ice-pwd:bbbbbbbbbbbbbbbbbbbbbb\r\na=mid:2\r\na=setup:active\r\na=sctp-port:5000\r\n"
    "a=max-message-size:262144\r\na=fingerprint:sha-256 AA\r\n"
    "a=candidate:1 1 UDP 2015363327 192.0.2.2 33333 typ host\r\n";

START_TEST(aDataChannelIsAnswered) {
    const auto offer = web::readOffer(chromium);
    const std::string text = web::finishAnswer(offer, web::match(offer, {opus}), made + madeData);
    const web::Sdp sdp = web::Sdp::parse(text);
    CHECK_STR(*sdp.session.attribute("group"), "BUNDLE 1 2");
    CHECK_STR(sdp.medias[2].media, dataLine.substr(2));
    CHECK_STR(*sdp.medias[2].attribute("sctp-port"), "5000");
    ck_assert_uint_eq(sdp.medias[2].attributes("candidate").size(),
                      0); // the transport's, said once
    ck_assert(web::sendsEverything(made + madeData, 1));
}
END_TEST

START_TEST(theAnswerFitsTheOffer) {
    const auto offer = web::readOffer(
        with(chromium, dataLine, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"));
    const auto served = web::match(offer, {opus});
    ck_assert(web::sendsEverything(made, 1));
    const std::string text = web::finishAnswer(offer, served, made);
    const web::Sdp sdp = web::Sdp::parse(text);
    ck_assert_uint_eq(sdp.medias.size(), 3);
    CHECK_STR(*sdp.session.attribute("group"), "BUNDLE 1");
    ck_assert_uint_eq(sdp.session.attributes("group").size(), 1);
    // Refused sections keep their places: RFC 8829 section 5.3.1.
    CHECK_STR(sdp.medias[0].media, "video 0 UDP/TLS/RTP/SAVPF 96");
    CHECK_STR(*sdp.medias[0].attribute("mid"), "0");
    CHECK_STR(sdp.medias[2].media, "application 0 UDP/DTLS/SCTP webrtc-datachannel");
    const web::SdpSection& audio = sdp.medias[1];
    ck_assert(audio.has("sendonly") && audio.has("rtcp-mux-only") && audio.has("rtcp-rsize"));
    ck_assert(audio.has("end-of-candidates") && audio.has("msid"));
    const auto candidates = audio.attributes("candidate");
    ck_assert_uint_eq(candidates.size(), 2);
    ck_assert(candidates[0].find("192.0.2.2 33333") != std::string::npos);
    ck_assert(candidates[1].find("passive") != std::string::npos);
}
END_TEST

START_TEST(aBlackPictureIsNoAnswer) {
    ck_assert(!web::sendsEverything(with(made, "a=sendonly", "a=inactive"), 1));
    ck_assert(!web::sendsEverything(made, 2));
    const auto offer = web::readOffer(chromium);
    bool refused = false;
    try {
        web::finishAnswer(offer, web::match(offer, {vp9, opus}), made);
    } catch (const base::Error&) {
        refused = true;
    }
    ck_assert(refused);
}
END_TEST

START_TEST(whereRepairsGo) {
    const std::string answer = std::string(made) + "a=ssrc-group:FID 12 4294967295\r\n"
                                                   "a=ssrc-group:FEC-FR 1 3\r\n"
                                                   "a=ssrc-group:FID 1 22\r\n"
                                                   "a=ssrc-group:FID 5 x\r\n";
    ck_assert_uint_eq(web::repairOf(answer, 1), 22);
    ck_assert_uint_eq(web::repairOf(answer, 12), 4294967295u);
    ck_assert_uint_eq(web::repairOf(answer, 2), 0);
    ck_assert_uint_eq(web::repairOf(answer, 5), 0);
}
END_TEST

START_TEST(sessionsCannotBeGuessed) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; i++) {
        const std::string id = web::newSessionId();
        ck_assert_uint_eq(id.size(), 32); // 128 bits
        ck_assert_uint_eq(id.find_first_not_of("0123456789abcdef"), std::string::npos);
        ids.insert(id);
    }
    ck_assert_uint_eq(ids.size(), 1000);
}
END_TEST

START_TEST(certificates) {
    // The body is "hello" in base64: sha256sum of it is well known.
    const std::string pem = "-----BEGIN CERTIFICATE-----\naGVs\nbG8=\n-----END CERTIFICATE-----\n";
    const web::Fingerprint good{
        "sha-256",
        "2C:F2:4D:BA:5F:B0:A3:0E:26:E8:3B:2A:C5:B9:E2:9E:1B:16:1E:5C:1F:A7:42:5E:73:04:33:"
        "62:93:8B:98:24"};
    ck_assert(web::isCertificateOf(pem, good));
    web::Fingerprint bad = good;
    bad.digest[94] = '5';
    ck_assert(!web::isCertificateOf(pem, bad));
    ck_assert(!web::isCertificateOf("", good));
    ck_assert(!web::isCertificateOf("-----BEGIN CERTIFICATE-----", good));
    ck_assert(!web::isCertificateOf("-----BEGIN CERTIFICATE----------END CERTIFICATE-----", good));
    ck_assert(
        !web::isCertificateOf("-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----", good));
    ck_assert(!web::isCertificateOf(pem, {"sha-384", good.digest}));
}
END_TEST

CHECK_MAIN("session", formatsMeet, profilesOfH264, profilesOfCamerasAndBrowsers,
           h265AndAv1OnlyWhereOffered, telephoneSound, sizesOfOnePicture, pictureAndSound,
           whatWebrtcbinSees, dataChannelsAsBrowsersHaveThem, noPlainNackWithoutRetransmission,
           aDataChannelIsAnswered, theAnswerFitsTheOffer, aBlackPictureIsNoAnswer, whereRepairsGo,
           sessionsCannotBeGuessed, certificates)
