#include "location.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "relocation.hpp"

using namespace onvif;

START_TEST(whatUsersWrite) {
    const struct {
        const char *text, *service;
        bool port;
    } rows[] = {
        {"onvif://192.0.2.1", "http://192.0.2.1/onvif/device_service", false},
        {"onvif://192.0.2.1:8000", "http://192.0.2.1:8000/onvif/device_service", true},
        {"onvif://camera.local/", "http://camera.local/onvif/device_service", false},
        {"192.0.2.1", "http://192.0.2.1/onvif/device_service", false},
        {"192.0.2.1:80", "http://192.0.2.1:80/onvif/device_service", true},
        {"http://h:8080/onvif/service", "http://h:8080/onvif/service", true},
        {"https://h", "https://h/onvif/device_service", false},
        {"onvif://u:p/@w@h", "http://h/onvif/device_service", false},
        {"onvif://[::1]:8000", "http://[::1]:8000/onvif/device_service", true},
    };
    for (const auto& row : rows) {
        const Location location = parseLocation(row.text);
        CHECK_STR(location.service.text(), row.service);
        ck_assert_int_eq(location.portGiven, row.port);
        ck_assert(location.service.password.empty());
    }
}
END_TEST

/// On the named host whatever the answer says, and never less safe than was asked for.
START_TEST(otherDoors) {
    const struct {
        const char* location;
        std::vector<std::string> xaddrs;
        const char* door; ///< empty: none
    } rows[] = {
        {"cam.local",
         {"http://192.0.2.1:8000/onvif/device_service"},
         "http://cam.local:8000/onvif/device_service"},
        {"cam.local", {"http://192.0.2.1/onvif/services"}, "http://cam.local/onvif/services"},
        {"cam.local", {"http://192.0.2.1:80/onvif/device_service"}, ""},
        {"cam.local",
         {"https://192.0.2.1/onvif/device_service"},
         "https://cam.local/onvif/device_service"},
        {"https://cam.local", {"http://192.0.2.1:8000/onvif/device_service"}, ""},
        {"https://cam.local",
         {"http://192.0.2.1/o", "https://192.0.2.1:8443/o"},
         "https://cam.local:8443/o"},
    };
    for (const auto& row : rows) {
        Found found;
        found.sender = "192.0.2.1";
        found.xaddrs = row.xaddrs;
        const auto door = otherDoor(parseLocation(row.location), {found});
        CHECK_STR(door ? door->text() : "", row.door);
    }
    ck_assert(!otherDoor(parseLocation("cam.local"), std::vector<Found>{}));
}
END_TEST

START_TEST(whatCannotBe) {
    for (const char* text :
         {"rtsp://u:s3cret@h/x", "ftp://u:s3cret@h", "onvif://u:s3cret@", "http://",
          "onvif://u:s3cret@h:99999", "a b", "onvif://u:s3cret@h\nx"}) {
        try {
            parseLocation(text);
            ck_abort_msg("%s", text);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::Settings);
            const std::string all = error.what() + error.details();
            ck_assert_msg(all.find("s3cret") == std::string::npos, "%s", all.c_str());
            ck_assert(all.find("location=onvif://HOST") != std::string::npos);
        }
    }
}
END_TEST

START_TEST(credentialsAreSplitOff) {
    const struct {
        const char *text, *location, *user, *password;
    } rows[] = {
        {"onvif://h", "onvif://h", "", ""},
        {"onvif://u:p@h:1/x", "onvif://h:1/x", "u", "p"},
        {"onvif://a%40b:c%3Ad@h", "onvif://h", "a@b", "c:d"},
        {"onvif://u:p/w@1@h", "onvif://h", "u", "p/w@1"},
        {"u:p@h", "h", "u", "p"},
        {"onvif://u@h", "onvif://h", "u", ""},
        {"onvif://u:p@192.0.2.1/x@y", "onvif://192.0.2.1/x@y", "u", "p"},
        {"onvif://192.0.2.1/x@y", "onvif://192.0.2.1/x@y", "", ""},
        {"", "", "", ""},
    };
    for (const auto& row : rows) {
        const NamedLocation named = splitCredentials(row.text);
        CHECK_STR(named.location, row.location);
        CHECK_STR(named.credentials.user, row.user);
        CHECK_STR(named.credentials.password, row.password);
    }
}
END_TEST

/// Quirks D6, M3, M6 and section 6 of the standard's security: the host we reached, always.
START_TEST(servicesKeepTheHost) {
    const struct {
        const char *reached, *own, *given, *expected;
    } rows[] = {
        // the device tells the truth
        {"http://cam/d", "http://cam/d", "http://cam/onvif/media", "http://cam/onvif/media"},
        {"http://cam/d", "http://cam/d", "http://cam:8080/m", "http://cam:8080/m"},
        // NAT: an inner address
        {"http://public/d", "http://192.168.1.5/d", "http://192.168.1.5/m", "http://public/m"},
        // NAT with a forwarded port: what is beside the device service is there too
        {"http://public:8080/d", "http://192.168.1.5/d", "http://192.168.1.5:80/m",
         "http://public:8080/m"},
        // ... and what has another port keeps it
        {"http://public:8080/d", "http://192.168.1.5/d", "http://192.168.1.5:8899/m",
         "http://public:8899/m"},
        // somebody else's host
        {"http://cam/d", "http://cam/d", "http://evil.example/m", "http://cam/m"},
        {"http://cam/d", "", "http://127.0.0.1/m", "http://cam/m"},
        {"http://cam/d", "", "http://0.0.0.0:2020/m", "http://cam:2020/m"},
        // the way we came is the way we go on
        {"https://cam/d", "http://cam/d", "http://cam/m", "https://cam/m"},
        {"https://cam:444/d", "http://cam/d", "http://cam:8080/m", "https://cam:444/m"},
        {"http://cam/d", "https://cam/d", "https://cam/m", "http://cam/m"},
        // no path, user info, other schemes
        {"http://cam/d", "", "http://cam:1500", "http://cam:1500"},
        {"http://cam/d", "", "http://u:p@cam/m", "http://cam/m"},
        {"http://cam/d", "", "file:///etc/passwd", ""},
        {"http://cam/d", "", "gopher://cam/m", ""},
        {"http://cam/d", "", "/onvif/media", ""},
        {"http://cam/d", "", "", ""},
    };
    for (const auto& row : rows) {
        AddressPolicy policy(*net::Url::parse(row.reached));
        policy.setOwnAddress(row.own);
        CHECK_STR(policy.service(row.given), row.expected);
    }
}
END_TEST

START_TEST(streamsKeepTheHost) {
    const AddressPolicy policy(*net::Url::parse("http://cam:8000/d"));
    const struct {
        const char *given, *expected;
    } rows[] = {
        {"rtsp://192.168.2.61:554/", "rtsp://cam:554/"},
        {"rtsp://127.0.1.1/x?a=b&c=d", "rtsp://cam/x?a=b&c=d"},
        {"rtsp://u:p@cam/x", "rtsp://cam/x"},
        {"rtsps://cam:322/x", "rtsps://cam:322/x"},
        {"rtspt://cam/x", "rtspt://cam/x"},
        {"RTSP://cam/x", "rtsp://cam/x"},
        {"rtsp-sdp://cam/v=0%0Aa=control:rtsp://evil.example/", ""},
        {"rtspx://cam/x", ""},
        {"http://192.168.2.61:80/x", "http://cam:80/x"},
        {"file:///etc/passwd", ""},
        {"udp://239.0.0.1:4000", ""},
        {"", ""},
    };
    for (const auto& row : rows)
        CHECK_STR(policy.stream(row.given), row.expected);
}
END_TEST

CHECK_MAIN("location", whatUsersWrite, otherDoors, whatCannotBe, credentialsAreSplitOff,
           servicesKeepTheHost, streamsKeepTheHost)
