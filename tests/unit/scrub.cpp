#include "scrub.hpp"

#include "check.hpp"

using retry::addressesOf;
using retry::outputsOf;
using retry::withoutSecrets;
using retry::withSinks;
using retry::withSources;

/// Passwords stand before the host, stream keys in the path, tokens behind the question mark.
START_TEST(addressesLoseWhatProves) {
    const struct {
        const char *said, *kept;
    } rows[] = {
        {"Could not connect to rtmp://anna:s3cret@host:1935/live/key.", "rtmp://host:1935"},
        {"srt://[::1]:9000?passphrase=s3cret failed", "srt://[::1]:9000"},
        {"\"http://a@b:s3cret@host/x\"", "http://host"},
        {"two: rtmp://h/s3cret and rtsp://u:s3cret@i/j", "rtsp://i"},
        {"ends in rtmp://u:s3cret@", "rtmp://"},
    };
    for (const auto& row : rows) {
        const std::string clean = withoutSecrets(row.said);
        ck_assert_msg(clean.find("s3cret") == std::string::npos, "%s", clean.c_str());
        ck_assert_msg(clean.find("key") == std::string::npos, "%s", clean.c_str());
        ck_assert_msg(clean.find(row.kept) != std::string::npos, "%s", clean.c_str());
    }
    ck_assert(withoutSecrets("nothing to hide") == "nothing to hide");
    ck_assert(withoutSecrets("").empty());
    ck_assert(withoutSecrets("://") == "://");
}
END_TEST

START_TEST(sourcesBeforeTheBranch) {
    ck_assert(withSources("fakesink", 1) == "appsrc name=in0 in0. ! fakesink");
    ck_assert(withSources("in0. ! m. in1. ! m. fakesink", 2) ==
              "appsrc name=in0 appsrc name=in1 in0. ! m. in1. ! m. fakesink");
}
END_TEST

START_TEST(sinksForTheBranch) {
    ck_assert_uint_eq(outputsOf("udpsrc"), 1);
    ck_assert(withSinks("udpsrc") == "appsink name=out0 udpsrc ! out0.");
    const std::string two = "rtmp2src ! flvdemux name=d d.video ! out0. d.audio ! out1.";
    ck_assert_uint_eq(outputsOf(two), 2);
    ck_assert(withSinks(two) == "appsink name=out0 appsink name=out1 " + two);
    ck_assert_uint_eq(outputsOf("filesrc location=layout0.mp4 ! out2."), 1);
}
END_TEST

START_TEST(addressesOfElements) {
    const auto found =
        addressesOf("rtmp2src name=r location=rtmp://h/a\\!b ! flvdemux ! x/y,uri=no "
                    "! souphttpsrc user-id=\"\" location=\"http://h/a b\" r. ! sink");
    ck_assert_uint_eq(found.size(), 2);
    ck_assert(found[0].element == "rtmp2src" && found[0].value == "rtmp://h/a!b");
    ck_assert(found[1].element == "souphttpsrc" && found[1].value == "http://h/a b");
    for (const char* odd : {"", "\\", "\"", "location=", "= ! =", "a location"})
        ck_assert_uint_le(addressesOf(odd).size(), 1);
}
END_TEST

CHECK_MAIN("scrub", addressesLoseWhatProves, sourcesBeforeTheBranch, sinksForTheBranch,
           addressesOfElements)
