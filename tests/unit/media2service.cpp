#include "camera.hpp"

namespace {

const std::string service = "media2_service";

std::string profileToken(const std::string& token) {
    return "<x:ProfileToken>" + token + "</x:ProfileToken>";
}

/// How many configurations the first profile is told to have.
std::size_t configurations(Camera& camera, const std::string& types) {
    const auto answer = camera.call(service, "GetProfiles", types);
    const auto found = answer.root().findAll("Profiles").at(0).child("Configurations");
    return found ? found->children().size() : 0;
}

} // namespace

START_TEST(profiles) {
    Camera camera;
    const auto answer = camera.call(service, "GetProfiles", "<x:Type>All</x:Type>");
    const auto all = answer.root().findAll("Profiles");
    ck_assert_uint_eq(all.size(), 2);
    CHECK_STR(all[0].attribute("token"), "main");
    CHECK_STR(all[0].textAt("Name"), "Main");
    CHECK_STR(all[1].textAt("Configurations/VideoEncoder/Resolution/Width"), "640");
    CHECK_STR(all[1].textAt("Configurations/VideoEncoder/Encoding"), "H264");
    CHECK_STR(all[1].textAt("Configurations/AudioEncoder/Encoding"), "MP4A-LATM");
    CHECK_STR(all[1].textAt("Configurations/PTZ/NodeToken"), "ptz0");
    const auto one =
        camera.call(service, "GetProfiles", "<x:Token>sub</x:Token><x:Type>VideoEncoder</x:Type>");
    ck_assert_uint_eq(one.root().findAll("Profiles").size(), 1);
    ck_assert_uint_eq(one.root().find("Configurations")->children().size(), 1);
    CHECK_STR(camera.fault(service, "GetProfiles", "<x:Token>no</x:Token>"), "ter:NoProfile");
}
END_TEST

START_TEST(typesAndMedia2Bare) {
    Camera camera;
    const std::string all = "<x:Type>All</x:Type>";
    const std::string two = "<x:Type>VideoSource</x:Type><x:Type>VideoEncoder</x:Type>";
    ck_assert_uint_eq(configurations(camera, ""), 5);
    ck_assert_uint_eq(configurations(camera, all), 5);
    ck_assert_uint_eq(configurations(camera, two), 2);
    camera.device.ills.set("media2-bare");
    ck_assert_uint_eq(configurations(camera, ""), 0);
    ck_assert_uint_eq(configurations(camera, all), 5);
    ck_assert_uint_eq(configurations(camera, two), 2);
    camera.device.ills.set("media2-bare", "always");
    ck_assert_uint_eq(configurations(camera, all), 0);
    ck_assert_uint_eq(configurations(camera, two), 0);
}
END_TEST

START_TEST(addresses) {
    Camera camera;
    for (const char* protocol : {"RtspUnicast", "RTSP", "RtspOverHttp"}) {
        const auto answer = camera.call(service, "GetStreamUri",
                                        "<x:Protocol>" + std::string(protocol) + "</x:Protocol>" +
                                            profileToken("sub"));
        CHECK_STR(answer.root().textAt("Body/GetStreamUriResponse/Uri"),
                  "rtsp://192.0.2.1:554/sub");
    }
    for (const char* protocol : {"RtspMulticast", "Pigeon", ""})
        CHECK_STR(camera.fault(service, "GetStreamUri",
                               "<x:Protocol>" + std::string(protocol) + "</x:Protocol>" +
                                   profileToken("sub")),
                  "ter:InvalidStreamSetup");
    const auto snapshot = camera.call(service, "GetSnapshotUri", profileToken("main"));
    CHECK_STR(snapshot.root().textAt("Body/GetSnapshotUriResponse/Uri"),
              "http://192.0.2.1:8000/snapshot/main");
    CHECK_STR(camera.fault(service, "GetSnapshotUri", profileToken("no")), "ter:NoProfile");
    camera.call(service, "SetSynchronizationPoint", profileToken("main"));
    CHECK_STR(camera.keyFrameFor, "main");
}
END_TEST

START_TEST(noEncoderProfiles) {
    Camera camera;
    camera.device.ills.set("no-encoder-profiles");
    const auto answer = camera.call(service, "GetProfiles", "<x:Type>All</x:Type>");
    const auto all = answer.root().findAll("Profiles");
    ck_assert_uint_eq(all.size(), 4);
    ck_assert(!all[0].at("Configurations/VideoEncoder"));
    ck_assert(all[1].at("Configurations/VideoEncoder"));
    for (const char* operation : {"GetStreamUri", "GetSnapshotUri"})
        CHECK_STR(
            camera.fault(service, operation,
                         "<x:Protocol>RTSP</x:Protocol>" + profileToken(all[0].attribute("token")),
                         {}, 500),
            "ter:IncompleteConfiguration");
}
END_TEST

START_TEST(listsOfConfigurations) {
    Camera camera;
    const auto count = [&](const char* operation, const std::string& arguments) {
        return camera.call(service, operation, arguments).root().findAll("Configurations").size();
    };
    ck_assert_uint_eq(count("GetVideoEncoderConfigurations", ""), 2);
    ck_assert_uint_eq(count("GetVideoEncoderConfigurations", profileToken("sub")), 1);
    const std::string token = "<x:ConfigurationToken>main-video</x:ConfigurationToken>";
    ck_assert_uint_eq(count("GetVideoEncoderConfigurations", token), 1);
    ck_assert_uint_eq(count("GetAudioEncoderConfigurations", ""), 2);
    ck_assert_uint_eq(count("GetVideoSourceConfigurations", ""), 1);
    ck_assert_uint_eq(count("GetAudioSourceConfigurations", ""), 1);
    const auto options = camera.call(service, "GetVideoEncoderConfigurationOptions", token);
    CHECK_STR(options.root().textAt("Body/GetVideoEncoderConfigurationOptionsResponse/Options/"
                                    "ResolutionsAvailable/Width"),
              "1280");
    CHECK_STR(camera.fault(service, "GetVideoEncoderConfigurations",
                           "<x:ConfigurationToken>no</x:ConfigurationToken>"),
              "ter:NoConfig");
}
END_TEST

CHECK_MAIN("media2service", profiles, typesAndMedia2Bare, addresses, noEncoderProfiles,
           listsOfConfigurations)
