// The engines on real networks, where the folder of them is: what loads, what it answers, what is
// refused and how; and that both engines say the same.
#include "infer/engine.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "infer/darknetfile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <unistd.h>

namespace fs = std::filesystem;
using base::ErrorKind;
using infer::EngineChoice;
using Shape = std::vector<std::int64_t>;

namespace {

struct Known {
    const char* file;
    Shape input;
    std::vector<Shape> outputs;
    float range; ///< of the input: 1 or 255
};

const std::vector<Known> networks = {
    {"yolov5n-640.onnx", {1, 3, 640, 640}, {{1, 25200, 85}}, 1},
    {"yolov8n-640.onnx", {1, 3, 640, 640}, {{1, 84, 8400}}, 1},
    {"yolov8n-320.onnx", {1, 3, 320, 320}, {{1, 84, 2100}}, 1},
    {"yolov8n-seg-320.onnx", {1, 3, 320, 320}, {{1, 116, 2100}, {1, 32, 80, 80}}, 1},
    {"yolov10n-640.onnx", {1, 3, 640, 640}, {{1, 84, 8400}}, 1},
    {"yolo11n-320.onnx", {1, 3, 320, 320}, {{1, 84, 2100}}, 1},
    {"yolo11n-320-stock.onnx", {1, 3, 320, 320}, {{1, 84, 2100}}, 1},
    {"yolo11n-pose-640.onnx", {1, 3, 640, 640}, {{1, 56, 8400}}, 1},
    {"yolox_nano-416.onnx", {1, 3, 416, 416}, {{1, 3549, 85}}, 255},
    {"yolo-fastestv2-352.onnx", {1, 3, 352, 352}, {{605, 95}}, 1},
    {"style-mosaic.onnx", {1, 3, 256, 256}, {{1, 3, 256, 256}}, 255},
    {"layouts/e2e-6.onnx", {1, 3, 320, 320}, {{1, 300, 6}}, 1},
    {"layouts/nas-two-outputs.onnx", {1, 3, 320, 320}, {{1, 40, 4}, {1, 40, 80}}, 1},
    {"layouts/v5-rows.onnx", {1, 3, 320, 320}, {{1, 40, 85}}, 1},
    {"layouts/v7-e2e-7.onnx", {1, 3, 320, 320}, {{4, 7}}, 1},
};

std::string models() { return sharedDir() + "/models/"; }

infer::EngineOptions with(EngineChoice choice) {
    infer::EngineOptions options;
    options.engine = choice;
    return options;
}

/// Smooth waves with a little noise: more like a picture than noise alone.
std::vector<float> picture(const Shape& shape, float range) {
    const auto count =
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    std::vector<float> data(static_cast<std::size_t>(count));
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < data.size(); i++) {
        noise = noise * 1664525u + 1013904223u;
        const std::size_t width = std::size_t(shape[3]), row = i / width;
        const double x = double(i % width), y = double(row);
        const double wave = 0.5 + 0.25 * std::sin(x / 17) + 0.2 * std::sin(y / 23 + x / 91);
        data[i] = range * float(std::clamp(wave + (noise >> 16) / 65536.0 * 0.1 - 0.05, 0.0, 1.0));
    }
    return data;
}

std::unique_ptr<base::Error> refusal(const std::string& path, EngineChoice choice) {
    try {
        infer::load(path, with(choice));
    } catch (const base::Error& error) {
        return std::make_unique<base::Error>(error);
    }
    return nullptr;
}

bool hasOnnxRuntime() { return infer::engines().size() > 1; }

std::string version(const std::string& library) {
    for (const std::string& name : infer::engines())
        if (name.rfind(library + " ", 0) == 0)
            return name.substr(library.size() + 1);
    return "missing";
}

class Folder {
public:
    Folder() : path("engine-" + std::to_string(getpid())) { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    const fs::path path;
};

} // namespace

START_TEST(networksLoad) {
    for (const Known& known : networks)
        for (const EngineChoice choice : {EngineChoice::OpenCv, EngineChoice::OnnxRuntime}) {
            if (choice == EngineChoice::OnnxRuntime && !hasOnnxRuntime())
                continue;
            const auto engine = infer::load(models() + known.file, with(choice));
            ck_assert_msg(engine->input().shape == known.input, "%s", known.file);
            ck_assert_uint_eq(engine->outputs().size(), known.outputs.size());
            for (std::size_t i = 0; i < known.outputs.size(); i++)
                ck_assert_msg(engine->outputs()[i].shape == known.outputs[i], "%s", known.file);
        }
}
END_TEST

START_TEST(enginesAgree) {
    if (!hasOnnxRuntime())
        return;
    for (const Known& known : networks) {
        const auto input = picture(known.input, known.range);
        const auto a = infer::load(models() + known.file, with(EngineChoice::OpenCv));
        const auto b = infer::load(models() + known.file, with(EngineChoice::OnnxRuntime));
        const auto x = a->run(input.data(), known.input), y = b->run(input.data(), known.input);
        double worst = 0;
        for (std::size_t t = 0; t < x.size(); t++) {
            ck_assert_str_eq(x[t].name.c_str(), y[t].name.c_str());
            ck_assert(x[t].shape == y[t].shape);
            for (std::size_t i = 0; i < x[t].size(); i++) {
                ck_assert(std::isfinite(x[t].data[i]));
                const double difference = std::abs(x[t].data[i] - y[t].data[i]);
                worst = std::max(worst, difference / std::max(1.0f, std::abs(y[t].data[i])));
            }
        }
        std::printf("%s: engines differ by %.1e at most\n", known.file, worst);
        // The style network has thirty normalisations in a row; no detector is that deep.
        const double allowed = std::string(known.file) == "style-mosaic.onnx" ? 2e-2 : 1e-3;
        ck_assert_msg(worst < allowed, "%s: %f", known.file, worst);
    }
}
END_TEST

START_TEST(refusedAsTheyShould) {
    for (const EngineChoice choice : {EngineChoice::OpenCv, EngineChoice::Auto}) {
        const auto error = refusal(models() + "yolov10n-int8-dynamic.onnx", choice);
        ck_assert(error && error->kind() == ErrorKind::Unsupported);
        const std::string text = std::string(error->what()) + error->details();
        ck_assert_msg(text.find("yolov10n-int8-dynamic.onnx") != text.npos, "%s", text.c_str());
        ck_assert_msg(text.find("opset 17") != text.npos, "%s", text.c_str());
        ck_assert_msg(text.find("int8") != text.npos, "%s", text.c_str());
        ck_assert_msg(text.find("OpenCV " + version("opencv")) != text.npos, "%s", text.c_str());
        if (choice == EngineChoice::Auto && hasOnnxRuntime()) // each engine's reason
            ck_assert_msg(text.find("ONNX Runtime " + version("onnxruntime")) != text.npos, "%s",
                          text.c_str());
    }
}
END_TEST

START_TEST(darknet) {
    for (const char* file : {"yolo-fastest-1.1.weights", "yolo-fastest-1.1-xl.cfg"}) {
        const auto engine = infer::load(models() + file, {});
        ck_assert(engine->model().format == infer::ModelFormat::Darknet);
        ck_assert(engine->input().shape == (Shape{1, 3, 320, 320}));
        ck_assert_uint_eq(engine->outputs().size(), 2);
        ck_assert(engine->outputs()[0].shape == (Shape{300, 85}));
        ck_assert(engine->outputs()[1].shape == (Shape{1200, 85}));
        // Another size than the cfg's works, too.
        const Shape wide = {1, 3, 192, 320};
        const auto input = picture(wide, 1);
        const auto tensors = engine->run(input.data(), wide);
        ck_assert(tensors[0].shape == (Shape{180, 85}));
    }
    const auto alone = refusal(models() + "cfg-only/yolov3-tiny.cfg", EngineChoice::Auto);
    ck_assert(alone && alone->kind() == ErrorKind::NotFound);
    const auto other = refusal(models() + "yolo-fastest-1.1.cfg", EngineChoice::OnnxRuntime);
    ck_assert(other && other->kind() == ErrorKind::Settings);
}
END_TEST

START_TEST(darknetSizes) {
    // The sizes of the files that Darknet's authors publish.
    const std::vector<std::pair<const char*, std::int64_t>> published = {{"yolov3-tiny", 35434956},
                                                                         {"yolov4-tiny", 24251276}};
    for (const auto& [name, bytes] : published) {
        std::ifstream file(models() + "cfg-only/" + name + ".cfg");
        const std::string cfg(std::istreambuf_iterator<char>(file), {});
        ck_assert_int_eq(infer::DarknetFile::parse(cfg).weights * 4 + 20, bytes);
    }
}
END_TEST

START_TEST(darknetHalvesThatDoNotFit) {
    const Folder folder;
    const auto make = [&](const std::string& cfg, const std::string& weights) {
        std::ofstream(folder.path / "net.cfg", std::ios::binary) << cfg;
        std::ofstream(folder.path / "net.weights", std::ios::binary) << weights;
        return refusal((folder.path / "net.cfg").string(), EngineChoice::Auto);
    };
    const auto read = [](const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string cfg = read(models() + "yolo-fastest-1.1.cfg");
    const std::string weights = read(models() + "yolo-fastest-1.1.weights");
    ck_assert(!make(cfg, weights));
    const std::string net = "[net]\nwidth=320\nheight=320\nchannels=3\n";
    struct Case {
        std::string cfg, weights;
    };
    for (const Case& c : std::vector<Case>{
             {cfg, ""},
             {cfg, weights.substr(0, 10)},
             {cfg, weights.substr(0, weights.size() / 2)},
             {cfg, weights.substr(0, weights.size() - 4)},
             {cfg, weights + "1234"},
             {cfg.substr(0, cfg.size() / 2), weights},
             {"", weights},
             {"rubbish", weights},
             {net, weights},
             {net + "[nonsense]\na=b\n", weights},
             {"[net]\nwidth=999999\nheight=999999\nchannels=3\n", weights},
             {"[net]\nwidth=-1\nheight=5\nchannels=3\n", weights},
         }) {
        const auto error = make(c.cfg, c.weights);
        ck_assert_msg(error != nullptr, "cfg of %zu, weights of %zu bytes were taken", c.cfg.size(),
                      c.weights.size());
    }
}
END_TEST

START_TEST(wrongShapesAreRefused) {
    for (const std::string& name : infer::engines()) {
        const auto choice =
            name.rfind("opencv", 0) == 0 ? EngineChoice::OpenCv : EngineChoice::OnnxRuntime;
        const auto engine = infer::load(models() + "yolov8n-320.onnx", with(choice));
        const std::vector<float> data(3 * 640 * 640);
        for (const Shape& shape :
             {Shape{1, 3, 640, 640}, Shape{3, 320, 320}, Shape{}, Shape{1, 3, 0, 320},
              Shape{1, 3, -1, 320}, Shape{2, 3, 320, 320}}) {
            try {
                engine->run(data.data(), shape);
                ck_abort_msg("%s took a wrong shape", name.c_str());
            } catch (const base::Error& error) {
                ck_assert(error.kind() == ErrorKind::Unsupported);
            }
        }
        // And goes on.
        ck_assert(engine->run(data.data(), {1, 3, 320, 320})[0].shape == (Shape{1, 84, 2100}));
    }
}
END_TEST

START_TEST(pathsThatAreNoFile) {
    for (const char* path : {"/nonexistent/x.onnx", "/", "", "/dev/null"}) {
        const auto error = refusal(path, EngineChoice::Auto);
        ck_assert(error && error->kind() == ErrorKind::NotFound);
    }
}
END_TEST

int main() {
    if (!fs::exists(models() + "yolov8n-320.onnx")) {
        std::puts("SKIP: the folder of real networks (Meson option shared_dir) is not there");
        return 77;
    }
    return runSuite("engine",
                    {networksLoad, enginesAgree, refusedAsTheyShould, darknet, darknetSizes,
                     darknetHalvesThatDoNotFit, wrongShapesAreRefused, pathsThatAreNoFile});
}
