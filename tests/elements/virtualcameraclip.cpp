// The virtual camera that shows a file.
#include "base/error.hpp"
#include "webwatch.hpp"

#include <gst/rtp/gstrtpbuffer.h>

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

/// The RTP time of the next packet, in ticks of 90 kHz: what the camera says itself, while the
/// client's clock follows the arrival of its packets.
guint32 nextTime(Player& player, const char* sink) {
    const auto sample = pull(player, sink);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    fail_unless(gst_rtp_buffer_map(gst_sample_get_buffer(sample.get()), GST_MAP_READ, &rtp));
    const guint32 time = gst_rtp_buffer_get_timestamp(&rtp);
    gst_rtp_buffer_unmap(&rtp);
    return time;
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
                    " r. ! application/x-rtp,media=video ! appsink name=out sync=false "
                    "r. ! application/x-rtp,media=audio ! rtpmp4gdepay ! appsink name=sound "
                    "sync=false");
                player.play();
                const guint32 first = nextTime(player, "out");
                guint32 time = first;
                for (int i = 1; i < 30; ++i) {
                    const guint32 before = time;
                    while (time == before) // a frame has several packets
                        time = nextTime(player, "out");
                    const auto off = static_cast<gint32>(time - first) - i * 9000;
                    fail_unless(std::abs(off) < 90, "frame %d is %d ticks off", i, off);
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

/// The pipeline is opened once, both profiles and the snapshot show it.
GST_START_TEST(showsAPipeline) {
    auto settings = small();
    settings.launch = "videotestsrc is-live=true pattern=red ! video/x-raw,width=640,height=480";
    const camera::VirtualCamera camera(settings);
    for (const char* token : {"main", "sub"}) {
        Player player("rtspsrc protocols=tcp location=" + camera.rtspUrl(token) +
                      " ! rtph264depay ! avdec_h264 ! videoconvert ! "
                      "video/x-raw,format=RGB ! appsink name=out sync=false");
        player.play();
        bool red = false;
        for (int i = 0; i < 200 && !red; i++) {
            const auto sample = pull(player, "out");
            GstMapInfo map;
            gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ);
            const guint8* middle = map.data + (180 * 640 + 320) * 3; // beside it are bars
            red = middle[0] > 180 && middle[1] < 80 && middle[2] < 80;
            gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
        }
        fail_unless(red, "%s never shows the pipeline's picture", token);
    }
}
GST_END_TEST

GST_START_TEST(pipelinesThatAreNone) {
    for (const char* line :
         {"nosuchelement", "videotestsrc ! !", "filesrc location=/nowhere ! decodebin"}) {
        auto settings = small();
        settings.launch = line;
        try {
            const camera::VirtualCamera camera(settings);
            ck_abort_msg("%s was taken", line);
        } catch (const base::Error& error) {
            fail_unless(says(error.what(), "--launch"), "%s", error.what());
        }
    }
}
GST_END_TEST

static Suite* virtualcameraclip_suite() {
    Suite* suite = suite_create("virtualcameraclip");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, clipsLoopSeamlessly);
    tcase_add_test(tests, filesThatAreNoClips);
    tcase_add_test(tests, showsAPipeline);
    tcase_add_test(tests, pipelinesThatAreNone);
    return suite;
}

GST_CHECK_MAIN(virtualcameraclip);
