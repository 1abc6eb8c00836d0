// The whole core with an engine made by hand: model, sync and live.
#include "yolo/detector.hpp"

#include "base/error.hpp"
#include "blackframe.hpp"
#include "check.hpp"
#include "fakeengine.hpp"
#include "gate.hpp"

#include <thread>

using namespace std::chrono_literals;
using yolo::Mode;

namespace {

/// One object of class 1 in 64x64, corners 16,16 to 48,48, in columns with two classes.
Answer oneObject() {
    Answer a;
    auto& o = a.add("output0", {1, 6, 10});
    for (int i = 0; i < 4; i++)
        o.values[i * 10 + 3] = 32;
    o.values[5 * 10 + 3] = 0.8f;
    return a;
}

std::unique_ptr<yolo::Model> model(FakeEngine** engine = nullptr,
                                   std::vector<std::string> labels = {}) {
    auto made = std::make_unique<FakeEngine>(64, 64, oneObject());
    made->info().metadata["names"] = "{0: 'cat', 1: 'dog'}";
    if (engine)
        *engine = made.get();
    return std::make_unique<yolo::Model>(std::move(made), std::move(labels));
}

std::shared_ptr<yolo::Network> network(FakeEngine** engine = nullptr) {
    return std::make_shared<yolo::Network>(model(engine));
}

yolo::Settings live() {
    yolo::Settings s;
    s.mode = Mode::Live;
    return s;
}

/// Frames until `done`, at most for some seconds.
template <class Done>
std::optional<base::Detections> until(yolo::Detector& d, const BlackFrame& p,
                                      std::chrono::nanoseconds time, Done done) {
    for (int i = 0; i < 5000; i++) {
        const auto found = d.process(p.frame, time);
        if (done(found))
            return found;
        std::this_thread::sleep_for(2ms);
    }
    ck_abort_msg("it never came");
}

} // namespace

START_TEST(syncFindsInItsOwnFrame) {
    FakeEngine* engine = nullptr;
    yolo::Detector d(yolo::Settings{}, network(&engine));
    const BlackFrame wide(128, 64); // bars of 16 above and below
    const auto found = d.process(wide.frame, 0ns);
    ck_assert(found && found->objects.size() == 1);
    const base::Detection& dog = found->objects[0];
    ck_assert_str_eq(dog.label.c_str(), "dog");
    ck_assert_int_eq(dog.classId, 1);
    ck_assert_float_eq_tol(dog.score, .8f, 1e-6f);
    ck_assert_double_eq_tol(dog.box.x, .25, 1e-9);
    ck_assert_double_eq_tol(dog.box.y, 0, 1e-9);
    ck_assert_double_eq_tol(dog.box.width, .5, 1e-9);
    ck_assert_double_eq_tol(dog.box.height, 1, 1e-9);
    ck_assert_int_eq(engine->runs, 2); // one of them the probe
}
END_TEST

START_TEST(theIntervalCarriesTheLast) {
    FakeEngine* engine = nullptr;
    yolo::Settings s;
    s.inferenceInterval = 3;
    yolo::Detector d(s, network(&engine));
    const BlackFrame p(64, 64);
    for (int i = 0; i < 7; i++) {
        const auto found = d.process(p.frame, i * 40ms);
        ck_assert(found && found->objects.size() == 1);
        ck_assert_int_eq(found->age / 40ms, i % 3);
    }
    ck_assert_int_eq(engine->runs, 1 + 3);
    d.flush();
    ck_assert_int_eq(d.process(p.frame, 0ns)->age.count(), 0);
    ck_assert_int_eq(engine->runs, 1 + 4);
    ck_assert_uint_eq(d.stats().frames, 8);
    ck_assert_uint_eq(d.stats().timing.inferences, 4);
}
END_TEST

START_TEST(limitsChangeAtOnce) {
    yolo::Detector d(yolo::Settings{}, network());
    const BlackFrame p(64, 64);
    yolo::Settings s;
    s.threshold = 0.85;
    d.configure(s);
    ck_assert(d.process(p.frame, 0ns)->objects.empty());
    s.threshold = 0.5;
    s.classes = "cat";
    d.configure(s);
    ck_assert(d.process(p.frame, 0ns)->objects.empty());
    s.classes = "DOG";
    d.configure(s);
    ck_assert_uint_eq(d.process(p.frame, 0ns)->objects.size(), 1);
    s.classes = "horse";
    try {
        d.configure(s);
        ck_abort_msg("a class that is not there was taken");
    } catch (const base::Error&) {
    }
    ck_assert_uint_eq(d.process(p.frame, 0ns)->objects.size(), 1); // as before
}
END_TEST

START_TEST(framesOfAnotherSizeInBetween) {
    FakeEngine* engine = nullptr;
    yolo::Detector d(yolo::Settings{}, network(&engine));
    float corner = -1;
    engine->before = [&](const float* data, const std::vector<std::int64_t>&) { corner = data[0]; };
    const BlackFrame square(64, 64), wide(128, 64);
    d.process(square.frame, 0ns);
    ck_assert_float_eq(corner, 0); // black picture
    d.process(wide.frame, 0ns);
    ck_assert_float_eq_tol(corner, 114 / 255.0f, 1e-6f); // bars again
    d.process(square.frame, 0ns);
    ck_assert_float_eq(corner, 0);
}
END_TEST

START_TEST(liveNeverWaits) {
    FakeEngine* engine = nullptr;
    auto slow = network(&engine);
    Gate gate;
    engine->before = [&](const float*, const std::vector<std::int64_t>&) { gate.pass(); };
    yolo::Detector d(live(), std::move(slow));
    const BlackFrame p(64, 64);
    ck_assert(!d.process(p.frame, 0ns)); // nothing is known yet
    gate.awaitOne();
    for (int i = 1; i <= 10; i++)
        ck_assert(!d.process(p.frame, i * 40ms)); // the network holds, the frames go on
    ck_assert_uint_eq(d.stats().dropped, 9);
    gate.let(1);
    const auto first = until(d, p, 440ms, [](const auto& f) { return f.has_value(); });
    ck_assert_int_eq(first->age / 1ms, 440);
    ck_assert_uint_eq(first->objects.size(), 1);
    gate.let(1000000); // from here the newest wins
    until(d, p, 480ms, [](const auto& f) { return f->age == 0ns; });
}
END_TEST

START_TEST(flushForgetsWhatRuns) {
    FakeEngine* engine = nullptr;
    auto slow = network(&engine);
    Gate gate;
    engine->before = [&](const float*, const std::vector<std::int64_t>&) { gate.pass(); };
    yolo::Detector d(live(), std::move(slow));
    const BlackFrame p(64, 64);
    d.process(p.frame, 5s);
    gate.awaitOne();
    d.flush();
    gate.let(1); // the answer to a frame before the flush
    ck_assert(!d.process(p.frame, 6s));
    gate.awaitOne();
    gate.let(1000000);
    const auto found = until(d, p, 6s, [](const auto& f) { return f.has_value(); });
    ck_assert_int_eq(found->age.count(), 0);
}
END_TEST

START_TEST(liveFailureReachesTheStream) {
    FakeEngine* engine = nullptr;
    auto bad = network(&engine);
    engine->before = [](const float*, const std::vector<std::int64_t>&) {
        throw base::Error(base::ErrorKind::Failed, "out of memory");
    };
    yolo::Detector d(live(), std::move(bad));
    const BlackFrame p(64, 64);
    bool seen = false;
    for (int i = 0; i < 5000 && !seen; i++) {
        try {
            d.process(p.frame, 0ns);
            std::this_thread::sleep_for(2ms);
        } catch (const base::Error& error) {
            seen = true;
        }
    }
    ck_assert(seen);
}
END_TEST

START_TEST(endsWhileTheNetworkRuns) {
    for (int i = 0; i < 20; i++) {
        FakeEngine* engine = nullptr;
        auto slow = network(&engine);
        engine->before = [](const float*, const std::vector<std::int64_t>&) {
            std::this_thread::sleep_for(3ms);
        };
        yolo::Detector d(live(), std::move(slow));
        const BlackFrame p(64, 64);
        for (int j = 0; j < i % 4; j++)
            d.process(p.frame, 0ns);
    }
}
END_TEST

START_TEST(onlyTheRegion) {
    yolo::Settings s;
    s.roi = "0.5,0,0.5,1"; // 64 of 128 columns: as large as the input
    yolo::Detector d(s, network());
    const BlackFrame wide(128, 64);
    const auto found = d.process(wide.frame, 0ns);
    ck_assert(found && found->objects.size() == 1);
    ck_assert_double_eq_tol(found->objects[0].box.x, .5 + .125, 1e-9);
    ck_assert_double_eq_tol(found->objects[0].box.y, .25, 1e-9);
    ck_assert_double_eq_tol(found->objects[0].box.width, .25, 1e-9);
    s.roi = "0.5,0,0.6,1";
    try {
        d.configure(s);
        ck_abort_msg("a region that reaches out of the frame was taken");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
    }
}
END_TEST

START_TEST(eachObjectThatWasFoundBefore) {
    FakeEngine* engine = nullptr;
    yolo::Settings s;
    s.where = yolo::Where::RoiList;
    s.objectClass = "car, bus";
    yolo::Detector d(s, network(&engine));
    const BlackFrame p(128, 128);
    const std::vector<base::Detection> upstream = {{{.5, .5, .5, .5}, .9f, 2, "car", 0},
                                                   {{0, 0, .5, .5}, .8f, 0, "person", 0},
                                                   {{0, .5, .5, .5}, .7f, 5, "bus", 0},
                                                   {{2, 2, 1, 1}, .7f, 5, "bus", 0}};
    const auto found = d.process(p.frame, 0ns, {&upstream, false});
    ck_assert_int_eq(engine->runs, 1 + 2);
    ck_assert(found && found->objects.size() == 2);
    ck_assert_double_eq_tol(found->objects[0].box.x, .5 + .125, 1e-9);
    ck_assert_double_eq_tol(found->objects[0].box.y, .5 + .125, 1e-9);
    ck_assert_double_eq_tol(found->objects[1].box.x, .125, 1e-9);
    ck_assert(d.process(p.frame, 40ms)->objects.empty()); // nobody found anything
    ck_assert_int_eq(engine->runs, 1 + 2);
    const std::vector<base::Detection> crowd(40, {{0, 0, 1, 1}, .5f, 2, "car", 0});
    d.process(p.frame, 80ms, {&crowd, false});
    ck_assert_uint_eq(d.stats().skippedRegions, 40 - 16);
}
END_TEST

START_TEST(whoIsLateIsNotLookedAt) {
    FakeEngine* engine = nullptr;
    yolo::Detector d(yolo::Settings{}, network(&engine));
    const BlackFrame p(64, 64);
    d.process(p.frame, 0ns, {nullptr, true}); // the first is looked at in any case
    const auto late = d.process(p.frame, 40ms, {nullptr, true});
    ck_assert_int_eq(engine->runs, 1 + 1);
    ck_assert_int_eq(late->age / 1ms, 40);
    d.process(p.frame, 80ms);
    ck_assert_int_eq(engine->runs, 1 + 2);
}
END_TEST

START_TEST(streamsTakeTurnsAtOneNetwork) {
    FakeEngine* engine = nullptr;
    const auto shared = network(&engine);
    Gate gate;
    engine->before = [&](const float*, const std::vector<std::int64_t>&) { gate.pass(); };
    yolo::Detector eager(live(), shared), modest(live(), shared);
    const BlackFrame p(64, 64);
    eager.process(p.frame, 0ns);
    gate.awaitOne();
    modest.process(p.frame, 0ns);
    for (int i = 1; i < 10; i++)
        eager.process(p.frame, i * 40ms); // always has another waiting
    gate.let(2);                          // the one that runs, and the next in turn
    until(modest, p, 0ns, [](const auto& f) { return f.has_value(); });
    ck_assert_uint_eq(modest.stats().timing.inferences, 1);
    ck_assert_uint_eq(eager.stats().timing.inferences, 1);
    gate.let(1000000);
}
END_TEST

START_TEST(leavingOneStreamKeepsTheOther) {
    FakeEngine* engine = nullptr;
    const auto shared = network(&engine);
    auto leaves = std::make_unique<yolo::Detector>(live(), shared);
    yolo::Detector stays(live(), shared);
    const BlackFrame p(64, 64);
    leaves->process(p.frame, 0ns);
    leaves.reset();
    until(stays, p, 0ns, [](const auto& f) { return f.has_value(); });
}
END_TEST

START_TEST(theWorkerOutlivesNoNetwork) {
    yolo::Settings s = live();
    std::weak_ptr<yolo::Network> watched;
    {
        auto made = network();
        watched = made;
        yolo::Detector d(s, std::move(made));
        const BlackFrame p(64, 64);
        d.process(p.frame, 0ns);
    }
    ck_assert(watched.expired());
}
END_TEST

START_TEST(labelsThatDoNotFit) {
    const auto fitting = model(nullptr, {"katze", "hund"});
    ck_assert(fitting->names()[1] == "hund" && fitting->warning().empty());
    const auto fewer = model(nullptr, {"katze"});
    ck_assert(fewer->names()[0] == "katze" && fewer->names()[1] == "class-1");
    ck_assert_msg(fewer->warning().find("1 names") != std::string::npos &&
                      fewer->warning().find("class-1") != std::string::npos,
                  "%s", fewer->warning().c_str());
    const auto more = model(nullptr, {"katze", "hund", "maus"});
    ck_assert_uint_eq(more->names().size(), 2);
    ck_assert(!more->warning().empty());
}
END_TEST

START_TEST(onlyColourPicturesOneByOne) {
    for (const auto& shape : {std::vector<std::int64_t>{1, 1, 64, 64}, {4, 3, 64, 64}}) {
        auto engine = std::make_unique<FakeEngine>(64, 64, oneObject());
        engine->info().input.shape = shape;
        try {
            const yolo::Model m(std::move(engine), {});
            ck_abort_msg("a network of another input was taken");
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::Unsupported);
        }
    }
}
END_TEST

CHECK_MAIN("detector", syncFindsInItsOwnFrame, theIntervalCarriesTheLast, limitsChangeAtOnce,
           framesOfAnotherSizeInBetween, liveNeverWaits, flushForgetsWhatRuns,
           liveFailureReachesTheStream, endsWhileTheNetworkRuns, onlyTheRegion,
           eachObjectThatWasFoundBefore, whoIsLateIsNotLookedAt, streamsTakeTurnsAtOneNetwork,
           leavingOneStreamKeepsTheOther, theWorkerOutlivesNoNetwork, labelsThatDoNotFit,
           onlyColourPicturesOneByOne)
