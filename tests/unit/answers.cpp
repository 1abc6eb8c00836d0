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

/// Quirk X3: Latin-1 that says it is UTF-8, which libxml2 lets through.
START_TEST(notUtf8X3) {
    const auto document = parse("<r><Manufacturer>Caf\xe9</Manufacturer><Profiles token='t'><Name>"
                                "T\xfcr</Name></Profiles></r>");
    CHECK_STR(readDeviceInformation(document.root()).manufacturer, "Caf\xef\xbf\xbd");
    CHECK_STR(readProfiles(document.root()).at(0).name, "T\xef\xbf\xbdr");
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

/// Quirk M6: escaped once too often.
START_TEST(streamUriM6) {
    const auto document =
        parse("<r><MediaUri><Uri> rtsp://h/x?a=1&amp;amp;b=2&amp;c=3\n</Uri></MediaUri></r>");
    CHECK_STR(readStreamUri(document.root()), "rtsp://h/x?a=1&b=2&c=3");
    CHECK_STR(readStreamUri(parse("<r><MediaUri/></r>").root()), "");
}
END_TEST

/// Quirk M1: what GetCapabilities tells has to do, the extension's services included.
START_TEST(capabilitiesM1) {
    const auto document = parse("<r><Capabilities><Media><XAddr>http://h/m</XAddr></Media><PTZ/>"
                                "<Extension><Replay><XAddr>http://h/r</XAddr></Replay></Extension>"
                                "</Capabilities></r>");
    const Services services = readCapabilities(document.root());
    ck_assert_uint_eq(services.size(), 2);
    CHECK_STR(services.at("http://www.onvif.org/ver10/media/wsdl"), "http://h/m");
    CHECK_STR(services.at("http://www.onvif.org/ver10/replay/wsdl"), "http://h/r");
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

CHECK_MAIN("answers", clockA3, notUtf8X3, streamUriM6, capabilitiesM1, hostileNumbersAndTexts,
           mediaTwo)
