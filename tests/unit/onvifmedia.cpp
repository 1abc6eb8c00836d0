// What devices do wrong with their streams, each by its code in the notes.
#include "odddevice.hpp"

using namespace odd;

/// Media2 comes first and is asked for all of a profile.
START_TEST(mediaTwoM4) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true));
    std::string request;
    device.answers["GetProfiles2"] = [&](const net::HttpRequest& r) {
        request = r.body;
        return Odd::body(
            "<GetProfilesResponse><Profiles token='h265'><Name>n</Name><Configurations>"
            "<VideoEncoder><Encoding>H265</Encoding></VideoEncoder></Configurations>"
            "</Profiles></GetProfilesResponse>");
    };
    device.answers["GetStreamUri2"] = [&](const net::HttpRequest& r) {
        request += r.body;
        return Odd::body("<GetStreamUriResponse><Uri>rtsp://cam/two</Uri></GetStreamUriResponse>");
    };
    const Stream stream = device.walk();
    CHECK_STR(stream.uri, "rtsp://cam/two");
    CHECK_STR(stream.profile.encoding, "H265");
    ck_assert(request.find("<Type>All</Type>") != std::string::npos);
    ck_assert(request.find("<Protocol>RTSP</Protocol>") != std::string::npos);
    ck_assert_int_eq(device.count("GetProfiles"), 0);
}
END_TEST

/// Media2 that tells no configurations, or faults: Media1 is asked. Media2 that only lists: Media1
/// is asked for the address by the same token.
START_TEST(mediaTwoInNameOnlyM4) {
    for (const char* answer : {"<GetProfilesResponse><Profiles token='p1'/></GetProfilesResponse>",
                               "<GetProfilesResponse/>", ""}) {
        Odd device = right();
        device.answers["GetServices"] = Odd::always(services("http://cam", true));
        if (*answer)
            device.answers["GetProfiles2"] = Odd::always(answer);
        const Stream stream = device.walk();
        CHECK_STR(stream.profile.encoding, "H264");
        ck_assert(!stream.profile.media2);
    }
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true));
    device.answers["GetProfiles2"] =
        Odd::always("<GetProfilesResponse><Profiles token='p1'><Configurations><VideoEncoder>"
                    "<Encoding>H264</Encoding></VideoEncoder></Configurations></Profiles>"
                    "</GetProfilesResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam:554/live");
    ck_assert_int_eq(device.count("GetStreamUri2"), 1);
    ck_assert_int_eq(device.count("GetStreamUri"), 1);
}
END_TEST

/// A device with Media2 alone.
START_TEST(onlyMediaTwoM4) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true, false));
    device.answers["GetProfiles2"] = Odd::always(
        "<GetProfilesResponse><Profiles token='t'><Name>n</Name></Profiles></GetProfilesResponse>");
    device.answers["GetStreamUri2"] =
        Odd::always("<GetStreamUriResponse><Uri>rtsp://cam/two</Uri></GetStreamUriResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam/two");
}
END_TEST

/// A list of Media2 without encoders is better than Media1's fault.
START_TEST(listOfMediaTwoM4) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true));
    device.answers["GetProfiles2"] = Odd::always(
        "<GetProfilesResponse><Profiles token='t'><Name>n</Name></Profiles></GetProfilesResponse>");
    device.answers.erase("GetProfiles");
    device.answers["GetStreamUri2"] =
        Odd::always("<GetStreamUriResponse><Uri>rtsp://cam/two</Uri></GetStreamUriResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam/two");
}
END_TEST

/// A profile is worth what GetStreamUri says.
START_TEST(profilesOnPaperM5) {
    Odd device = right();
    device.answers["GetProfiles"] = Odd::always("<GetProfilesResponse>" + profile("paper", "H264") +
                                                "<Profiles token='empty'/>" +
                                                profile("real", "H264") + "</GetProfilesResponse>");
    device.answers["GetStreamUri"] = [](const net::HttpRequest& r) {
        return r.body.find(">real<") != std::string::npos
                   ? Odd::body(uri("rtsp://cam/real"))
                   : Odd::fault("ter:IncompleteConfiguration");
    };
    const Stream stream = device.walk();
    CHECK_STR(stream.uri, "rtsp://cam/real");
    CHECK_STR(stream.profile.token, "real");
}
END_TEST

START_TEST(oddStreamAddressesM6) {
    const char* rows[][2] = {{"rtsp://10.0.0.5:554/", "rtsp://cam:554/"},
                             {"rtsp://10.0.0.5/a?transportmode=mcast&amp;profile=P",
                              "rtsp://cam/a?transportmode=mcast&profile=P"},
                             {"rtsp://127.0.1.1:8554/x y", "rtsp://cam:8554/x%20y"},
                             {"rtsp://u:p@0.0.0.0/user=a_password=b_channel=1.sdp",
                              "rtsp://cam/user=a_password=b_channel=1.sdp"},
                             {"\n rtsp://[fe80::1]:554/v6 ", "rtsp://cam:554/v6"}};
    for (const auto& row : rows) {
        Odd device = right();
        device.answers["GetStreamUri"] = Odd::always(uri(row[0]));
        CHECK_STR(device.walk().uri, row[1]);
    }
    for (const char* none : {"", "file:///etc/passwd", "rtsp://", "live", "rtsp://h:99999/"}) {
        Odd device = right();
        device.answers["GetStreamUri"] = Odd::always(uri(none));
        try {
            device.walk();
            ck_abort_msg("'%s' is no stream address", none);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == ErrorKind::NotFound);
        }
    }
}
END_TEST

/// A snapshot lies on another port, and keeps its query.
START_TEST(snapshotM7) {
    Odd device = right();
    device.answers["GetSnapshotUri"] = Odd::always("<GetSnapshotUriResponse><MediaUri><Uri>http://"
                                                   "u:p@10.0.0.5:8081/snap?chn=0&amp;u=admin</Uri>"
                                                   "</MediaUri></GetSnapshotUriResponse>");
    SoapClient soap = device.client();
    Device asked(soap, *net::Url::parse("http://cam/onvif/device_service"));
    asked.open();
    CHECK_STR(asked.addresses().service(asked.snapshotUri(asked.profiles().front())),
              "http://cam:8081/snap?chn=0&u=admin");
}
END_TEST

CHECK_MAIN("onvifmedia", mediaTwoM4, mediaTwoInNameOnlyM4, onlyMediaTwoM4, listOfMediaTwoM4,
           profilesOnPaperM5, oddStreamAddressesM6, snapshotM7)
