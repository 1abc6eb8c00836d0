// Recordings with sound: what is in their files, and what may go wrong on the way there.
#include "player.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

namespace {

using std::string;

struct Folder {
    Folder() {
        char name[] = "/tmp/record-XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    /// In the order of their names.
    std::vector<string> files() const {
        std::vector<string> found;
        for (const auto& file : std::filesystem::directory_iterator(path))
            found.push_back(file.path());
        std::sort(found.begin(), found.end());
        return found;
    }
    string path;
};

/// Not live, so that nothing depends on how fast the machine is: a second of H.264 has 25 pictures
/// and a key frame.
string picture(int pictures, const string& more = {}) {
    return "videotestsrc num-buffers=" + std::to_string(pictures) + more +
           " ! video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! "
           "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! h264parse ! ";
}

/// 50 buffers make a second.
string sound(int buffers, const string& more = {}) {
    return " audiotestsrc samplesperbuffer=160 num-buffers=" + std::to_string(buffers) + more +
           " ! audio/x-raw,rate=8000,channels=1 ! ";
}

/// It waits for its streams, however busy the machine is.
string sink(const Folder& folder, const string& ending, const string& more = {}) {
    return "recordsink name=record wait-for-streams=60000 location=" + folder.path + "/%05d." +
           ending + (ending == "mp4" ? " container=mp4 " : " ") + more + " ";
}

/// What a file holds of one kind.
struct Kind {
    guint frames = 0;
    double begin = 1e9, end = -1;
};
struct Clip {
    Kind pictures, sounds;
};

GstPadProbeReturn note(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
    auto* clip = static_cast<Clip*>(data);
    const GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    const bool video = g_str_has_prefix(GST_PAD_NAME(pad), "video");
    Kind& kind = video ? clip->pictures : clip->sounds;
    const glue::Ref<GstEvent> event(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
    const GstSegment* segment = nullptr;
    gst_event_parse_segment(event.get(), &segment);
    guint64 value = 0; // the last frame of a file may go beyond its segment
    const int sign =
        gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer), &value);
    const double time = sign * (double(value) / GST_SECOND);
    kind.frames++;
    kind.begin = std::min(kind.begin, time);
    kind.end = std::max(kind.end, time);
    return GST_PAD_PROBE_OK;
}

void listen(GstElement* demuxer, GstPad* pad, gpointer clip) {
    const glue::Ref<GstElement> bin(GST_ELEMENT(gst_element_get_parent(demuxer)));
    GstElement* end = gst_element_factory_make("fakesink", nullptr);
    g_object_set(end, "async", FALSE, nullptr);
    gst_bin_add(GST_BIN(bin.get()), end);
    gst_element_sync_state_with_parent(end);
    const glue::Ref<GstPad> in(gst_element_get_static_pad(end, "sink"));
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, note, clip, nullptr);
    gst_pad_link(pad, in.get());
}

/// Reads a file to its end.
Clip read(const string& path) {
    Clip clip;
    const bool mp4 = g_str_has_suffix(path.c_str(), ".mp4");
    Player player("filesrc location=" + path + " ! " + (mp4 ? "qtdemux" : "matroskademux") +
                  " name=demux");
    g_signal_connect(player["demux"].get(), "pad-added", G_CALLBACK(listen), &clip);
    player.play();
    player.expectEnd();
    return clip;
}

/// To an AAC frame of 128 ms.
void expectNear(double value, double wanted) {
    fail_unless(value > wanted - 0.15 && value < wanted + 0.15, "%f, not about %f", value, wanted);
}

string textOf(Player& player) {
    player.play();
    player.expectError();
    return player.error;
}

constexpr const char* alaw = "alawenc ! record.audio_0 ";
constexpr const char* aac = "avenc_aac ! aacparse ! record.audio_0 ";

} // namespace

/// Each file has all of its time, of both, from its beginning on.
GST_START_TEST(filesWithSound) {
    const struct {
        const char *ending, *encoder;
    } rows[] = {{"mkv", alaw}, {"mkv", aac}, {"mp4", aac}};
    for (const auto& row : rows) {
        const Folder folder;
        Player player(picture(125) + sink(folder, row.ending, "max-size-time=2000000000") +
                      sound(250) + row.encoder);
        player.play();
        player.expectEnd();
        fail_unless_equals_int(player.told["recordsink-opened"], 3);
        fail_unless_equals_int(player.told["recordsink-closed"], 3);
        fail_unless_equals_uint64(player.stat("record", "left"), 0);
        fail_unless_equals_uint64(player.stat("record", "files"), 3);
        const auto files = folder.files();
        fail_unless_equals_int(int(files.size()), 3);
        for (std::size_t i = 0; i < files.size(); i++) {
            const Clip clip = read(files[i]);
            const double length = i < 2 ? 2 : 1;
            fail_unless_equals_int(int(clip.pictures.frames), int(25 * length));
            expectNear(clip.pictures.begin, 0);
            expectNear(clip.pictures.end, length);
            expectNear(clip.sounds.begin, 0);
            expectNear(clip.sounds.end, length);
        }
    }
}
GST_END_TEST

/// In each file, or from the next on, but never a reason to lose the picture.
GST_START_TEST(lateSound) {
    for (const char* ending : {"mkv", "mp4"}) {
        const Folder folder;
        Player player(picture(75) + sink(folder, ending) +
                      sound(125, " timestamp-offset=500000000") + aac);
        player.play();
        player.expectEnd();
        const auto files = folder.files();
        fail_unless_equals_int(int(files.size()), 1);
        const Clip clip = read(files[0]);
        fail_unless_equals_int(int(clip.pictures.frames), 75);
        expectNear(clip.sounds.begin, 0.5);
        expectNear(clip.sounds.end, 3);
    }
}
GST_END_TEST

GST_START_TEST(soundThatIsTooLateForTheFirstFile) {
    for (const char* ending : {"mkv", "mp4"}) {
        const Folder folder;
        Player player(picture(125) + sink(folder, ending, "wait-for-streams=500") +
                      sound(125, " timestamp-offset=2500000000") + aac);
        player.play();
        player.expectEnd();
        guint pictures = 0;
        double sounds = 0;
        const auto files = folder.files();
        for (const string& file : files) {
            const Clip clip = read(file);
            pictures += clip.pictures.frames;
            if (clip.sounds.frames > 0)
                sounds += clip.sounds.end - clip.sounds.begin;
        }
        fail_unless_equals_int(int(pictures), 125);
        expectNear(sounds, files.size() == 1 ? 2.5 : 2);
    }
}
GST_END_TEST

/// Neither a pad that nobody links nor one that never gets anything holds up the picture or its
/// end.
GST_START_TEST(cameraWithoutSound) {
    for (const char* ending : {"mkv", "mp4"})
        for (const char* without : {"", "appsrc is-live=true ! audio/x-alaw ! record.audio_0 ",
                                    "funnel ! record.audio_0 "}) {
            const Folder folder;
            Player player(picture(50) + sink(folder, ending, "wait-for-streams=500") + without);
            player.play();
            player.expectEnd();
            fail_unless_equals_int(int(folder.files().size()), 1);
            const Clip clip = read(folder.files()[0]);
            fail_unless_equals_int(int(clip.pictures.frames), 50);
            fail_unless_equals_int(int(clip.sounds.frames), 0);
        }
}
GST_END_TEST

GST_START_TEST(soundAlone) {
    const Folder folder;
    Player player(sink(folder, "mkv", "max-size-time=1000000000") + sound(100) + alaw);
    player.play();
    player.expectEnd();
    fail_unless_equals_int(int(folder.files().size()), 2);
    for (const string& file : folder.files())
        fail_unless_equals_int(int(read(file).sounds.frames), 50);
}
GST_END_TEST

/// The oldest makes room; what another start has left is nobody's to take.
GST_START_TEST(keepsAsManyAsAsked) {
    const Folder folder;
    const string others = folder.path + "/00001.mkv";
    std::ofstream(others) << "not ours";
    Player player(picture(125) + sink(folder, "mkv", "max-size-time=1000000000 max-files=2"));
    player.play();
    player.expectEnd();
    fail_unless_equals_int(player.told["recordsink-opened"], 5);
    const auto files = folder.files();
    fail_unless_equals_int(int(files.size()), 3);
    fail_unless(files[0] == others && std::filesystem::file_size(others) == 8);
    fail_unless(files[1] == folder.path + "/00004.mkv" && files[2] == folder.path + "/00005.mkv");
}
GST_END_TEST

/// A camera that was lost is back, with pictures of another size.
GST_START_TEST(anotherFormatGoesOnInANewFile) {
    for (const char* ending : {"mkv", "mp4"}) {
        const Folder folder;
        Player player(
            "concat name=c ! h264parse ! " + sink(folder, ending) + picture(25) + "c. " +
            "videotestsrc num-buffers=50 ! video/x-raw,width=320,height=240,framerate=25/1 ! "
            "x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! c. " +
            sound(150) + aac);
        player.play();
        player.expectEnd();
        const auto files = folder.files();
        fail_unless_equals_int(int(files.size()), 2);
        fail_unless_equals_int(int(read(files[0]).pictures.frames), 25);
        fail_unless_equals_int(int(read(files[1]).pictures.frames), 50);
        for (const string& file : files)
            fail_unless(read(file).sounds.frames > 5);
    }
}
GST_END_TEST

/// Without the end of the stream: stopping finishes the file all the same.
GST_START_TEST(stopsAtAnyTime) {
    for (const char* ending : {"mkv", "mp4"}) {
        const Folder folder;
        const string live =
            "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! x264enc "
            "tune=zerolatency key-int-max=10 ! h264parse ! ";
        for (int run = 0; run < 4; run++) {
            Player player(live + sink(folder, ending) +
                          " audiotestsrc is-live=true ! audioconvert ! " + aac);
            player.play();
            for (int i = 0; run > 1 && i < 2400 && player.stat("record", "frames") < 30; i++)
                g_usleep(50000);
            if (run % 2 == 0)
                player.stop();
            else {
                player.sendEnd();
                player.expectEnd();
            }
        }
        const auto files = folder.files();
        fail_unless(files.size() >= 2);
        for (const string& file : files) {
            const Clip clip = read(file); // what came first may have been sound alone
            fail_unless(clip.pictures.frames + clip.sounds.frames >= 1, "%s", file.c_str());
        }
    }
}
GST_END_TEST

/// What is there can be played, though the file has no end.
GST_START_TEST(whatIsWrittenCanBeRead) {
    for (const char* ending : {"mkv", "mp4"}) {
        const Folder folder;
        const string copy = folder.path + "/copy." + ending;
        Player player("videotestsrc is-live=true ! "
                      "video/x-raw,width=160,height=120,framerate=25/1 ! x264enc tune=zerolatency "
                      "key-int-max=25 ! h264parse ! " +
                      sink(folder, ending) + " audiotestsrc is-live=true ! audioconvert ! " + aac);
        player.play();
        for (int i = 0; i < 2400 && player.stat("record", "frames") < 300; i++)
            g_usleep(50000);
        fail_unless(player.stat("record", "frames") >= 300);
        const string file = folder.files()[0];
        fail_unless(support::becomes([&] {
            std::filesystem::copy_file(file, copy,
                                       std::filesystem::copy_options::overwrite_existing);
            const Clip clip = read(copy);
            return clip.pictures.end > 2 && clip.sounds.end > 2;
        }));
        player.stop();
    }
}
GST_END_TEST

/// A disk that takes nothing for a while: others see every picture, and what was lost is counted.
GST_START_TEST(slowDiskHoldsNobody) {
    signal(SIGPIPE, SIG_IGN); // what was given up writes on until the pipe is closed
    const Folder folder;
    const string pipe = folder.path + "/00000.mkv";
    fail_unless(mkfifo(pipe.c_str(), 0600) == 0);
    const int reader = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK);
    fail_unless(reader >= 0);
    Player player("videotestsrc is-live=true pattern=snow ! "
                  "video/x-raw,format=I420,width=640,height=480,framerate=25/1 ! tee name=t "
                  "t. ! queue ! fakesink name=other sync=false "
                  "t. ! queue ! jpegenc ! " +
                  sink(folder, "mkv", "max-bytes=1048576 end-timeout=100"));
    player.play();
    for (int i = 0; i < 2400 && player.stat("record", "dropped") == 0; i++)
        g_usleep(50000);
    fail_unless(player.stat("record", "dropped") > 0);
    const guint seen = player.count("other");
    player.expectBuffers("other", seen + 25);
    player.stop(); // though it could not finish
    ::close(reader);
}
GST_END_TEST

GST_START_TEST(saysWhatIsWrong) {
    const Folder folder;
    {
        Player player(picture(50) + sink(folder, "mp4") + sound(100) + alaw);
        const string text = textOf(player);
        fail_unless(text.find("MP4 cannot hold") == 0 && text.find("AAC") != string::npos &&
                        text.find("container=matroska") != string::npos,
                    "%s", text.c_str());
    }
    { // what else a location may have is for the core's test
        Player player(picture(50) + "recordsink location=/not/there/%05d.mkv");
        fail_unless(textOf(player).find("There is no folder /not/there") == 0, "%s",
                    player.error.c_str());
    }
    {
        std::filesystem::create_symlink("/dev/full", folder.path + "/00000.mkv");
        Player player(picture(50) + sink(folder, "mkv"));
        fail_unless(textOf(player).find("The disk is full") == 0, "%s (%s)", player.error.c_str(),
                    player.details.c_str());
    }
}
GST_END_TEST

/// Nothing is left open by recordings that came and went, whatever had become of them.
GST_START_TEST(leavesNothingBehind) {
    const Folder folder;
    const auto once = [&] {
        Player player(picture(30) + sink(folder, "mkv") + sound(60) + alaw);
        player.play();
        player.expectEnd();
        player.stop();
        player.play(); // once more, with the same element
        player.stop();
    };
    once();
    const std::size_t descriptors = support::descriptors();
    for (int i = 0; i < 10; i++)
        once();
    fail_unless(support::becomes([&] { return support::descriptors() <= descriptors; }),
                "%zu descriptors, %zu before", support::descriptors(), descriptors);
}
GST_END_TEST

static Suite* recordsink_suite() {
    Suite* suite = suite_create("recordsink");
    TCase* tests = tcase_create("recordsink");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, filesWithSound);
    tcase_add_test(tests, lateSound);
    tcase_add_test(tests, soundThatIsTooLateForTheFirstFile);
    tcase_add_test(tests, cameraWithoutSound);
    tcase_add_test(tests, soundAlone);
    tcase_add_test(tests, keepsAsManyAsAsked);
    tcase_add_test(tests, anotherFormatGoesOnInANewFile);
    tcase_add_test(tests, stopsAtAnyTime);
    tcase_add_test(tests, whatIsWrittenCanBeRead);
    tcase_add_test(tests, slowDiskHoldsNobody);
    tcase_add_test(tests, saysWhatIsWrong);
    tcase_add_test(tests, leavesNothingBehind);
    return suite;
}

GST_CHECK_MAIN(recordsink);
