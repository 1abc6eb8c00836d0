#include "payloading.hpp"

#include "check.hpp"

#include <string>

using rtspserve::isPath;
using rtspserve::payloaderOf;

START_TEST(knownAndUnknownMedia) {
    ck_assert(payloaderOf("video/x-vp8").find("rtpvp8pay") == 0);
    ck_assert(payloaderOf("video/x-h264").find("config-interval=-1") != std::string::npos);
    ck_assert(payloaderOf("video/x-raw").empty());
    ck_assert(payloaderOf("").empty());
}
END_TEST

START_TEST(paths) {
    for (const char* good : {"yard", "a/b", "a/b/c/d", "Gate-2_north.sub"})
        ck_assert_msg(isPath(good), "%s", good);
    for (const char* bad : {"", "/yard", "yard/", "a//b", "../etc", "a/../b", "a b", "a?b", "a#b",
                            "a/b/c/d/e", "%2e", "\xc3\xa4"})
        ck_assert_msg(!isPath(bad), "%s", bad);
    ck_assert(isPath(std::string(128, 'a')));
    ck_assert(!isPath(std::string(129, 'a')));
}
END_TEST

CHECK_MAIN("payloading", knownAndUnknownMedia, paths)
