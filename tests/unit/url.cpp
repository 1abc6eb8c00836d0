#include "net/url.hpp"

#include "check.hpp"

using net::Url;

START_TEST(partsOfAnAddress) {
    const auto url = Url::parse("HTTP://us%40er:p%3Aw@Example.org:8000/a%20b?c=d&e=f@g#h");
    ck_assert(url.has_value());
    CHECK_STR(url->scheme, "http");
    CHECK_STR(url->user, "us@er");
    CHECK_STR(url->password, "p:w");
    CHECK_STR(url->host, "Example.org");
    ck_assert_int_eq(url->port, 8000);
    CHECK_STR(url->rest, "/a%20b?c=d&e=f@g#h");
    CHECK_STR(url->target(), "/a%20b?c=d&e=f@g");
    CHECK_STR(url->text(), "http://Example.org:8000/a%20b?c=d&e=f@g#h");
}
END_TEST

START_TEST(odditiesOfDevices) {
    // Paths stay byte for byte; only a raw space cannot travel.
    for (const char* text :
         {"rtsp://192.0.2.1:554/", "rtsp://192.0.2.1/user=admin_password=x_channel=1",
          "rtsp://192.0.2.1?p=0&h26x=4", "http://host:1500", "rtsp://192.0.2.1/a//b/"})
        CHECK_STR(Url::parse(text)->text(), text);
    CHECK_STR(Url::parse("rtsp://h/a b")->rest, "/a%20b");
    CHECK_STR(Url::parse("http://h?q")->target(), "/?q");
    ck_assert_int_eq(Url::parse("http://h:/x")->port, 0);
}
END_TEST

START_TEST(internetProtocolSix) {
    const auto url = Url::parse("http://[fe80::1%25eth0]:8000/onvif");
    ck_assert(url.has_value());
    CHECK_STR(url->host, "fe80::1%eth0");
    ck_assert_int_eq(url->port, 8000);
    CHECK_STR(url->text(), "http://[fe80::1%25eth0]:8000/onvif");
    CHECK_STR(Url::parse("rtsp://[::1]")->authority(), "[::1]");
}
END_TEST

START_TEST(ports) {
    const struct {
        const char* text;
        int port;
    } rows[] = {{"http://h", 80},   {"https://h", 443}, {"rtsp://h", 554},
                {"rtsps://h", 322}, {"http://h:1", 1},  {"rtsp://h:65535/x", 65535}};
    for (const auto& row : rows)
        ck_assert_int_eq(Url::parse(row.text)->effectivePort(), row.port);
}
END_TEST

START_TEST(whatIsNoAddress) {
    for (const char* text :
         {"", "host", "://h", "http://", "http:///path", "http://h:0", "http://h:65536",
          "http://h:8a", "http://h:-1", "http://a b/", "http://[::1", "http://[::1]x", "http://[",
          "http://h\r\nX: y", "1http://h", "http://h/\x7f", "http://a<b>/", "http://@",
          "http://user:pw@"})
        ck_assert_msg(!Url::parse(text).has_value(), "%s", text);
    ck_assert(!Url::parse("http://" + std::string(300, 'a')).has_value());
}
END_TEST

START_TEST(userInfoGoes) {
    CHECK_STR(net::withoutUserInfo("http://u:p@h/x"), "http://h/x");
    CHECK_STR(net::withoutUserInfo("http://u:p/@w@h/x"), "http://h/x");
    CHECK_STR(net::withoutUserInfo("u:p@h"), "h");
    CHECK_STR(net::withoutUserInfo("http://u:1/w@h/x"), "http://h/x");
    CHECK_STR(net::withoutUserInfo("http://u:a@b/w@h/x"), "http://h/x");
    // An '@' of the path or the query is no user's.
    CHECK_STR(net::withoutUserInfo("http://192.0.2.1:80/x?to=a@b"), "http://192.0.2.1:80/x?to=a@b");
    CHECK_STR(net::withoutUserInfo("http://u:p@cam.local/x@y"), "http://cam.local/x@y");
    CHECK_STR(net::withoutUserInfo("http://[::1]:80/x@y"), "http://[::1]:80/x@y");
    CHECK_STR(net::withoutUserInfo("onvif://cam/x@y"), "onvif://cam/x@y");
    CHECK_STR(net::withoutUserInfo("http://h/x"), "http://h/x");
    CHECK_STR(net::withoutUserInfo(""), "");
}
END_TEST

START_TEST(origins) {
    CHECK_STR(Url::parse("http://u:p@Host/x?y")->origin(), "http://host:80");
    CHECK_STR(Url::parse("https://host:8443")->origin(), "https://host:8443");
    CHECK_STR(Url::parse("https://[FE80::1%25eth0]/")->origin(), "https://[fe80::1%25eth0]:443");
}
END_TEST

CHECK_MAIN("url", origins, partsOfAnAddress, odditiesOfDevices, internetProtocolSix, ports,
           whatIsNoAddress, userInfoGoes)
