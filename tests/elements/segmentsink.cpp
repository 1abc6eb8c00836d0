// HLS and DASH as ffmpeg reads them, and what pipelines do to them: changes, gaps, ends, restarts.
#include "support/whepstage.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace support;

namespace {

const std::string avc = h264 + "h264parse ! ";
const std::string sound =
    " audiotestsrc is-live=true ! audio/x-raw,rate=48000 ! avenc_aac ! aacparse ! w.audio_0";

std::string folderOf(const Stage& stage) {
    const std::string url = stage.page(), tail = "hls/index.m3u8";
    fail_unless(url.size() > tail.size(), "nothing is served");
    return url.substr(0, url.size() - tail.size());
}

net::HttpResponse get(const Stage& stage, const std::string& path, net::HttpHeaders headers = {}) {
    return WhepClient::ask("GET", folderOf(stage) + path, std::move(headers));
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Waits until the answer has that in it.
std::string says(const Stage& stage, const std::string& path, const std::string& part) {
    std::string body;
    const bool found = Stage::wait(120s, [&] {
        body = get(stage, path).body;
        return has(body, part);
    });
    fail_unless(found, "%s has no %s: %s %s", path.c_str(), part.c_str(), body.c_str(),
                stage.error().c_str());
    return body;
}

/// What ffmpeg writes when it has decoded a second and a half.
std::string ffmpeg(const std::string& url, const std::string& options = "") {
    const std::string command = "timeout 180 ffmpeg -hide_banner -nostats " + options + " -i '" +
                                url + "' -t 1.5 -f null - 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    fail_unless(pipe != nullptr);
    std::string text;
    char line[1024];
    while (fgets(line, sizeof line, pipe))
        text += line;
    fail_unless_equals_int(pclose(pipe), 0);
    return text;
}

} // namespace

GST_START_TEST(ffmpegPlaysBoth) {
    Stage stage(picture + avc +
                "segmentsink name=w port=0 path=yard segment-duration=500 playlist-length=40" +
                sound);
    stage.play();
    says(stage, "hls/index.m3u8", "AUDIO=");
    says(stage, "hls/video_0.m3u8", "video_0/2.m4s");
    for (const char* path : {"hls/index.m3u8", "dash/manifest.mpd"}) {
        const std::string text = ffmpeg(folderOf(stage) + path);
        fail_unless(has(text, "h264") && has(text, "aac") && has(text, "frame="), "%s",
                    text.c_str());
    }
    fail_unless(has(get(stage, "../metrics").body, "video_stream_segments_served_total"));
    fail_unless(stage.stat("served") > 0 && stage.stat("periods") == 1);
}
GST_END_TEST

/// A jitter buffer puts two pictures at one time where a camera's clock seems to fall back, and
/// h264parse then leaves the second without any.
GST_START_TEST(picturesWithoutATimeAreKept) {
    Stage stage(picture + h264 +
                "identity name=twice ! h264parse ! segmentsink name=w port=0 segment-duration=500");
    const Ref<GstElement> identity(gst_bin_get_by_name(GST_BIN(stage.pipeline()), "twice"));
    const Ref<GstPad> pad(gst_element_get_static_pad(identity.get(), "src"));
    struct Twice {
        guint frames = 0;
        GstClockTime before = GST_CLOCK_TIME_NONE;
    } twice;
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            auto* seen = static_cast<Twice*>(data);
            GstBuffer* frame = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
            GST_PAD_PROBE_INFO_DATA(info) = frame;
            if (seen->frames++ % 25 == 5)
                GST_BUFFER_PTS(frame) = seen->before;
            GST_BUFFER_DTS(frame) = GST_CLOCK_TIME_NONE;
            seen->before = GST_BUFFER_PTS(frame);
            return GST_PAD_PROBE_OK;
        },
        &twice, nullptr);
    stage.play();
    says(stage, "hls/video_0.m3u8", "video_0/2.m4s");
    const std::string text = ffmpeg(folderOf(stage) + "hls/index.m3u8", "-loglevel debug");
    // All that it says is too much for Check.
    fail_unless(has(text, "frame="));
    fail_unless(!has(text, "Frame num gap"), "a picture is missing");
    fail_unless(stage.stat("periods") == 1);
}
GST_END_TEST

GST_START_TEST(transportStreamsArePlayed) {
    Stage stage(picture + avc +
                "segmentsink name=w port=0 segment-duration=500 playlist-length=40 container=ts "
                "encryption=aes-128" +
                sound);
    stage.play();
    says(stage, "hls/index.m3u8", "AUDIO=");
    const std::string list = says(stage, "hls/video_0.m3u8", "video_0/2.ts");
    fail_unless(!has(list, "EXT-X-MAP") && has(list, "METHOD=AES-128"), "%s", list.c_str());
    const std::string text = ffmpeg(folderOf(stage) + "hls/index.m3u8");
    fail_unless(has(text, "h264") && has(text, "aac") && has(text, "frame="), "%s", text.c_str());
    fail_unless_equals_int(get(stage, "dash/manifest.mpd").status, 404);
    fail_unless_equals_int(get(stage, "hls/video_0/init-0.mp4").status, 404);
    fail_unless(stage.stat("periods") == 1);
    // What players of MPEG-TS do not know.
    Stage wrong(picture + vp9 + "segmentsink name=w port=0 container=ts");
    wrong.play();
    const std::string error = wrong.error(120s);
    fail_unless(has(error, "MPEG-TS cannot hold VP9"), "%s", error.c_str());
}
GST_END_TEST

GST_START_TEST(partsAreWaitedFor) {
    Stage stage(picture + avc +
                "segmentsink name=w port=0 segment-duration=1000 part-duration=200 "
                "playlist-length=40" +
                sound);
    stage.play();
    says(stage, "hls/index.m3u8", "AUDIO=");
    const auto nextIn = [](const std::string& list) {
        const std::string mark = "PRELOAD-HINT:TYPE=PART,URI=\"";
        const auto from = list.find(mark);
        fail_unless(from != std::string::npos, "%s", list.c_str());
        return list.substr(from + mark.size(),
                           list.find('"', from + mark.size()) - from - mark.size());
    };
    const std::string list = says(stage, "hls/video_0.m3u8", "PRELOAD-HINT");
    const std::string hint = nextIn(list);
    const unsigned long segment = std::stoul(hint.substr(8));
    // The part that is announced, and the playlist with one of the segment after it.
    const auto part = get(stage, "hls/" + hint);
    fail_unless_equals_int(part.status, 200);
    fail_unless(part.body.compare(4, 4, "moof") == 0);
    const std::string ahead = "hls/video_0.m3u8?_HLS_msn=" + std::to_string(segment + 1);
    const auto later = get(stage, ahead + "&_HLS_part=1");
    fail_unless_equals_int(later.status, 200);
    fail_unless(has(later.body, "video_0/" + std::to_string(segment) + ".m4s"));
    fail_unless(has(later.body, "video_0/" + std::to_string(segment + 1) + ".1.m4s"));
    fail_unless_equals_int(get(stage, "hls/video_0.m3u8?_HLS_msn=99999").status, 400);
    fail_unless_equals_int(get(stage, "hls/video_7.m3u8?_HLS_msn=0").status, 404);
    fail_unless_equals_int(get(stage, "hls/video_0/99999.0.m4s").status, 404);
    fail_unless(stage.stat("parts-served") == 1);
    const std::string text = ffmpeg(folderOf(stage) + "hls/index.m3u8");
    fail_unless(has(text, "h264") && has(text, "aac") && has(text, "frame="), "%s", text.c_str());
}
GST_END_TEST

GST_START_TEST(nobodyWaitsForEver) {
    Stage stage(picture + avc +
                "segmentsink name=w port=0 segment-duration=1000 part-duration=200");
    stage.play();
    says(stage, "hls/video_0.m3u8", "PRELOAD-HINT");
    gst_element_set_state(stage.pipeline(), GST_STATE_PAUSED);
    const std::string list = get(stage, "hls/video_0.m3u8").body;
    const auto from = list.rfind("video_0/");
    const std::string next = std::to_string(std::stoul(list.substr(from + 8)) + 1);
    const std::string path = "hls/video_0.m3u8?_HLS_msn=" + next;
    const unsigned most = 200; // more than may wait
    std::vector<std::thread> threads;
    std::atomic<unsigned> refused{0};
    for (unsigned i = 0; i < most; i++)
        threads.emplace_back([&] { refused += get(stage, path).status == 503; });
    for (std::thread& thread : threads)
        thread.join();
    fail_unless_equals_int(refused, most);
    // Who waits when it ends is told.
    std::thread waiting([&] { get(stage, path); });
    std::this_thread::sleep_for(200ms);
    Stage wrong(picture + avc + "segmentsink name=w port=0 part-duration=200 encryption=aes-128");
    fail_unless_equals_int(wrong.set(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
    fail_unless(has(wrong.error(), "set part-duration=0"));
    waiting.join();
}
GST_END_TEST

GST_START_TEST(windowIsBounded) {
    Stage stage(picture + avc + "segmentsink name=w port=0 segment-duration=500 playlist-length=8");
    stage.play();
    const std::string early = says(stage, "hls/video_0.m3u8", "video_0/0.m4s");
    fail_unless_equals_int(get(stage, "hls/video_0/0.m4s").status, 200);
    says(stage, "hls/video_0.m3u8", "video_0/24.m4s");
    fail_unless_equals_int(get(stage, "hls/video_0/0.m4s").status, 404);
    fail_unless_equals_int(get(stage, "dash/video_0/0.m4s").status, 404);
    fail_unless_equals_int(get(stage, "hls/video_0/24.m4s").status, 200);
    fail_unless(stage.stat("gone") == 2);
}
GST_END_TEST

GST_START_TEST(whatIsNotThere) {
    Stage stage(picture + avc + "segmentsink name=w port=0 segment-duration=500");
    stage.set(GST_STATE_READY);
    fail_unless_equals_int(get(stage, "hls/index.m3u8").status, 503);
    fail_unless_equals_int(get(stage, "dash/manifest.mpd").status, 503);
    stage.play();
    says(stage, "hls/video_0.m3u8", "#EXTINF");
    for (const char* path :
         {"hls/", "hls", "hls/video_7.m3u8", "hls/video_0/", "hls/video_0/init-9.mp4",
          "hls/video_0/-1.m4s", "hls/video_0/99999999999999999999.m4s", "hls/video_0/x.m4s",
          "hls/%2e%2e/video_0/0.m4s", "hls/key.bin", "dash/index.m3u8", "dash/"})
        fail_unless_equals_int(get(stage, path).status, 404);
    fail_unless_equals_int(WhepClient::ask("POST", stage.page()).status, 405);
    fail_unless_equals_int(
        get(stage, "hls/index.m3u8", {{"Origin", "http://elsewhere.example"}}).status, 403);
}
GST_END_TEST

GST_START_TEST(endIsTold) {
    Stage stage("videotestsrc num-buffers=60 ! video/x-raw,width=320,height=180,framerate=25/1 ! " +
                avc + "segmentsink name=w port=0 segment-duration=500 playlist-length=10");
    stage.play();
    fail_unless(stage.message(GST_MESSAGE_EOS, 120s) != nullptr, "%s", stage.error().c_str());
    says(stage, "hls/video_0.m3u8", "#EXT-X-ENDLIST");
    fail_unless(has(get(stage, "dash/manifest.mpd").body, "type=\"static\""));
    // All of it is there: a player that comes now sees every picture.
    fail_unless(stage.stat("frames") == 60);
    fail_unless(has(ffmpeg(folderOf(stage) + "hls/index.m3u8"), "frame="));
    // Once more from the beginning.
    stage.set(GST_STATE_READY);
    fail_unless_equals_int(get(stage, "hls/index.m3u8").status, 503);
    stage.play();
    says(stage, "hls/video_0.m3u8", "#EXT-X-ENDLIST");
}
GST_END_TEST

GST_START_TEST(changeIsDiscontinuity) {
    Stage stage("videotestsrc is-live=true ! videoscale ! capsfilter name=size "
                "caps=video/x-raw,width=320,height=180,framerate=25/1 ! " +
                avc + "segmentsink name=w port=0 segment-duration=500 playlist-length=40" + sound);
    stage.play();
    says(stage, "hls/video_0.m3u8", "video_0/1.m4s");
    const Ref<GstElement> size(gst_bin_get_by_name(GST_BIN(stage.pipeline()), "size"));
    gst_util_set_object_arg(G_OBJECT(size.get()), "caps",
                            "video/x-raw,width=640,height=360,framerate=25/1");
    const std::string text = says(stage, "hls/video_0.m3u8", "init-1.mp4");
    fail_unless(text.find("#EXT-X-DISCONTINUITY\n") < text.find("video_0/init-1.mp4"));
    // The sound has its discontinuity at the same place.
    says(stage, "hls/audio_0.m3u8", "#EXT-X-DISCONTINUITY\n");
    says(stage, "hls/index.m3u8", "640x360");
    fail_unless(has(get(stage, "dash/manifest.mpd").body, "<Period id=\"1\""));
    fail_unless(stage.stat("periods") == 2);
}
GST_END_TEST

GST_START_TEST(keyNeedsLogin) {
    Stage stage(picture + avc +
                "segmentsink name=w port=0 segment-duration=500 encryption=aes-128 "
                "auth=token:0123456789abcdef0123");
    stage.play();
    const net::HttpHeaders token = {{"Authorization", "Bearer 0123456789abcdef0123"}};
    const bool live =
        Stage::wait(120s, [&] { return get(stage, "hls/video_0.m3u8", token).status == 200; });
    fail_unless(live, "%s", stage.error().c_str());
    fail_unless_equals_int(get(stage, "hls/key.bin").status, 401);
    fail_unless_equals_int(get(stage, "hls/video_0.m3u8").status, 401);
    fail_unless_equals_int(get(stage, "dash/manifest.mpd", token).status, 404);
    fail_unless(get(stage, "hls/key.bin", token).body.size() == 16);
    const std::string text =
        ffmpeg(stage.page(), "-headers 'Authorization: Bearer 0123456789abcdef0123\r\n'");
    fail_unless(has(text, "h264") && has(text, "frame="), "%s", text.c_str());
}
GST_END_TEST

static Suite* segmentsink_suite() {
    Suite* suite = suite_create("segmentsink");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, ffmpegPlaysBoth);
    tcase_add_test(tests, picturesWithoutATimeAreKept);
    tcase_add_test(tests, transportStreamsArePlayed);
    tcase_add_test(tests, partsAreWaitedFor);
    tcase_add_test(tests, nobodyWaitsForEver);
    tcase_add_test(tests, windowIsBounded);
    tcase_add_test(tests, whatIsNotThere);
    tcase_add_test(tests, endIsTold);
    tcase_add_test(tests, changeIsDiscontinuity);
    tcase_add_test(tests, keyNeedsLogin);
    return suite;
}

GST_CHECK_MAIN(segmentsink);
