// The virtual camera that shows a file.
#include "base/error.hpp"
#include "webwatch.hpp"

#include <cstdio>
#include <fstream>

namespace {

/// A clip of `frames` frames at 10 fps in a file of the test's own.
std::string makeClip(const std::string& encoder, int frames) {
    const std::string path =
        std::string(g_get_tmp_dir()) + "/virtualcamera-" + std::to_string(getpid()) + ".mp4";
    Player writer(
        "videotestsrc num-buffers=" + std::to_string(frames) +
        " ! video/x-raw,format=I420,width=320,height=240,framerate=10/1 ! " + encoder +
        " ! h264parse ! mp4mux name=mux ! filesink name=out location=" + path +
        " audiotestsrc num-buffers=" + std::to_string(frames) +
        " samplesperbuffer=800 ! audio/x-raw,rate=8000,channels=1 ! avenc_aac ! aacparse ! mux.");
    writer.play();
    writer.expectErrorOrEnd();
    fail_unless(writer.ended, "%s", writer.error.c_str());
    return path;
}

} // namespace

/// Twelve frames, shown for thirty: rounds join without a gap, and what can go out as it is does.
GST_START_TEST(clipsLoopSeamlessly) {
    const struct {
        const char* encoder;
        bool passes;
    } kinds[] = {
        {"x264enc bframes=0 b-adapt=false key-int-max=6", true},
        {"x264enc bframes=2 b-adapt=false key-int-max=6 ! video/x-h264,profile=main", false}};
    for (const auto& kind : kinds) {
        auto settings = small();
        settings.file = makeClip(kind.encoder, 12);
        {
            const camera::VirtualCamera camera(settings);
            fail_unless(says(camera.remark(), kind.passes ? "as it is" : "B-frames"), "%s",
                        camera.remark().c_str());
            for (const char* token : {"main", "sub"}) {
                Player player(
                    "rtspsrc name=r protocols=tcp location=" + camera.rtspUrl(token) +
                    " r. ! application/x-rtp,media=video ! rtph264depay ! "
                    "video/x-h264,alignment=au ! appsink name=out sync=false "
                    "r. ! application/x-rtp,media=audio ! rtpmp4gdepay ! appsink name=sound "
                    "sync=false");
                player.play();
                GstClockTime first = GST_CLOCK_TIME_NONE;
                for (int i = 0; i < 30; ++i) {
                    const auto sample = pull(player, "out");
                    const GstClockTime at = GST_BUFFER_PTS(gst_sample_get_buffer(sample.get()));
                    if (i == 0)
                        first = at;
                    const auto off = static_cast<GstClockTimeDiff>(at - first) -
                                     static_cast<GstClockTimeDiff>(i * 100 * GST_MSECOND);
                    fail_unless(std::abs(off) < 60 * static_cast<GstClockTimeDiff>(GST_MSECOND),
                                "frame %d is %" G_GINT64_FORMAT " ns off", i, off);
                }
                pull(player, "sound");
            }
            const std::string picture = askWeb(camera, request("GET", "/snapshot/main"));
            fail_unless(says(picture, "image/jpeg"));
        }
        std::remove(settings.file.c_str());
    }
}
GST_END_TEST

GST_START_TEST(filesThatAreNoClips) {
    const std::string path = std::string(g_get_tmp_dir()) + "/noclip-" + std::to_string(getpid());
    std::ofstream(path) << "This is no film.";
    for (const std::string& file : {path, std::string("/nowhere/clip.mp4"), std::string("/tmp")}) {
        auto settings = small();
        settings.file = file;
        try {
            const camera::VirtualCamera camera(settings);
            ck_abort_msg("shows %s", file.c_str());
        } catch (const base::Error& error) {
            fail_unless(says(error.what(), file), "%s", error.what());
        }
    }
    std::remove(path.c_str());
}
GST_END_TEST

static Suite* virtualcameraclip_suite() {
    Suite* suite = suite_create("virtualcameraclip");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, clipsLoopSeamlessly);
    tcase_add_test(tests, filesThatAreNoClips);
    return suite;
}

GST_CHECK_MAIN(virtualcameraclip);
