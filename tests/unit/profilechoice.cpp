#include "profilechoice.hpp"

#include "base/error.hpp"
#include "check.hpp"

using namespace onvif;

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

/// Main and sub are words, unless a profile is called so.
START_TEST(mainAndSub) {
    const std::vector<Profile> all = {
        profile("third", "H264", 320, 180), profile("jpeg", "JPEG", 1280, 720),
        profile("large", "H265", 2560, 1440), profile("second", "H264", 640, 360)};
    CHECK_STR(order(choose(all, "main")), "large second third jpeg ");
    CHECK_STR(order(choose(all, "Sub")), "second third large jpeg ");
    CHECK_STR(order(choose({all[2]}, "sub")), "large ");
    CHECK_STR(order(choose({}, "sub")), "");
    std::vector<Profile> called = all;
    called[0].name = "SUB";
    CHECK_STR(order(choose(called, "sub")), "third ");
}
END_TEST

START_TEST(wishes) {
    std::vector<Profile> all = {profile("a", "H264", 1920, 1080), profile("b", "H265", 1280, 720),
                                profile("c", "H264", 1280, 720), profile("d", "JPEG", 640, 480),
                                profile("e", "", 0, 0)};
    all[0].frameRate = 30;
    all[2].frameRate = 12.5;
    all[2].audioEncoding = "MP4A-LATM";
    all[3].audioEncoding = "G711";
    CHECK_STR(order(choose(all, "codec=h264")), "a c ");
    CHECK_STR(order(choose(all, " max-width = 1280 , codec=H.264")), "c ");
    CHECK_STR(order(choose(all, "codec=hevc")), "b ");
    CHECK_STR(order(choose(all, "codec=mjpeg")), "d ");
    CHECK_STR(order(choose(all, "max-fps=15")), "c b d e ");
    CHECK_STR(order(choose(all, "min-fps=15,codec=h264")), "a ");
    CHECK_STR(order(choose(all, "min-height=720,max-height=720")), "c b e ");
    CHECK_STR(order(choose(all, "audio=aac")), "c ");
    CHECK_STR(order(choose(all, "audio=yes")), "c d ");
    CHECK_STR(order(choose(all, "audio=no,min-width=1000")), "a b e ");
    CHECK_STR(order(choose(all, "codec=mpeg4")), "");
}
END_TEST

/// What is no wish is named, and what may be written instead.
START_TEST(badWishes) {
    const std::vector<Profile> all = {profile("a", "H264", 1920, 1080)};
    for (const char* wish :
         {"max-width=", "max-with=5", "codec=vp9", "max-width=-1", "=", "max-width=99999999999",
          "min-fps=0", "codec=h264,", "audio=loud", "codec=h264,quick", "max-width=1e3"}) {
        try {
            choose(all, wish);
            ck_abort_msg("%s was taken", wish);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::Settings);
            ck_assert(std::string(error.what()).find("max-height") != std::string::npos);
        }
    }
    // A token may look like a wish.
    CHECK_STR(order(choose({profile("codec=x", "H264", 1, 1)}, "codec=x")), "codec=x ");
}
END_TEST

CHECK_MAIN("profilechoice", bestFirst, tokenBeforeName, mainAndSub, wishes, badWishes)
