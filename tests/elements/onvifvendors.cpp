// Whole recorded cameras served on loopback: onvifsrc walks from the address of each to its stream,
// whose port is a place where nobody listens.
#include "player.hpp"
#include "soapcamera.hpp"
#include "support/recordedcamera.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <string>

/// A port of this machine that is taken and refuses.
class DeadPort {
public:
    DeadPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        fail_unless_equals_int(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        number = std::to_string(ntohs(address.sin_port));
    }
    ~DeadPort() { close(socket_); }
    DeadPort(const DeadPort&) = delete;
    DeadPort& operator=(const DeadPort&) = delete;

    std::string number;

private:
    int socket_;
};

static const struct Vendor {
    const char *folder, *model, *profile;
} vendors[] = {
    {"nvt-axis", "AXIS Q6045-E", "profile_1_h264"},
    {"nvt-hikvision", "DS-2DF7276-AEL", "Profile_1"},
    {"nvt-trendnet", "TV-IP320PI", "Profile_1"},
    {"axis-p3818-pve", "P3818-PVE", "profile_1_h264"},
    {"bosch-autodome-5000i", "AUTODOME IP starlight 5000i", "0"},
    {"reolink-e1-zoom", "E1 Zoom", "000"},
    {"easy-enp1a14-ir_25x", "ENP1A14-IR/25X", "Profile_1"},
    {"agsh-mock", "Mockup Model", "main"},
};

static std::filesystem::path samples() {
    const char* shared = g_getenv("VIDEO_STREAM_SHARED_DIR");
    return std::filesystem::path(shared ? shared : "") / "onvif-samples";
}

GST_START_TEST(walk) {
    const Vendor& vendor = vendors[__i__];
    const RecordedCamera recorded(samples() / vendor.folder);
    const DeadPort dead;
    SoapCamera camera;
    camera.judge = [&](const SoapCamera::Request& request, const SoapCamera::Answer&) {
        const bool two = request.body.find("ver20/media") != std::string::npos;
        const std::string text = recorded.answer(request.operation, two);
        if (text.empty())
            return SoapCamera::Answer{500, RecordedCamera::notRecorded(), true};
        static const std::regex place("rtsp://[^/<]+");
        return SoapCamera::Answer{
            200, std::regex_replace(text, place, "rtsp://192.0.2.99:" + dead.number), true};
    };
    Player player("onvifsrc name=c location=" + camera.url() + " ! fakesink");
    player.play();
    player.expectError();
    fail_unless(player.device != nullptr, "%s (%s)", player.error.c_str(), player.details.c_str());
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "model"), vendor.model);
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "profile"),
                              vendor.profile);
    // It went to the host that was reached, at the port that the camera gave.
    fail_unless(player.error.find("127.0.0.1:" + dead.number) != std::string::npos, "%s",
                player.error.c_str());
}
GST_END_TEST

static Suite* onvifvendors_suite() {
    Suite* suite = suite_create("onvifvendors");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, walk, 0, G_N_ELEMENTS(vendors));
    return suite;
}

int main(int argc, char** argv) {
    if (!std::filesystem::exists(samples())) {
        g_print("skipped: there are no recorded answers here\n");
        return 77;
    }
    gst_check_init(&argc, &argv);
    return gst_check_run_suite(onvifvendors_suite(), "onvifvendors", __FILE__);
}
