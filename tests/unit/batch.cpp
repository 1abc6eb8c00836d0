// Several pictures in one inference: each gets what it gets alone, streams that share a network
// share its inferences, and a network that only says that it takes several is left at one.
#include "base/error.hpp"
#include "blackframe.hpp"
#include "check.hpp"
#include "fakeengine.hpp"
#include "gate.hpp"
#include "yolo/detector.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

using namespace std::chrono_literals;

namespace {

constexpr int side = 64;
constexpr std::size_t pixels = std::size_t{3} * side * side;

/// Of the numbers of a picture, one in which pictures differ.
constexpr std::size_t telling = 9;

/// For each picture one object in the middle, whose score is the telling number.
void answerEach(FakeEngine& engine, const float* data, std::size_t pictures) {
    Answer answer;
    auto& o = answer.add("output0", {static_cast<std::int64_t>(pictures), 6, 10});
    for (std::size_t n = 0; n < pictures; n++) {
        float* const values = o.values.data() + n * 60;
        for (int i = 0; i < 4; i++)
            values[i * 10 + 3] = 32;
        values[5 * 10 + 3] = std::clamp(data[n * pixels + telling], 0.01f, 0.99f);
    }
    engine.answer() = answer;
}

struct Shared {
    FakeEngine* engine = nullptr;
    std::shared_ptr<yolo::Network> network;
    std::vector<std::size_t> batches; ///< sizes of the inferences

    explicit Shared(std::size_t batch) {
        Answer any;
        any.add("output0", {1, 6, 10});
        auto made = std::make_unique<FakeEngine>(side, side, any);
        made->info().metadata["names"] = "{0: 'cat', 1: 'dog'}";
        made->info().input.shape[0] = -1;
        engine = made.get();
        engine->before = [this](const float* data, const auto& shape) {
            batches.push_back(static_cast<std::size_t>(shape[0]));
            answerEach(*engine, data, batches.back());
        };
        network = std::make_shared<yolo::Network>(
            std::make_unique<yolo::Model>(std::move(made), std::vector<std::string>{}));
        ck_assert(network->allowBatch(batch));
        ck_assert_uint_eq(network->model().batch(), batch);
        batches.clear();
    }
};

yolo::Settings anything(yolo::Mode mode) {
    yolo::Settings s;
    s.mode = mode;
    s.threshold = 0.02;
    return s;
}

BlackFrame grey(float level) {
    BlackFrame made(side, side);
    std::fill(made.bytes.begin(), made.bytes.end(), static_cast<std::uint8_t>(level * 255));
    return made;
}

std::unique_ptr<yolo::Model> open(const std::string& name, infer::EngineChoice engine) {
    const char* const dir = std::getenv("VIDEO_STREAM_BUILD_DIR");
    yolo::ModelSettings settings;
    settings.model = std::string(dir ? dir : ".") + "/models/layouts/" + name + ".onnx";
    settings.engine.engine = engine;
    return yolo::Model::open(settings);
}

std::vector<float> waves(double length) {
    std::vector<float> picture(pixels);
    for (std::size_t i = 0; i < pixels; i++) {
        const std::size_t row = i / side, column = i % side;
        const auto x = static_cast<double>(column), y = static_cast<double>(row);
        picture[i] =
            static_cast<float>(0.5 + 0.3 * std::sin(x / length) + 0.2 * std::sin(y / length / 2));
    }
    return picture;
}

void expectSame(const std::vector<base::Detection>& a, const std::vector<base::Detection>& b) {
    ck_assert_uint_eq(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); i++) {
        ck_assert_int_eq(a[i].classId, b[i].classId);
        ck_assert_float_eq_tol(a[i].score, b[i].score, 1e-4f);
        ck_assert_double_eq_tol(a[i].box.x, b[i].box.x, 1e-4);
        ck_assert_double_eq_tol(a[i].box.y, b[i].box.y, 1e-4);
        ck_assert_double_eq_tol(a[i].box.width, b[i].box.width, 1e-4);
        ck_assert_double_eq_tol(a[i].box.height, b[i].box.height, 1e-4);
    }
}

} // namespace

START_TEST(togetherAsAlone) {
    if (infer::engines().size() < 2)
        return; // OpenCV gets a network that is made for one picture
    const auto model = open("v8-batch", infer::EngineChoice::OnnxRuntime);
    yolo::Limits limits;
    limits.threshold = 0.2f;
    const yolo::Fit wide{0, 14, side, 36}, all{0, 0, side, side};
    std::vector<std::vector<float>> pictures;
    for (const double length : {3.0, 5.0, 7.0, 11.0, 17.0})
        pictures.push_back(waves(length));
    std::vector<yolo::Model::Look> looks;
    std::vector<std::vector<base::Detection>> alone;
    std::size_t objects = 0;
    for (std::size_t i = 0; i < pictures.size(); i++) {
        looks.push_back({pictures[i].data(), i % 2 ? wide : all, limits});
        alone.push_back(model->detect(pictures[i].data(), looks[i].fit, limits));
        objects += alone.back().size();
    }
    ck_assert_uint_gt(objects, 10);
    for (const std::size_t batch : {2, 4, 8}) { // 2 + 2 + 1, 4 + 1, 5
        ck_assert(model->allowBatch(batch));
        ck_assert_uint_eq(model->batch(), batch);
        const auto together = model->detect(looks);
        ck_assert_uint_eq(together.size(), looks.size());
        for (std::size_t i = 0; i < looks.size(); i++)
            expectSame(together[i], alone[i]);
    }
}
END_TEST

/// Open in name only, with one picture written down, and in an engine that fixes what is open.
START_TEST(whatTakesOneIsLeftAtOne) {
    std::vector<std::unique_ptr<yolo::Model>> models;
    models.push_back(open("v8-batch", infer::EngineChoice::OpenCv));
    if (infer::engines().size() > 1)
        for (const char* const name : {"v8-dynamic", "v8-opset17", "nas"})
            models.push_back(open(name, infer::EngineChoice::OnnxRuntime));
    const auto picture = waves(5);
    const yolo::Fit all{0, 0, side, side};
    yolo::Limits limits;
    limits.threshold = 0.2f;
    for (const auto& model : models) {
        const auto before = model->detect(picture.data(), all, limits);
        ck_assert(!model->allowBatch(4));
        ck_assert_uint_eq(model->batch(), 1);
        const auto after =
            model->detect({{picture.data(), all, limits}, {picture.data(), all, limits}});
        ck_assert_uint_eq(after.size(), 2);
        expectSame(after[0], before);
        expectSame(after[1], before);
    }
}
END_TEST

/// It takes two without a word, and answers both with what the first shows.
START_TEST(aMixedAnswerIsNoticed) {
    Answer any;
    any.add("output0", {1, 6, 10});
    auto made = std::make_unique<FakeEngine>(side, side, any);
    FakeEngine& engine = *made;
    engine.info().input.shape[0] = -1;
    engine.before = [&](const float* data, const auto& shape) {
        answerEach(engine, data, static_cast<std::size_t>(shape[0]));
        auto& values = engine.answer().outputs[0].values;
        for (std::size_t i = 60; i < values.size(); i++)
            values[i] = values[i - 60];
    };
    yolo::Model model(std::move(made), {});
    ck_assert(!model.allowBatch(2));
    ck_assert_uint_eq(model.batch(), 1);
}
END_TEST

START_TEST(streamsShareAnInference) {
    Shared shared(2);
    Gate gate;
    const auto answer = shared.engine->before;
    shared.engine->before = [&](const float* data, const auto& shape) {
        gate.pass();
        answer(data, shape);
    };
    std::vector<std::unique_ptr<yolo::Detector>> streams;
    std::vector<BlackFrame> frames;
    for (int i = 0; i < 5; i++) {
        streams.push_back(
            std::make_unique<yolo::Detector>(anything(yolo::Mode::Live), shared.network));
        frames.push_back(grey(0.1f + 0.2f * static_cast<float>(i)));
    }
    for (std::size_t i = 0; i < 5; i++) {
        frames[i].frame.planes[0] = frames[i].bytes.data();
        streams[i]->process(frames[i].frame, 0ns);
        if (i == 0)
            gate.awaitOne(); // it has the network for itself; the others wait
    }
    gate.let(3);
    for (std::size_t i = 0; i < 5; i++)
        while (streams[i]->stats().timing.inferences == 0)
            std::this_thread::sleep_for(1ms);
    ck_assert(shared.batches == (std::vector<std::size_t>{1, 2, 2}));
    gate.let(1000000);
    for (std::size_t i = 0; i < 5; i++) { // each its own answer
        std::optional<base::Detections> found;
        for (int tries = 0; tries < 5000 && !found; tries++) {
            found = streams[i]->process(frames[i].frame, 0ns);
            std::this_thread::sleep_for(1ms);
        }
        ck_assert(found && found->objects.size() == 1);
        ck_assert_float_eq_tol(found->objects[0].score, 0.1f + 0.2f * static_cast<float>(i), 0.01f);
    }
}
END_TEST

START_TEST(regionsShareAnInference) {
    Shared shared(4);
    yolo::Settings settings = anything(yolo::Mode::Sync);
    settings.where = yolo::Where::RoiList;
    yolo::Detector detector(settings, shared.network);
    const BlackFrame frame = grey(0.5f);
    std::vector<base::Detection> upstream;
    for (int i = 0; i < 6; i++)
        upstream.push_back({{.15 * i, .5, .1, .1}, .9f - .1f * static_cast<float>(i), 2, "car", 0});
    base::Frame lent = frame.frame;
    lent.planes[0] = frame.bytes.data();
    const auto found = detector.process(lent, 0ns, {&upstream, false});
    ck_assert(shared.batches == (std::vector<std::size_t>{4, 2}));
    ck_assert(found && found->objects.size() == 6);
    for (std::size_t i = 0; i < 6; i++) {
        const base::Rect& box = found->objects[i].box;
        ck_assert_double_gt(box.x, upstream[i].box.x);
        ck_assert_double_lt(box.right(), upstream[i].box.right());
    }
}
END_TEST

START_TEST(aFailureReachesAllOfThem) {
    Shared shared(2);
    Gate gate;
    shared.engine->before = [&](const float*, const auto&) {
        gate.pass();
        throw base::Error(base::ErrorKind::Failed, "out of memory");
    };
    yolo::Detector first(anything(yolo::Mode::Live), shared.network);
    yolo::Detector second(anything(yolo::Mode::Live), shared.network);
    yolo::Detector third(anything(yolo::Mode::Live), shared.network);
    const BlackFrame frame(side, side);
    first.process(frame.frame, 0ns);
    gate.awaitOne();
    second.process(frame.frame, 0ns);
    third.process(frame.frame, 0ns);
    gate.let(1000000);
    for (yolo::Detector* const detector : {&first, &second, &third}) {
        bool seen = false;
        for (int i = 0; i < 5000 && !seen; i++) {
            try {
                detector->process(frame.frame, 0ns);
                std::this_thread::sleep_for(1ms);
            } catch (const base::Error&) {
                seen = true;
            }
        }
        ck_assert(seen);
    }
}
END_TEST

int main() {
    return runSuite("batch",
                    {togetherAsAlone, whatTakesOneIsLeftAtOne, aMixedAnswerIsNoticed,
                     streamsShareAnInference, regionsShareAnInference, aFailureReachesAllOfThem});
}
