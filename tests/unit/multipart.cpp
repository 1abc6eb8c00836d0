#include "web/multipart.hpp"

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

using Clock = web::Pace::Clock;

unsigned taken(double perSecond, unsigned count, Clock::duration step,
               Clock::duration jitter = 0ms) {
    web::Pace pace(perSecond);
    Clock::time_point now{1h};
    unsigned passed = 0;
    for (unsigned i = 0; i < count; i++) {
        passed += pace.take(i % 2 ? now + jitter : now);
        now += step;
    }
    return passed;
}

} // namespace

START_TEST(partsFollowEachOther) {
    const web::Multipart multipart("edge");
    CHECK_STR(multipart.contentType(), "multipart/x-mixed-replace; boundary=edge");
    const unsigned char jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0xd9};
    const web::Picture picture = multipart.part(jpeg, sizeof jpeg, 7);
    ck_assert_uint_eq(picture.number, 7);
    const std::string bytes(reinterpret_cast<const char*>(jpeg), sizeof jpeg);
    CHECK_STR(picture.jpeg(), bytes);
    ck_assert(multipart.opening() + *picture.part ==
              "--edge\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n\r\n" + bytes +
                  "\r\n--edge\r\n");
    CHECK_STR(web::Picture().jpeg(), "");
}
END_TEST

START_TEST(whatIsAJpeg) {
    const unsigned char jpeg[] = {0xff, 0xd8, 0xff, 0xdb}, png[] = {0x89, 'P', 'N', 'G', 0x0d};
    ck_assert(web::isJpeg(jpeg, sizeof jpeg));
    ck_assert(!web::isJpeg(jpeg, 3));
    ck_assert(!web::isJpeg(png, sizeof png));
    ck_assert(!web::isJpeg(nullptr, 0));
}
END_TEST

START_TEST(paceLetsThroughSoMany) {
    ck_assert_uint_eq(taken(0, 100, 1ms), 100);
    ck_assert_uint_eq(taken(5, 250, 40ms), 50 + 1); // ten seconds, and the first one
    ck_assert_uint_eq(taken(10, 300, 33ms), 99 + 1);
    // As many as come, though they come unevenly.
    ck_assert_uint_eq(taken(25, 200, 40ms, 15ms), 200);
    // After a rest it makes up for nothing.
    web::Pace pace(1);
    Clock::time_point now{1h};
    ck_assert(pace.take(now));
    now += 60s;
    ck_assert(pace.take(now));
    ck_assert(!pace.take(now + 10ms));
    ck_assert(!pace.take(now + 400ms));
}
END_TEST

CHECK_MAIN("multipart", partsFollowEachOther, whatIsAJpeg, paceLetsThroughSoMany)
