// What of an offer to publish is taken, and in which words webrtcbin hears of it.
#include "web/whip.hpp"

#include "base/error.hpp"
#include "web/standstill.hpp"

#include "check.hpp"
#include "support/offers.hpp"

using web::Purpose;

namespace {

/// The recorded offer as one who publishes would make it.
std::string publishing() {
    return support::withAll(support::recordedOffer("chromium"), "a=recvonly", "a=sendonly");
}

std::string withSources(const std::string& lines) {
    return support::with(publishing(), "a=mid:0\r\n", "a=mid:0\r\n" + lines);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

START_TEST(codecsAreNamed) {
    const auto codecs = web::receivable("h264, VP8");
    ck_assert_uint_eq(codecs.size(), 3);
    CHECK_STR(codecs[0].encoding, "H264");
    CHECK_STR(codecs[1].encoding, "VP8");
    CHECK_STR(codecs[2].encoding, "OPUS");
    bool refused = false;
    try {
        web::receivable("VP8,MJPEG");
    } catch (const base::Error& error) {
        refused = has(error.what(), "MJPEG");
    }
    ck_assert(refused);
}
END_TEST

START_TEST(directionIsTheOtherOne) {
    ck_assert(!web::readOffer(publishing(), Purpose::Publish).medias.empty());
    for (const auto& [text, purpose] :
         {std::pair{publishing(), Purpose::Watch},
          std::pair{support::recordedOffer("chromium"), Purpose::Publish}}) {
        bool refused = false;
        try {
            web::readOffer(text, purpose);
        } catch (const base::Error&) {
            refused = true;
        }
        ck_assert(refused);
    }
}
END_TEST

START_TEST(theFirstWantedCodecIsTaken) {
    const auto offer = web::readOffer(publishing(), Purpose::Publish);
    for (const char* wanted : {"VP9", "VP8", "H264"}) {
        const auto codecs = web::receivable(std::string(wanted) + ",VP8,VP9,H264");
        const auto taken = web::choose(offer, codecs);
        ck_assert_uint_eq(taken.size(), 2); // one picture, one sound
        ck_assert_uint_lt(taken[0].media, taken[1].media);
        CHECK_STR(codecs[taken[0].input].encoding, wanted);
        CHECK_STR(codecs[taken[1].input].encoding, "OPUS");
        if (codecs[taken[0].input].encoding == "H264")
            CHECK_STR(taken[0].format.parameter("profile-level-id").substr(0, 4), "42e0");
    }
}
END_TEST

START_TEST(browsersAreTaken) {
    for (const char* browser : {"chromium-publish", "firefox-publish"}) {
        const auto offer = web::readOffer(support::recordedOffer(browser), Purpose::Publish);
        const auto taken = web::choose(offer, web::receivable("VP8,H264,VP9"));
        ck_assert_uint_eq(taken.size(), 2);
        for (const web::Served& one : taken)
            ck_assert(!offer.medias[one.media].sources.empty());
        const std::string told = web::offerToReceive(offer, taken);
        ck_assert(has(told, "m=video ") && has(told, "m=audio ") && has(told, "a=ssrc-group:FID "));
        // Without feedback on the packets that came, a browser hardly dares to send more.
        for (const web::Served& one : taken) {
            const std::string extension = "a=extmap:" + std::to_string(one.transportWide) + " " +
                                          web::transportWideUri + "\r\n";
            ck_assert_int_gt(one.transportWide, 0);
            ck_assert(has(told, extension));
            ck_assert(
                has(told, "a=rtcp-fb:" + std::to_string(one.format.payload) + " transport-cc\r\n"));
            ck_assert(has(web::finishReceiving(offer, taken, told), extension));
        }
    }
}
END_TEST

START_TEST(sourcesAreNumbersAndFew) {
    std::string lines = "a=ssrc:0 cname:x\r\na=ssrc:4294967296 cname:x\r\na=ssrc:x\r\n"
                        "a=ssrc-group:FID 1\r\na=ssrc-group:FID 1 y\r\na=ssrc-group:SIM 1 2\r\n"
                        "a=ssrc-group:FID 7 9\r\na=ssrc:7 cname:a\r\na=ssrc:7 msid:b c\r\n"
                        "a=ssrc:9 cname:a\r\n";
    const auto offer = web::readOffer(withSources(lines), Purpose::Publish);
    const web::OfferedMedia& video = offer.medias[0];
    ck_assert(video.sources == (std::vector<std::uint32_t>{7, 9}));
    ck_assert_uint_eq(video.repairs.size(), 1);
    const auto taken = web::choose(offer, web::receivable("VP8"));
    const std::string told = web::offerToReceive(offer, taken);
    ck_assert(has(told, "a=ssrc:7 cname:publisher\r\n"));
    ck_assert(has(told, "a=ssrc-group:FID 7 9\r\n"));
    ck_assert(has(told, "a=sendonly\r\n"));
    ck_assert(!has(told, "a=recvonly"));
    ck_assert(!has(told, "msid"));
    for (int i = 0; i < 100; i++)
        lines += "a=ssrc:" + std::to_string(1000 + i) + " cname:a\r\na=ssrc-group:FID 1 2\r\n";
    const auto many = web::readOffer(withSources(lines), Purpose::Publish);
    ck_assert_uint_eq(many.medias[0].sources.size(), 8);
    ck_assert_uint_eq(many.medias[0].repairs.size(), 8);
}
END_TEST

START_TEST(theAnswerSendsNothing) {
    const auto offer = web::readOffer(publishing(), Purpose::Publish);
    const auto taken = web::choose(offer, web::receivable("VP8"));
    // What webrtcbin would make of it, in short.
    const std::string made = support::withAll(
        support::withAll(web::offerToReceive(offer, taken), "a=sendonly", "a=recvonly"),
        "a=recvonly\r\n", "a=recvonly\r\na=ssrc:5 cname:ours\r\na=msid:a b\r\n");
    ck_assert(web::receivesEverything(made, 2));
    ck_assert(!web::receivesEverything(made, 1));
    ck_assert(!web::receivesEverything(support::with(made, "a=recvonly", "a=inactive"), 2));
    const std::string answer = web::finishReceiving(offer, taken, made);
    ck_assert(!has(answer, "ssrc") && !has(answer, "msid"));
    ck_assert(has(answer, "a=rtcp-mux-only"));
    ck_assert(has(answer, "a=group:BUNDLE 0 1\r\n"));
    ck_assert_uint_eq(web::Sdp::parse(answer).medias.size(), offer.medias.size());
}
END_TEST

START_TEST(packetsWithoutAPicture) {
    web::Standstill standstill;
    ck_assert(!standstill.look(0, 0)); // nothing comes: nobody to ask
    ck_assert(!standstill.look(5, 0)); // a frame may be under way
    ck_assert(standstill.look(10, 0));
    ck_assert(standstill.look(11, 0)); // the request was lost
    ck_assert(!standstill.look(20, 1));
    ck_assert(!standstill.look(25, 1));
    ck_assert(!standstill.look(30, 2));
    ck_assert(!standstill.look(30, 2)); // paused
    ck_assert(!standstill.look(30, 2));
    ck_assert(!standstill.look(31, 2));
    ck_assert(!standstill.look(31, 2));
    ck_assert(standstill.look(32, 2));
}
END_TEST

CHECK_MAIN("whip", codecsAreNamed, directionIsTheOtherOne, theFirstWantedCodecIsTaken,
           browsersAreTaken, sourcesAreNumbersAndFew, theAnswerSendsNothing, packetsWithoutAPicture)
