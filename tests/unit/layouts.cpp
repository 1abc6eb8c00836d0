// Tiny networks that end as the exports of each family do (models/layouts.py), in every engine:
// what is found about them, that all engines find the same objects, and what becomes of damaged
// files.
#include "base/error.hpp"
#include "check.hpp"
#include "infer/modelfile.hpp"
#include "infer/onnxfile.hpp"
#include "infer/onnxplan.hpp"
#include "yolo/model.hpp"

#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

namespace {

using Kind = yolo::Layout::Kind;

constexpr int side = 64;

struct Known {
    const char* name; ///< of the file; without an ending: .onnx
    Kind kind;
    const char* task;
    int classes;
    double score; ///< how far apart the scores of two engines may be
    double box;   ///< and the boxes, pixels
};

// QDQ: ONNX Runtime rounds to int8 where OpenCV gets the float32 that it stands for.
const Known all[] = {
    {"v8-opset11", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset12", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset13", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset14", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset15", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset16", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset17", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset18", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset19", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset20", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-opset21", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-dynamic", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-batch", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-nameless", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v8-coco", Kind::Columns, "detect", 80, 1e-3, 0.01},
    {"segment", Kind::Columns, "segment", 3, 1e-3, 0.01},
    {"pose", Kind::Columns, "pose", 1, 1e-3, 0.01},
    {"turned", Kind::Columns, "obb", 3, 1e-3, 0.01},
    {"end-to-end", Kind::EndToEnd, "detect", 3, 1e-3, 0.01},
    {"yolo26", Kind::EndToEnd, "detect", 3, 1e-3, 0.01},
    {"v5", Kind::Objectness, "detect", 3, 1e-3, 0.01},
    {"v6", Kind::Objectness, "detect", 3, 1e-3, 0.01},
    {"v7", Kind::Objectness, "detect", 3, 1e-3, 0.01},
    {"v7-raw", Kind::Heads, "detect", 3, 1e-3, 0.01},
    {"v7-end-to-end", Kind::BatchRows, "detect", 3, 1e-3, 0.01},
    {"v9-dual", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"v12-attention", Kind::Columns, "detect", 3, 1e-3, 0.01},
    {"yolox", Kind::Grid, "detect", 3, 1e-3, 0.01},
    {"nas", Kind::TwoOutputs, "detect", 3, 1e-3, 0.01},
    {"nas-flat", Kind::BatchRows, "detect", 3, 1e-3, 0.01},
    {"quantised", Kind::Columns, "detect", 3, 0.1, 8},
    {"half", Kind::Columns, "detect", 4, 1e-3, 0.01},
    {"v3.weights", Kind::Darknet, "detect", 3, 1e-3, 0.01},
    {"v3-tiny.weights", Kind::Darknet, "detect", 3, 1e-3, 0.01},
    {"v4.cfg", Kind::Darknet, "detect", 3, 1e-3, 0.01},
    {"v4-tiny.cfg", Kind::Darknet, "detect", 3, 1e-3, 0.01},
};

std::string pathOf(const std::string& name) {
    const char* const dir = std::getenv("VIDEO_STREAM_BUILD_DIR");
    const char* const ending = name.find('.') == name.npos ? ".onnx" : "";
    return std::string(dir ? dir : ".") + "/models/layouts/" + name + ending;
}

std::string bytesOf(const std::string& name) {
    std::ifstream file(pathOf(name), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

/// Those that take the network.
std::vector<infer::EngineChoice> enginesFor(const Known& known) {
    std::vector<infer::EngineChoice> choices{infer::EngineChoice::OpenCv};
    if (infer::engines().size() > 1 && known.kind != Kind::Darknet)
        choices.push_back(infer::EngineChoice::OnnxRuntime);
    return choices;
}

std::unique_ptr<yolo::Model> open(const std::string& name, infer::EngineChoice engine,
                                  yolo::LayoutChoice layout = yolo::LayoutChoice::Auto) {
    yolo::ModelSettings settings;
    settings.model = pathOf(name);
    settings.engine.engine = engine;
    settings.layout = layout;
    return yolo::Model::open(settings);
}

/// What a network finds in drawn waves; everything, so that there is something to compare.
std::vector<base::Detection> look(yolo::Model& model) {
    std::vector<float> picture(std::size_t{3} * side * side);
    const float top = model.layout().picture.unit ? 1.0f : 255.0f;
    for (std::size_t i = 0; i < picture.size(); i++) {
        const std::size_t row = i / side, column = i % side;
        const auto x = static_cast<double>(column), y = static_cast<double>(row);
        picture[i] = top * static_cast<float>(0.5 + 0.3 * std::sin(x / 5) + 0.2 * std::sin(y / 7));
    }
    yolo::Limits limits;
    limits.threshold = 0.2f;
    limits.iouThreshold = 1; // suppression would turn a rounding into another list
    return model.detect(picture.data(), {0, 0, side, side}, limits);
}

double apart(const base::Rect& a, const base::Rect& b) {
    return side * std::max({std::fabs(a.x - b.x), std::fabs(a.y - b.y),
                            std::fabs(a.right() - b.right()), std::fabs(a.bottom() - b.bottom())});
}

/// Each of `a` has its fellow in `b`, unless its score is at the threshold or ends the list.
void expectFellows(const Known& known, const std::vector<base::Detection>& a,
                   const std::vector<base::Detection>& b) {
    for (const base::Detection& d : a) {
        if (d.score < 0.2 + known.score || (a.size() >= 20 && d.score <= a.back().score + 1e-3))
            continue;
        bool found = false;
        for (const base::Detection& o : b) {
            const bool same = o.classId == d.classId && o.label == d.label &&
                              std::fabs(o.score - d.score) <= known.score &&
                              apart(o.box, d.box) <= known.box &&
                              o.keyPoints.size() == d.keyPoints.size() &&
                              o.corners.size() == d.corners.size() && !o.mask == !d.mask;
            found = found || same;
        }
        ck_assert_msg(found, "%s: %s %.3f [%.3f %.3f %.3f %.3f] is not found by the other",
                      known.name, d.label.c_str(), static_cast<double>(d.score), d.box.x, d.box.y,
                      d.box.width, d.box.height);
    }
}

} // namespace

START_TEST(eachIsUnderstood) {
    for (const Known& known : all)
        for (const infer::EngineChoice engine : enginesFor(known)) {
            const auto model = open(known.name, engine);
            const yolo::Layout& layout = model->layout();
            ck_assert_msg(layout.kind == known.kind, "%s was read as %s", known.name,
                          layout.family.c_str());
            ck_assert_msg(layout.task() == known.task, "%s is for %s", known.name,
                          layout.task().c_str());
            if (layout.classes)
                ck_assert_msg(model->classes() == known.classes, "%s has %d classes", known.name,
                              model->classes());
            ck_assert_int_eq(model->width(), side);
        }
}
END_TEST

START_TEST(enginesFindTheSame) {
    for (const Known& known : all) {
        const auto choices = enginesFor(known);
        const auto first = look(*open(known.name, choices.front()));
        ck_assert_msg(!first.empty(), "%s finds nothing", known.name);
        for (std::size_t i = 1; i < choices.size(); i++) {
            const auto other = look(*open(known.name, choices[i]));
            expectFellows(known, first, other);
            expectFellows(known, other, first);
        }
    }
}
END_TEST

START_TEST(detailsRide) {
    const auto points = look(*open("pose", infer::EngineChoice::OpenCv));
    ck_assert_uint_eq(points.at(0).keyPoints.size(), 5);
    ck_assert_str_eq(points.at(0).label.c_str(), "person");
    const auto corners = look(*open("turned", infer::EngineChoice::OpenCv));
    ck_assert_uint_eq(corners.at(0).corners.size(), 4);
    const auto masks = look(*open("segment", infer::EngineChoice::OpenCv));
    const auto& mask = masks.at(0).mask;
    ck_assert(mask && mask->width > 0 && mask->height <= 16);
    ck_assert_uint_eq(mask->cover.size(), std::size_t(mask->width) * std::size_t(mask->height));
}
END_TEST

START_TEST(noNumbersNoObjects) {
    for (const infer::EngineChoice engine : enginesFor({}))
        ck_assert(look(*open("not-numbers", engine)).empty());
}
END_TEST

START_TEST(sizesAreAskedFor) {
    yolo::ModelSettings settings;
    settings.model = pathOf("v8-opset17");
    settings.engine.width = settings.engine.height = 128;
    try {
        yolo::Model::open(settings);
        ck_abort_msg("a fixed size was changed");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
        ck_assert(std::string(error.what()).find("64x64") != std::string::npos);
    }
    try {
        open("v5", infer::EngineChoice::OpenCv, yolo::LayoutChoice::Nas);
        ck_abort_msg("rows of v5 were taken for YOLO-NAS");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
    }
}
END_TEST

/// Whatever the bytes are: an answer or an error, and no more memory than the file deserves.
START_TEST(damagedFiles) {
    std::mt19937 chance(7);
    int refused = 0;
    for (const Known& known : all) {
        if (known.kind == Kind::Darknet)
            continue;
        const std::string whole = bytesOf(known.name);
        ck_assert_uint_gt(whole.size(), 500);
        for (int round = 0; round < 60; round++) {
            std::string bytes = whole;
            for (int i = 0; i < 1 + round % 5; i++)
                bytes[chance() % bytes.size()] = static_cast<char>(chance());
            if (round % 7 == 0)
                bytes.resize(chance() % bytes.size());
            try {
                infer::OnnxFile::parse(bytes);
                infer::OnnxPlan::make(bytes, {1, 3, side, side});
                infer::asFloat32(bytes, {1, 3, side, side});
            } catch (const base::Error&) {
                refused++;
            }
        }
    }
    ck_assert_int_gt(refused, 100);
}
END_TEST

START_TEST(damagedDarknet) {
    const auto read = [](const std::string& name) {
        std::ifstream file(pathOf(name), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string cfg = read("v4-tiny.cfg"), weights = read("v4-tiny.weights");
    infer::ModelFile::ofDarknet(cfg, weights, "net.cfg");
    const std::pair<std::string, std::string> ills[] = {
        {"mask=3,4,5", "mask=30,4,5"},
        {"mask=3,4,5", "mask=-1,4,5"},
        {"anchors=4,5, 7,9, 9,6, 12,14,", "anchors="},
        {"classes=3", "classes=4"},
        {"filters=6", "filters=7"},
        {"layers=2", "layers=99"},
        {"width=64", "width=-64"},
        {"height=64", "height=1000000"},
        {"[net]", "[yolo]"}};
    for (const auto& [from, to] : ills) {
        std::string bad = cfg;
        const auto at = bad.find(from);
        ck_assert_msg(at != bad.npos, "%s", from.c_str());
        bad.replace(at, from.size(), to);
        try {
            infer::ModelFile::ofDarknet(bad, weights, "net.cfg");
            ck_abort_msg("%s was taken", to.c_str());
        } catch (const base::Error& error) {
            ck_assert_msg(std::string(error.what()).find("net") == 0, "%s", error.what());
        }
    }
}
END_TEST

CHECK_MAIN("layouts", eachIsUnderstood, enginesFindTheSame, detailsRide, noNumbersNoObjects,
           sizesAreAskedFor, damagedFiles, damagedDarknet)
