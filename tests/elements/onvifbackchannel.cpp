/// What is brought to onvifsrc's pad "backchannel" is heard by the camera.
#include "glue/ref.hpp"
#include "player.hpp"
#include "soapcamera.hpp"
#include "support/patience.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

using glue::Ref;

namespace {

constexpr const char* picture =
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 ! rtph264pay name=pay0 pt=96 )";
constexpr double rate = 8000;

/// A file that the camera writes what it hears to, as 16 bit samples.
class Ear {
public:
    Ear() {
        char name[] = "/tmp/onvifbackchannel-XXXXXX";
        const int file = g_mkstemp(name);
        fail_unless(file >= 0);
        close(file);
        path_ = name;
    }
    ~Ear() { std::filesystem::remove(path_); }

    std::string launch(const std::string& encoding, int payload, const std::string& decoder) const {
        return "( capsfilter name=depay_backchannel caps=\"application/x-rtp, media=(string)audio, "
               "clock-rate=(int)8000, encoding-name=(string)" +
               encoding + ", payload=(int)" + std::to_string(payload) + "\" ! " + decoder +
               " ! audio/x-raw,format=S16LE ! filesink async=false sync=false buffer-mode=2 "
               "location=" +
               path_ + " )";
    }
    std::vector<std::int16_t> samples() const {
        std::ifstream file(path_, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        std::vector<std::int16_t> all(bytes.size() / 2);
        std::copy_n(bytes.data(), all.size() * 2, reinterpret_cast<char*>(all.data()));
        return all;
    }

private:
    std::string path_;
};

/// By the zero crossings of the last half second.
double frequencyOf(const std::vector<std::int16_t>& samples) {
    const std::size_t count = static_cast<std::size_t>(rate / 2);
    int crossings = 0;
    for (std::size_t i = samples.size() - count + 1; i < samples.size(); i++)
        crossings += (samples[i - 1] < 0) != (samples[i] < 0);
    return crossings / 2.0 / (static_cast<double>(count) / rate);
}

std::string camera(const SoapCamera& soap) {
    return "onvifsrc name=c location=" + soap.url() + " c.video_0 ! fakesink name=out sync=false ";
}

guint64 stat(Player& player, const char* name) {
    GstStructure* raw = nullptr;
    guint64 value = 0;
    g_object_get(player["c"].get(), "stats", &raw, nullptr);
    const Ref<GstStructure> stats(raw);
    gst_structure_get_uint64(stats.get(), name, &value);
    return value;
}

void hears(const Ear& ear, Player& player, double frequency) {
    player.play();
    player.expectBuffers("out", 5);
    std::vector<std::int16_t> samples;
    const bool enough = support::becomes([&] {
        samples = ear.samples();
        return samples.size() >= static_cast<std::size_t>(2 * rate);
    });
    fail_unless(enough, "the camera heard %d samples", static_cast<int>(samples.size()));
    const double heard = frequencyOf(samples);
    fail_unless(std::abs(heard - frequency) < 10, "%f Hz instead of %f", heard, frequency);
    fail_unless(stat(player, "backchannel-packets") >= 90);
    player.stop();
}

} // namespace

GST_START_TEST(rawSoundIsHeard) {
    const Ear ear;
    SoapCamera soap;
    soap.talk(picture, ear.launch("PCMU", 0, "rtppcmudepay ! mulawdec").c_str());
    Player player(camera(soap) + "audiotestsrc freq=1000 ! audio/x-raw,rate=44100,channels=2 ! "
                                 "c.backchannel");
    hears(ear, player, 1000);
}
GST_END_TEST

GST_START_TEST(encodedSoundIsHeard) {
    const Ear ear;
    SoapCamera soap;
    soap.talk(picture, ear.launch("PCMA", 8, "rtppcmadepay ! alawdec").c_str());
    Player player(camera(soap) + "audiotestsrc freq=600 is-live=true ! audio/x-raw,rate=8000 ! "
                                 "mulawenc ! c.backchannel");
    hears(ear, player, 600);
}
GST_END_TEST

/// One warning, and the picture goes on.
GST_START_TEST(cameraWithoutLoudspeaker) {
    SoapCamera soap;
    soap.stream(picture);
    Player player(camera(soap) + "audiotestsrc ! c.backchannel");
    player.play();
    player.expectBuffers("out", 10);
    fail_unless(stat(player, "backchannel-packets") == 0);
    fail_unless(support::becomes([&] { return stat(player, "backchannel-dropped") > 0; }));
    fail_unless(player.error.empty());
    player.stop();
}
GST_END_TEST

/// Nobody at the other end: who brings the sound is not held up.
GST_START_TEST(absentCameraHoldsNothingUp) {
    SoapCamera soap;
    soap.stream(picture);
    SoapCamera::Answer never;
    never.hang = true;
    soap.answer("GetServices", never);
    Player player(
        "onvifsrc name=c timeout=60000 location=" + soap.url() +
        " audiotestsrc is-live=true ! tee name=t t. ! c.backchannel t. ! fakesink name=out");
    player.play();
    player.expectBuffers("out", 100);
    fail_unless(stat(player, "backchannel-dropped") > 50);
    player.stop();
}
GST_END_TEST

static Suite* onvifbackchannel_suite() {
    Suite* suite = suite_create("onvifbackchannel");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, rawSoundIsHeard);
    tcase_add_test(tests, encodedSoundIsHeard);
    tcase_add_test(tests, cameraWithoutLoudspeaker);
    tcase_add_test(tests, absentCameraHoldsNothingUp);
    return suite;
}

GST_CHECK_MAIN(onvifbackchannel);
