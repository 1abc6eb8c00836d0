#include "answers.hpp"

#include "check.hpp"

#include <ctime>

using namespace onvif;

static net::XmlDocument parse(const std::string& xml) { return net::XmlDocument::parse(xml); }

static std::string time(const char* date, const char* clock) {
    const auto document = parse("<r><SystemDateAndTime><UTCDateTime>" + std::string(clock) + date +
                                "</UTCDateTime></SystemDateAndTime></r>");
    const auto read = readDateTime(document.root());
    if (!read)
        return "none";
    const std::time_t seconds = std::chrono::system_clock::to_time_t(*read);
    char text[32];
    std::strftime(text, sizeof text, "%F %T", std::gmtime(&seconds));
    return text;
}

/// Quirk A3: clocks that say nothing usable.
START_TEST(clockA3) {
    const char* day = "<Date><Year>2026</Year><Month>2</Month><Day>28</Day></Date>";
    const char* noon = "<Time><Hour>12</Hour><Minute>5</Minute><Second>9</Second></Time>";
    CHECK_STR(time(day, noon), "2026-02-28 12:05:09");
    CHECK_STR(time("", noon), "none");
    CHECK_STR(time(day, "<Time><Hour>25</Hour><Minute>5</Minute><Second>9</Second></Time>"),
              "none");
    CHECK_STR(time(day, "<Time><Hour>1e1</Hour><Minute>5</Minute><Second>9</Second></Time>"),
              "none");
    CHECK_STR(
        time("<Date><Year>99999999999999999999</Year><Month>2</Month><Day>28</Day></Date>", noon),
        "none");
    const auto none = parse("<r><SystemDateAndTime><LocalDateTime/></SystemDateAndTime></r>");
    ck_assert(!readDateTime(none.root()));
}
END_TEST

static Profile profile(const char* token, const char* encoding, int width, int height) {
    Profile p;
    p.token = token;
    p.name = std::string("name of ") + token;
    p.encoding = encoding;
    p.width = width;
    p.height = height;
    return p;
}

static std::string order(const std::vector<Profile>& profiles) {
    std::string text;
    for (const Profile& p : profiles)
        text += p.token + " ";
    return text;
}

START_TEST(bestFirst) {
    const std::vector<Profile> all = {
        profile("none", "", 0, 0),           profile("jpeg", "JPEG", 4000, 3000),
        profile("small", "H264", 640, 360),  profile("h265", "H265", 1920, 1080),
        profile("h264", "H264", 1920, 1080), profile("twin", "H264", 1920, 1080)};
    CHECK_STR(order(choose(all, "")), "h264 twin h265 small jpeg none ");
    CHECK_STR(order(choose(all, "small")), "small ");
    CHECK_STR(order(choose(all, "NAME OF h265")), "h265 ");
    CHECK_STR(order(choose(all, "nothing")), "");
    CHECK_STR(all[4].text(), "name of h264 (h264, H264 1920x1080)");
    CHECK_STR(profile("t", "", 0, 0).text(), "name of t (t)");
}
END_TEST

/// A token is exact before a name is anything.
START_TEST(tokenBeforeName) {
    std::vector<Profile> all = {profile("1", "H264", 1, 1), profile("2", "H264", 1, 1)};
    all[0].name = "2";
    CHECK_STR(order(choose(all, "2")), "2 ");
    all[1].name = "2";
    all[1].token = "3";
    CHECK_STR(order(choose(all, "2")), "1 3 ");
}
END_TEST

START_TEST(hostileNumbersAndTexts) {
    const auto document = parse(
        "<r><Profiles token='t'><Name>" + std::string(5000, 'n') +
        "</Name><VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution><Width>-5</Width>"
        "<Height>99999999999</Height></Resolution><RateControl><FrameRateLimit>1e400</"
        "FrameRateLimit>"
        "</RateControl></VideoEncoderConfiguration></Profiles><Profiles/><Profiles token=''/></r>");
    const auto profiles = readProfiles(document.root());
    ck_assert_uint_eq(profiles.size(), 1);
    ck_assert_int_eq(profiles[0].width, 0);
    ck_assert_int_eq(profiles[0].height, 0);
    ck_assert(profiles[0].frameRate == 0);
    CHECK_STR(profiles[0].name, "");

    std::string many;
    for (int i = 0; i < 1000; i++)
        many += "<Profiles token='" + std::to_string(i) + "'/>";
    ck_assert_uint_le(readProfiles(parse("<r>" + many + "</r>").root()).size(), 256);
}
END_TEST

START_TEST(mediaTwo) {
    const auto document = parse(
        "<r><Profiles "
        "token='t'><Name>n</Name><Configurations><VideoEncoder><Encoding>H265</Encoding>"
        "<Resolution><Width>10</Width><Height>20</Height></"
        "Resolution><RateControl><FrameRateLimit>12.5"
        "</FrameRateLimit></RateControl></VideoEncoder><AudioEncoder><Encoding>MP4A-LATM</Encoding>"
        "</AudioEncoder></Configurations></Profiles></r>");
    const auto profiles = readProfiles2(document.root());
    ck_assert_uint_eq(profiles.size(), 1);
    ck_assert(profiles[0].media2);
    CHECK_STR(profiles[0].encoding, "H265");
    CHECK_STR(profiles[0].audioEncoding, "MP4A-LATM");
    ck_assert(profiles[0].frameRate > 12.49 && profiles[0].frameRate < 12.51);
}
END_TEST

CHECK_MAIN("answers", clockA3, bestFirst, tokenBeforeName, hostileNumbersAndTexts, mediaTwo)
