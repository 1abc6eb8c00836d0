#include "web/detectionjson.hpp"

#include "check.hpp"

#include <clocale>
#include <limits>

using namespace std::chrono_literals;

static base::Detections one(base::Detection detection) {
    base::Detections found;
    found.objects = {std::move(detection)};
    found.source = "eye";
    return found;
}

static base::Detection person() {
    base::Detection d;
    d.box = {0.25, 0.5, 0.125, 0.33333};
    d.score = 0.875F;
    d.classId = 3;
    d.label = "person";
    return d;
}

START_TEST(whatItSays) {
    auto found = one(person());
    found.age = 40ms;
    CHECK_STR(web::detectionsJson(found, {4294967295U, 1767225600123ms}),
              "{\"rtp\":4294967295,\"time\":1767225600123,\"age\":40,\"source\":\"eye\","
              "\"objects\":[{\"label\":\"person\",\"class\":3,\"score\":0.875,"
              "\"box\":[0.25,0.5,0.125,0.3333]}]}");
    CHECK_STR(web::detectionsJson({}, {1, 2ms}),
              "{\"rtp\":1,\"time\":2,\"age\":0,\"source\":\"\",\"objects\":[]}");
}
END_TEST

START_TEST(details) {
    base::Detection d = person();
    d.trackId = 7;
    d.keyPoints = {{{0.1, 0.2}, 0.5F}, {{1, 0}, 1}};
    d.corners = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    const std::string text = web::detectionsJson(one(d), {});
    ck_assert(text.find("\"id\":7,") != std::string::npos);
    ck_assert(text.find("\"points\":[0.1,0.2,0.5,1,0,1]") != std::string::npos);
    ck_assert(text.find("\"corners\":[0,0,1,0,1,1,0,1]") != std::string::npos);
    ck_assert(text.find("drawn") == std::string::npos);
    d.drawn = true;
    ck_assert(web::detectionsJson(one(d), {}).find("\"drawn\":true") != std::string::npos);
}
END_TEST

START_TEST(strangeNumbersAndNames) {
    setlocale(LC_ALL, "de_DE.UTF-8"); // a comma would be two numbers; where it is installed
    base::Detection d = person();
    d.box = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
             -0.00001, 1e300};
    d.label = "a \"b\"\n\xff";
    const std::string text = web::detectionsJson(one(d), {});
    ck_assert(text.find("\"box\":[0,0,0,1000]") != std::string::npos);
    ck_assert(text.find("a \\\"b\\\"\\u000a\xef\xbf\xbd") != std::string::npos);
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(neverTooLong) {
    base::Detections crowd;
    for (int i = 0; i < 1000; i++)
        crowd.objects.push_back(person());
    const std::string text = web::detectionsJson(crowd, {}, 2000);
    ck_assert_uint_le(text.size(), 2000);
    ck_assert_uint_gt(text.size(), 1800);
    ck_assert(text.find("\"omitted\":9") != std::string::npos);
    ck_assert(text.back() == '}');
}
END_TEST

CHECK_MAIN("detectionjson", whatItSays, details, strangeNumbersAndNames, neverTooLong)
