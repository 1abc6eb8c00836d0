// Which frames the network looks at: by count, by time, by motion.
#include "yolo/schedule.hpp"

#include "check.hpp"

#include <random>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// A noisy grey wall with a person-sized dark patch somewhere, in any layout of one byte a sample.
struct Wall {
    static constexpr int width = 640, height = 360;
    std::vector<std::uint8_t> luma = std::vector<std::uint8_t>(std::size_t{width} * height);
    base::Frame frame;
    std::mt19937 random{7};

    Wall() {
        frame.width = width;
        frame.height = height;
        frame.planes[0] = luma.data();
        frame.strides[0] = width;
        paint(100, -1);
    }
    void paint(int level, int patch) {
        std::uniform_int_distribution<int> noise(-6, 6);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                const bool dark = patch >= 0 && x >= patch && x < patch + 20 && y > 100 && y < 160;
                luma[static_cast<std::size_t>(y) * width + x] =
                    static_cast<std::uint8_t>((dark ? 40 : level) + noise(random));
            }
    }
};

int looks(yolo::Schedule& schedule, const base::Frame& frame, int frames,
          std::chrono::nanoseconds step) {
    int count = 0;
    for (int i = 0; i < frames; i++)
        count += schedule.due(frame, i * step, false);
    return count;
}

} // namespace

START_TEST(everyNth) {
    Wall wall;
    yolo::Settings s;
    yolo::Schedule every, third;
    every.configure(s);
    ck_assert_int_eq(looks(every, wall.frame, 12, 40ms), 12);
    s.inferenceInterval = 3;
    third.configure(s);
    ck_assert_int_eq(looks(third, wall.frame, 12, 40ms), 4);
}
END_TEST

START_TEST(soManyInASecond) {
    Wall wall;
    for (const double most : {1.0, 4.0, 10.0, 12.5, 24.0}) {
        yolo::Settings s;
        s.maxFps = most;
        yolo::Schedule schedule;
        schedule.configure(s);
        const int seen = looks(schedule, wall.frame, 250, 40ms); // ten seconds
        ck_assert_msg(seen >= most * 10 - 1 && seen <= most * 10 + 1, "%g fps: %d", most, seen);
    }
    yolo::Settings s;
    s.maxFps = 1000;
    yolo::Schedule schedule;
    schedule.configure(s);
    ck_assert_int_eq(looks(schedule, wall.frame, 25, 40ms), 25);
}
END_TEST

START_TEST(aGapIsNotMadeUpFor) {
    Wall wall;
    yolo::Settings s;
    s.maxFps = 10;
    yolo::Schedule schedule;
    schedule.configure(s);
    ck_assert(schedule.due(wall.frame, 0ms, false));
    ck_assert(schedule.due(wall.frame, 60s, false));
    ck_assert(!schedule.due(wall.frame, 60s + 40ms, false));
    ck_assert(schedule.due(wall.frame, 60s + 100ms, false));
}
END_TEST

START_TEST(stillScenesAreLeftAlone) {
    Wall wall;
    yolo::Settings s;
    s.motionGate = 0.002;
    yolo::Schedule schedule;
    schedule.configure(s);
    ck_assert(schedule.due(wall.frame, 0ms, false));
    for (int i = 1; i < 50; i++) {
        wall.paint(100, -1); // other noise
        ck_assert_msg(!schedule.due(wall.frame, i * 40ms, false), "noise was taken for motion");
    }
    for (int i = 0; i < 20; i++) {
        wall.paint(100 + i, -1); // a cloud passes
        ck_assert_msg(!schedule.due(wall.frame, (50 + i) * 40ms, false), "light is no motion");
    }
    ck_assert_uint_eq(schedule.still(), 69);
    for (int i = 0; i < 10; i++) {
        wall.paint(120, 100 + 12 * i); // somebody walks
        ck_assert_msg(schedule.due(wall.frame, (70 + i) * 40ms, false), "step %d went unseen", i);
    }
    int more = 0;
    for (int i = 0; i < 20; i++) {
        wall.paint(120, 208); // and stands
        more += schedule.due(wall.frame, (80 + i) * 40ms, false);
    }
    ck_assert_int_eq(more, 3);
}
END_TEST

START_TEST(anotherSizeIsMotion) {
    Wall wall;
    yolo::MotionGate gate;
    ck_assert_double_eq(gate.look(wall.frame), 1);
    gate.keep();
    ck_assert_double_eq(gate.look(wall.frame), 0);
    base::Frame half = wall.frame;
    half.height /= 2;
    ck_assert_double_eq(gate.look(half), 1);
    base::Frame tiny = wall.frame; // smaller than the grid: every sample is still inside
    tiny.width = tiny.height = 1;
    gate.look(tiny);
}
END_TEST

START_TEST(beginsAnew) {
    Wall wall;
    yolo::Settings s;
    s.inferenceInterval = 100;
    s.maxFps = 0.01;
    yolo::Schedule schedule;
    schedule.configure(s);
    ck_assert(schedule.due(wall.frame, 0ms, false));
    ck_assert(!schedule.due(wall.frame, 1ms, false));
    schedule.reset();
    ck_assert(schedule.due(wall.frame, 2ms, false));
}
END_TEST

CHECK_MAIN("schedule", everyNth, soManyInASecond, aGapIsNotMadeUpFor, stillScenesAreLeftAlone,
           anotherSizeIsMotion, beginsAnew)
