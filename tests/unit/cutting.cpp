#include "cutting.hpp"

#include "check.hpp"

using record::Cutting;
using record::Frame;
using record::Step;
using namespace std::chrono_literals;

namespace {

/// Two streams with times in milliseconds: pictures are stream 0, sound is stream 1. What is done
/// is written down in one line: B01 begins a file of both streams, 0@40 writes a picture at 40 ms
/// of it, S1 says that the sound is silent, E ends the file, K asks for a key frame.
class Script {
public:
    explicit Script(const Cutting::Settings& settings) : cutting(settings) {
        cutting.addStream(true);
        cutting.addStream(false);
        cutting.start(0);
        cutting.start(1);
    }
    explicit Script(std::chrono::milliseconds file = 1s)
        : Script(Cutting::Settings{file, 500ms, 100000}) {}

    void picture(int time, bool key = false, std::size_t bytes = 100) { push(0, time, key, bytes); }
    void sound(int time) { push(1, time, true, 10); }
    /// Pictures every 40 ms, the first a key frame, and with a key frame every `group`.
    void pictures(int from, int until, int group = 400) {
        for (int time = from; time < until; time += 40)
            picture(time, (time - from) % group == 0);
    }
    void sounds(int from, int until) {
        for (int time = from; time < until; time += 100)
            sound(time);
    }
    void end() {
        cutting.end(0);
        cutting.end(1);
    }

    /// What is done up to now, without the writing.
    std::string outline() { return steps(false); }
    std::string all() { return steps(true); }

    Cutting cutting;
    std::shared_ptr<void> formats[2] = {std::make_shared<int>(0), std::make_shared<int>(0)};
    std::size_t written[2] = {0, 0};

private:
    void push(std::size_t stream, int time, bool key, std::size_t bytes) {
        Frame frame;
        frame.time = std::chrono::milliseconds(time);
        frame.key = key;
        frame.format = formats[stream];
        frame.bytes = bytes;
        cutting.push(stream, frame);
    }

    std::string steps(bool writing) {
        std::string line;
        while (const auto step = cutting.next())
            if (const std::string word = told(*step, writing); !word.empty())
                line += (line.empty() ? "" : " ") + word;
        return line;
    }

    std::string told(const Step& step, bool writing) {
        const auto stream = std::to_string(step.stream);
        std::string tracks;
        switch (step.kind) {
        case Step::Kind::Begin:
            for (const auto& track : step.tracks)
                tracks += std::to_string(track.stream);
            return "B" + tracks;
        case Step::Kind::Write:
            written[step.stream]++;
            return writing ? stream + "@" + std::to_string((step.frame.time - step.begin) / 1ms)
                           : "";
        case Step::Kind::Silent:
            return "S" + stream;
        case Step::Kind::End:
            return "E";
        case Step::Kind::AskForKey:
            break;
        }
        return "K" + stream;
    }
};

} // namespace

/// Nothing is written before it is known what there is, and then all of it in the order of time.
START_TEST(streamsBeginTogether) {
    Script script;
    script.pictures(1000, 1400);
    CHECK_STR(script.all(), "");
    script.sound(1090);
    CHECK_STR(script.all(), "B01 0@0 0@40 0@80 1@90");
    script.sound(1190);
    CHECK_STR(script.all(), "0@120 0@160 1@190");
}
END_TEST

START_TEST(soundBeforeTheFirstKeyFrameIsLeft) {
    Script script;
    script.sounds(0, 400);
    script.picture(100);
    script.pictures(200, 400);
    CHECK_STR(script.all(), "K0 B01 0@0 1@0 0@40 0@80 1@100");
    ck_assert_uint_eq(script.cutting.left(), 3);
}
END_TEST

/// A file ends with the first key frame after its time, and the sound with it.
START_TEST(filesGoFromKeyFrameToKeyFrame) {
    Script script;
    script.sounds(0, 2800);
    script.pictures(0, 2800);
    script.end();
    CHECK_STR(script.outline(), "B01 K0 B01 K0 B01 S1 E");
    ck_assert_uint_eq(script.written[0], 70);
    ck_assert_uint_eq(script.written[1], 28);
    ck_assert(script.cutting.finished());
}
END_TEST

START_TEST(soundThatNeverComesHoldsNothingUp) {
    Script script;
    script.pictures(0, 520);
    CHECK_STR(script.outline(), "");
    script.pictures(520, 1000);
    CHECK_STR(script.outline(), "B0");
    ck_assert_uint_eq(script.written[0], 25);
    // And no longer than the first time.
    script.pictures(1000, 1400);
    CHECK_STR(script.outline(), "B0");
    ck_assert_uint_eq(script.written[0], 35);
}
END_TEST

/// It cannot be put into a file that has begun: the next key frame begins another.
START_TEST(lateSoundBeginsAFile) {
    Script script(60s);
    script.pictures(0, 880);
    CHECK_STR(script.outline(), "B0");
    script.sounds(900, 1500);
    script.pictures(880, 1500);
    CHECK_STR(script.outline(), "B01");
    script.end();
    CHECK_STR(script.outline(), "S1 E");
}
END_TEST

/// And so does sound that has paused for longer than anybody waits.
START_TEST(pausesOfSound) {
    Script script(60s);
    script.sounds(0, 400);
    script.pictures(0, 800);
    CHECK_STR(script.outline(), "B01");
    script.sounds(400, 700);
    script.pictures(800, 2000);
    CHECK_STR(script.outline(), "S1");
    script.sounds(1900, 2900);
    script.pictures(2000, 2900);
    CHECK_STR(script.outline(), "B01");
    script.end();
    CHECK_STR(script.outline(), "S1 E");
    ck_assert_uint_eq(script.written[0], 73);
    ck_assert_uint_eq(script.written[1], 16);
}
END_TEST

/// A camera that was lost goes on in a new file, for which its streams are waited for again.
START_TEST(lostCameraGoesOnInANewFile) {
    Script script(600s);
    script.sounds(0, 400);
    script.pictures(0, 400);
    CHECK_STR(script.outline(), "B01");
    script.picture(60000);
    script.pictures(60040, 60200);
    CHECK_STR(script.outline(), ""); // what it does with the sound is not known yet
    script.sounds(60050, 60400);
    CHECK_STR(script.outline(), "E K0 B01");
    script.pictures(10, 200); // its clock began anew
    script.sounds(10, 300);
    CHECK_STR(script.outline(), "E B01");
}
END_TEST

START_TEST(anotherFormatIsAnotherFile) {
    Script script(600s);
    script.sounds(0, 1000);
    script.pictures(0, 400, 5000);
    script.formats[0] = std::make_shared<int>(1);
    script.picture(400);
    script.pictures(440, 800);
    CHECK_STR(script.outline(), "B01 E K0 B01");
    // That of the sound waits for the next key frame.
    script.formats[1] = std::make_shared<int>(1);
    script.sounds(1000, 2000);
    script.pictures(800, 1600);
    CHECK_STR(script.outline(), "B01");
}
END_TEST

START_TEST(soundAlone) {
    Script script;
    script.sounds(0, 1000);
    CHECK_STR(script.outline(), "B1");
    script.sounds(1000, 2100);
    CHECK_STR(script.outline(), "B1 B1");
    // Pictures that come late lead from their first key frame on.
    script.sounds(2100, 2300);
    script.picture(2110);
    script.pictures(2150, 2310);
    CHECK_STR(script.outline(), "E B01");
}
END_TEST

/// The end of one is not the end of the other.
START_TEST(oneEndsBeforeTheOther) {
    Script script(600s);
    script.sounds(0, 1000);
    script.pictures(0, 400);
    script.cutting.end(0);
    ck_assert(script.cutting.ending());
    CHECK_STR(script.outline(), "B01 S0");
    ck_assert(!script.cutting.finished());
    script.cutting.end(1);
    CHECK_STR(script.outline(), "E");
    ck_assert(script.cutting.finished());
    ck_assert_uint_eq(script.written[0], 10);
    ck_assert_uint_eq(script.written[1], 10);
}
END_TEST

START_TEST(streamsThatNeverBeganHaveNoEnd) {
    Cutting cutting({1s, 500ms, 100000});
    cutting.addStream(true);
    cutting.addStream(false);
    ck_assert(!cutting.finished());
    cutting.start(0);
    cutting.end(0);
    ck_assert(!cutting.next());
    ck_assert(cutting.finished());
}
END_TEST

/// Where the disk does not keep up, whole groups of pictures are missing.
START_TEST(theOldestIsDropped) {
    Script script(600s);
    script.sounds(0, 1000);
    script.pictures(0, 400, 5000);
    CHECK_STR(script.outline(), "B01");
    script.pictures(400, 1000, 200);
    const std::size_t before = script.cutting.bytes();
    ck_assert_uint_eq(script.cutting.dropOldest(), 7); // 5 pictures and the sound of 200 ms
    ck_assert_uint_eq(script.cutting.bytes(), before - 520);
    CHECK_STR(script.all().substr(0, 16), "0@600 1@600 0@64");
    // Without a key frame that waits, all goes, and so does what comes before the next.
    for (int time = 1000; time < 1400; time += 40)
        script.picture(time);
    script.cutting.dropOldest();
    ck_assert_uint_eq(script.cutting.bytes(), 0);
    script.picture(1400);
    script.pictures(1440, 1520);
    script.sounds(1400, 1600);
    CHECK_STR(script.all(), "K0 1@1400 0@1440 0@1480");
}
END_TEST

/// A stream that sends much and one that is late: memory is not the price.
START_TEST(muchIsNotHeldBack) {
    Script script({1s, 60s, 1000});
    for (int i = 0; i < 5; i++)
        script.picture(40 * i, i == 0);
    CHECK_STR(script.outline(), "");
    script.picture(200);
    CHECK_STR(script.outline(), "B0");
    ck_assert_uint_eq(script.cutting.bytes(), 0);
}
END_TEST

START_TEST(aStreamIsTakenAway) {
    Script script;
    script.pictures(0, 400);
    CHECK_STR(script.outline(), "");
    script.cutting.removeStream(1);
    CHECK_STR(script.outline(), "B0");
    ck_assert_uint_eq(script.written[0], 10);
}
END_TEST

CHECK_MAIN("cutting", streamsBeginTogether, soundBeforeTheFirstKeyFrameIsLeft,
           filesGoFromKeyFrameToKeyFrame, soundThatNeverComesHoldsNothingUp, lateSoundBeginsAFile,
           pausesOfSound, lostCameraGoesOnInANewFile, anotherFormatIsAnotherFile, soundAlone,
           oneEndsBeforeTheOther, streamsThatNeverBeganHaveNoEnd, theOldestIsDropped,
           muchIsNotHeldBack, aStreamIsTakenAway)
