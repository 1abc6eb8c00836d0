#include "xmlvalue.hpp"

#include "check.hpp"

#include <clocale>

using namespace onvif;
using std::chrono::milliseconds;

START_TEST(decimals) {
    std::setlocale(LC_ALL, "de_DE.UTF-8"); // wherever there is one, its comma must not count
    ck_assert_double_eq(*readDecimal("-0.387339115"), -0.387339115);
    ck_assert_double_eq(*readDecimal("5.93397374E-07"), 5.93397374e-07);
    for (const char* rubbish : {"", "x", "1,5", "1 2", "inf", "nan", "1e999"})
        ck_assert_msg(!readDecimal(rubbish), "%s", rubbish);
    CHECK_STR(decimalText(0.25), "0.25");
    CHECK_STR(decimalText(-1), "-1");
    CHECK_STR(decimalText(-0.0000001), "0");
    CHECK_STR(decimalText(100), "100");
    std::setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(durations) {
    CHECK_STR(durationText(milliseconds(2000)), "PT2S");
    CHECK_STR(durationText(milliseconds(500)), "PT0.5S");
    ck_assert(readDuration("PT0H1M30.5S") == milliseconds(90500));
    ck_assert(readDuration("P1DT1S") == milliseconds(86401000));
    ck_assert(readDuration("PT300S") == milliseconds(300000));
    for (const char* rubbish : {"", "P", "PT", "P1Y", "P2M", "PTS", "PT-1S", "10", "PT1", "P1S",
                                "PT99999999999S", "PT1.2.3S"})
        ck_assert_msg(!readDuration(rubbish) || *readDuration(rubbish) == milliseconds(0), "%s",
                      rubbish);
}
END_TEST

START_TEST(times) {
    const auto noon = readInstant("2026-01-13T12:00:00Z");
    ck_assert(noon.has_value());
    ck_assert(readInstant("2026-01-13T12:00:00.250Z") == *noon + milliseconds(250));
    ck_assert(readInstant("2026-01-13T14:00:00+02:00") == *noon);
    ck_assert(readInstant("2026-01-13T12:00:00") == *noon); // no zone: UTC
    for (const char* rubbish : {"", "soon", "2026-13-13T12:00:00Z", "{{=new Date()}}"})
        ck_assert_msg(!readInstant(rubbish), "%s", rubbish);
}
END_TEST

START_TEST(words) {
    ck_assert(readBoolean("TRUE") == true && readBoolean("0") == false && !readBoolean("2"));
    ck_assert(sameWord("Auto", "AUTO") && !sameWord("Auto", "Aut"));
    const auto document =
        net::XmlDocument::parse("<a><b> x\n y </b><c>" + std::string(2000, 'x') + "</c></a>");
    CHECK_STR(lineAt(document.root(), "b"), "x  y");
    CHECK_STR(lineAt(document.root(), "c"), "");
}
END_TEST

CHECK_MAIN("xmlvalue", decimals, durations, times, words)
