// Recordings of the virtual camera (Profile G), as section "Playback" of the ONVIF streaming
// specification wants them.
#include "rtspdialogue.hpp"
#include "support/gstreplay.hpp"

namespace {

constexpr const char* require = "Require: onvif-replay\r\n";
constexpr int frameMilliseconds = 100; ///< the recordings have ten a second

/// An access unit, by the header extension of its first packet.
struct Unit {
    int at; ///< milliseconds since the recording began
    bool clean, end, gap, terminal;
    unsigned cseq;
    std::uint32_t rtpTime;
};

std::uint32_t number(const std::string& bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return value;
}

/// Nothing for a packet without the extension.
std::optional<Unit> unitOf(const std::string& packet, const camera::Recording& recording) {
    if (!(packet[0] & 0x10))
        return {};
    fail_unless_equals_int(packet[0] & 0x0f, 0);
    fail_unless_equals_int(number(packet, 12, 2), 0xabac);
    fail_unless_equals_int(number(packet, 14, 2), 3);
    const GstClockTime milliseconds = camera::ntpTime(recording.from) / GST_MSECOND;
    const auto from = static_cast<double>(milliseconds); // exact in a double
    const double at = number(packet, 16, 4) * 1000.0 + number(packet, 20, 4) * 1000.0 / 4294967296;
    const std::uint32_t bits = number(packet, 24, 1);
    fail_unless_equals_int(bits & 0x0f, 0);
    return Unit{static_cast<int>(at - from + 0.5),
                (bits & 0x80) != 0,
                (bits & 0x40) != 0,
                (bits & 0x20) != 0,
                (bits & 0x10) != 0,
                number(packet, 25, 1),
                number(packet, 4, 4)};
}

std::string range(const camera::Recording& recording, int from, int until = -1) {
    const auto clock = [&](int milliseconds) {
        return camera::rtspClock(recording.from + std::chrono::milliseconds(milliseconds));
    };
    return "Range: clock=" + clock(from) + "-" + (until < 0 ? "" : clock(until)) + "\r\n";
}

struct Replay {
    explicit Replay(const std::string& headers, std::size_t most = 1000)
        : recording(camera.recordings()[1]), rtsp(camera.replayUrl(recording)) {
        rtsp.setUp(require);
        play(headers, most);
    }
    /// The units that come, until the last is told or there are enough.
    void play(const std::string& headers, std::size_t most = 1000) {
        units.clear();
        answer = rtsp.ask("PLAY", require + headers);
        fail_unless(says(answer, "RTSP/1.0 200 "), "%s", answer.c_str());
        while (units.size() < most) {
            const auto packet = rtsp.packet();
            if (!packet)
                break;
            const auto unit = unitOf(*packet, recording);
            if (!unit || unit->cseq != (rtsp.cseq() & 0xff))
                continue; // of the PLAY before
            if (!units.empty() && unit->at == units.back().at)
                units.back().end |= unit->end, units.back().terminal |= unit->terminal;
            else
                units.push_back(*unit);
            if (unit->terminal)
                break;
        }
        fail_if(units.empty(), "nothing came");
    }

    camera::VirtualCamera camera{small()};
    camera::Recording recording;
    RtspDialogue rtsp;
    std::string answer;
    std::vector<Unit> units;
};

} // namespace

GST_START_TEST(fromOneMomentToAnother) {
    Replay replay("", 1);
    replay.play(range(replay.recording, 5500, 7000) + "Rate-Control: no\r\nImmediate: yes\r\n");
    const auto& units = replay.units;
    fail_unless(says(replay.rtsp.sdp, "a=range:clock=" + camera::rtspClock(replay.recording.from)),
                "%s", replay.rtsp.sdp.c_str());
    fail_unless(says(replay.rtsp.sdp, std::string("a=x-onvif-track:") + camera::videoTrack));
    fail_unless(says(replay.answer, "Rate-Control: no") && says(replay.answer, "Range: clock="),
                "%s", replay.answer.c_str());
    // From the clean point before the moment.
    fail_unless_equals_int(units.front().at, 5000);
    fail_unless(units.front().clean && units.front().gap);
    fail_unless_equals_int(units.size(), 20);
    for (std::size_t i = 1; i < units.size(); ++i) {
        fail_unless_equals_int(units[i].at - units[i - 1].at, frameMilliseconds);
        fail_unless_equals_int(units[i].clean, units[i].at % 1000 == 0);
        fail_if(units[i].gap);
        fail_unless_equals_int(units[i].rtpTime - units[i - 1].rtpTime, 9000);
        fail_unless_equals_int(units[i].cseq, replay.rtsp.cseq() & 0xff);
        fail_if(i + 1 < units.size() && (units[i].end || units[i].terminal));
    }
    fail_unless(units.back().end && units.back().terminal, "the end is not told");
    // The same session goes elsewhere.
    replay.play(range(replay.recording, 60000, 61000) + "Rate-Control: no\r\nImmediate: yes\r\n");
    fail_unless_equals_int(units.front().at, 60000);
    fail_unless(units.front().gap && units.front().clean);
}
GST_END_TEST

GST_START_TEST(backwards) {
    Replay replay("", 1);
    replay.play(range(replay.recording, 8450, 6200) + "Rate-Control: no\r\nScale: -1.0\r\n");
    fail_unless(says(replay.answer, "Scale: -1.0"), "%s", replay.answer.c_str());
    // The last group of pictures first, each in its own order.
    int last = -1;
    std::vector<int> groups;
    for (const Unit& unit : replay.units) {
        fail_unless_equals_int(unit.clean, unit.at % 1000 == 0);
        fail_unless_equals_int(unit.gap, unit.clean);
        if (unit.clean)
            groups.push_back(unit.at / 1000);
        else
            fail_unless_equals_int(unit.at, last + frameMilliseconds);
        last = unit.at;
    }
    fail_unless(groups == std::vector<int>({8, 7, 6}));
    fail_unless_equals_int(last, 6900);
}
GST_END_TEST

GST_START_TEST(keyFramesAlone) {
    Replay replay("", 1);
    const struct {
        const char* frames;
        int apart;
    } wishes[] = {{"Frames: intra\r\n", 1000},
                  {"Frames: intra/4000\r\n", 4000},
                  {"Frames: all\r\n", 100},
                  {"Frames: predicted\r\n", 100}};
    for (const auto& wish : wishes) {
        replay.play(range(replay.recording, 10500) + "Rate-Control: no\r\n" + wish.frames, 8);
        for (std::size_t i = 1; i < replay.units.size(); ++i)
            fail_unless_equals_int(replay.units[i].at - replay.units[i - 1].at, wish.apart);
    }
    // Twice as fast means half the time between two frames.
    replay.play(range(replay.recording, 10500) + "Scale: 2.0\r\n", 8);
    for (std::size_t i = 1; i < replay.units.size(); ++i)
        fail_unless_equals_int(replay.units[i].rtpTime - replay.units[i - 1].rtpTime, 4500);
}
GST_END_TEST

/// A stock client that is helped to say from when: the pictures are that moment's.
GST_START_TEST(stockClientsSeeTheMoment) {
    const camera::VirtualCamera camera(small());
    const camera::Recording recording = camera.recordings().front();
    Player player("rtspsrc name=r protocols=tcp location=" + camera.replayUrl(recording) +
                  " ! rtph264depay ! avdec_h264 ! videoconvert ! video/x-raw,format=BGRx ! "
                  "appsink name=out sync=false max-buffers=2");
    std::string moment = range(recording, 1234000).substr(7); // "Range: " is another's
    moment.resize(moment.size() - 2);
    const auto say = +[](GstElement*, GstRTSPMessage* message, gpointer data) -> gboolean {
        if (message->type == GST_RTSP_MESSAGE_REQUEST &&
            message->type_data.request.method == GST_RTSP_PLAY) {
            gst_rtsp_message_remove_header(message, GST_RTSP_HDR_RANGE, -1);
            gst_rtsp_message_add_header(message, GST_RTSP_HDR_RANGE,
                                        static_cast<std::string*>(data)->c_str());
            gst_rtsp_message_add_header(message, GST_RTSP_HDR_REQUIRE, "onvif-replay");
        }
        return TRUE;
    };
    g_signal_connect(player["r"].get(), "before-send", G_CALLBACK(say), &moment);
    player.play();
    for (std::uint32_t i = 0; i < 15; ++i)
        fail_unless_equals_int(numberOf(pull(player, "out").get()), 12340 + i);
}
GST_END_TEST

static Suite* camerareplay_suite() {
    Suite* suite = suite_create("camerareplay");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, fromOneMomentToAnother);
    tcase_add_test(tests, backwards);
    tcase_add_test(tests, keyFramesAlone);
    tcase_add_test(tests, stockClientsSeeTheMoment);
    return suite;
}

GST_CHECK_MAIN(camerareplay);
