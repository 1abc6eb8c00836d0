// The reader of ONNX files on good, cut, altered and hostile bytes; what it passes on is then
// loaded, so that a file that fools it must still not hurt the engines.
#include "infer/onnxfile.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "infer/onnxplan.hpp"
#include "onnxbytes.hpp"

#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>
#include <unistd.h>

using base::ErrorKind;
using infer::OnnxFile;
using namespace onnxbytes;

namespace {

/// One Relu on a picture.
std::string small(const std::string& more = {},
                  const std::vector<std::uint64_t>& dims = {1, 3, 8, 8}, int type = 1) {
    return model(relu("x", "y") + data(11, value("x", dims, type)) + data(12, value("y", dims)) +
                 more);
}

/// Failed: it was not refused.
ErrorKind refusal(const std::string& bytes) {
    try {
        OnnxFile::parse(bytes);
    } catch (const base::Error& error) {
        return error.kind();
    }
    return ErrorKind::Failed;
}

class File {
public:
    explicit File(const std::string& bytes)
        : path("onnxfile-" + std::to_string(getpid()) + ".onnx") {
        std::ofstream(path, std::ios::binary) << bytes;
    }
    ~File() { std::remove(path.c_str()); }
    const std::string path;
};

/// As `refusal`, through every engine.
ErrorKind loadRefusal(const std::string& bytes) {
    const File file(bytes);
    try {
        infer::load(file.path, {});
    } catch (const base::Error& error) {
        ck_assert_msg(std::string(error.what()).size() > 20, "%s", error.what());
        return error.kind();
    }
    return ErrorKind::Failed;
}

std::string shapes() {
    const char* dir = std::getenv("VIDEO_STREAM_BUILD_DIR");
    std::ifstream file(std::string(dir ? dir : ".") + "/models/shapes.onnx", std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

} // namespace

START_TEST(readsWhatIsThere) {
    const OnnxFile file = OnnxFile::parse(small(weight(number(1, 2), data(9, "12345678"))));
    ck_assert_int_eq(file.irVersion, 7);
    ck_assert_int_eq(file.opset, 12);
    ck_assert_str_eq(file.metadata.at("names").c_str(), "{0: 'a'}");
    ck_assert_uint_eq(file.inputs.size(), 1);
    ck_assert_str_eq(file.inputs[0].tensor.name.c_str(), "x");
    ck_assert(file.inputs[0].tensor.shape == (std::vector<std::int64_t>{1, 3, 8, 8}));
    ck_assert_int_eq(file.inputs[0].type, OnnxFile::Float);
    ck_assert_uint_eq(file.operators.count("Relu"), 1);
    ck_assert(!file.half);

    // An open size, and a weight that is listed among the inputs as old files do.
    const OnnxFile old = OnnxFile::parse(
        small(weight(number(1, 1), data(9, "1234")) + data(11, value("w", {1})), {0, 3, 8, 8}));
    ck_assert_uint_eq(old.inputs.size(), 1);
    ck_assert_int_eq(old.inputs[0].tensor.shape[0], -1);

    const OnnxFile real = OnnxFile::parse(shapes());
    ck_assert(real.outputs[0].tensor.shape == (std::vector<std::int64_t>{1, 7, 1200}));
    ck_assert_str_eq(real.metadata.at("task").c_str(), "detect");
    ck_assert_str_eq(real.producer.c_str(), "video-stream");
}
END_TEST

START_TEST(smallOneRuns) { ck_assert(loadRefusal(small()) == ErrorKind::Failed); }
END_TEST

START_TEST(notANetwork) {
    for (const std::string& bytes :
         {std::string(), std::string("\0", 1), std::string("this is a text file\n"),
          std::string(100000, 'a'), std::string(4096, '\0'), std::string("PK\x03\x04 zip"),
          std::string("<!DOCTYPE html><html></html>"), number(1, 7), model({}),
          model(relu("x", "y")), std::string(2000, '\xff')}) {
        ck_assert(refusal(bytes) == ErrorKind::BadData);
        ck_assert(loadRefusal(bytes) == ErrorKind::BadData);
    }
}
END_TEST

START_TEST(cutAnywhere) {
    const std::string whole = shapes();
    ck_assert_uint_gt(whole.size(), 10000);
    for (std::size_t size = 0; size < whole.size() - 500; size += size < 2000 ? 1 : 1024)
        ck_assert(refusal(whole.substr(0, size)) == ErrorKind::BadData);
    for (std::size_t size = 0; size < whole.size() - 500; size += 1024)
        ck_assert(loadRefusal(whole.substr(0, size)) == ErrorKind::BadData);
}
END_TEST

START_TEST(impossibleSizes) {
    const std::string huge = number(1, 1ull << 40) + number(1, 1ull << 40);
    ck_assert(refusal(small(weight(huge, data(9, "1234")))) == ErrorKind::BadData);
    ck_assert(refusal(small(weight(number(1, ~0ull), data(9, "1234")))) == ErrorKind::BadData);
    ck_assert(refusal(small(weight(number(1, 2), data(9, "1234")))) == ErrorKind::BadData);
    ck_assert(refusal(small(weight(number(1, 1), data(9, "12345678")))) == ErrorKind::BadData);
    ck_assert(refusal(small(weight(number(1, 3), data(4, "12345678")))) == ErrorKind::BadData);
    ck_assert(refusal(small(weight(number(1, 3), {}))) == ErrorKind::BadData);
    // In a node's attribute, too.
    const std::string constant = data(
        1, data(2, "c") + data(4, "Constant") +
               data(5, data(1, "value") + data(5, number(1, 5) + number(2, 1) + data(9, "1234"))));
    ck_assert(refusal(small(constant)) == ErrorKind::BadData);

    // A whole file whose picture would fill the memory.
    ck_assert(refusal(small({}, {1, 3, 1u << 30, 1u << 30})) == ErrorKind::Failed);
    ck_assert(loadRefusal(small({}, {1, 3, 1u << 30, 1u << 30})) == ErrorKind::Unsupported);
    ck_assert(loadRefusal(small({}, {100000, 3, 640, 640})) == ErrorKind::Unsupported);
    ck_assert(loadRefusal(small({}, {1, 3, 16000, 16000})) == ErrorKind::Unsupported);
}
END_TEST

START_TEST(notOurs) {
    const std::string external = data(13, data(1, "location") + data(2, "/etc/passwd"));
    ck_assert(refusal(small(weight(number(1, 1), external))) == ErrorKind::Unsupported);
    ck_assert(loadRefusal(small(weight(number(1, 1), external + number(14, 1)))) ==
              ErrorKind::Unsupported);
    ck_assert(loadRefusal(small(data(11, value("second", {1, 4})))) == ErrorKind::Unsupported);
    ck_assert(loadRefusal(small({}, {1, 3, 8, 8}, 7)) == ErrorKind::Unsupported);
    ck_assert(loadRefusal(small({}, {1, 8})) == ErrorKind::Unsupported);
    ck_assert(loadRefusal(small({}, {1, 64, 8, 8})) == ErrorKind::Unsupported);
}
END_TEST

START_TEST(circles) {
    ck_assert(loadRefusal(model(relu("z", "y") + relu("y", "z") + input("x", {1, 3, 8, 8}) +
                                output("y", {1, 3, 8, 8}))) != ErrorKind::Failed);
}
END_TEST

START_TEST(deepNesting) {
    std::string graph = relu("x", "y");
    for (int i = 0; i < 20; i++)
        graph = data(1, data(4, "If") + data(5, data(1, "then_branch") + data(6, graph)));
    ck_assert(refusal(small(graph)) == ErrorKind::BadData);
}
END_TEST

START_TEST(curesSplit) {
    // Two channels and one: without the cure OpenCV 4.6 would take three for each, or refuse.
    std::string sizes;
    for (const char size : {1, 2})
        sizes += std::string(1, size) + std::string(7, '\0');
    const std::string node =
        data(1, data(1, "x") + data(1, "sizes") + data(2, "a") + data(2, "b") + data(4, "Split") +
                    data(5, data(1, "axis") + number(3, 1) + number(20, 2)));
    const std::string bytes =
        model(node + data(5, number(1, 2) + number(2, 7) + data(8, "sizes") + data(9, sizes)) +
              data(11, value("x", {1, 3, 4, 4})) + data(12, value("a", {1, 1, 4, 4})) +
              data(12, value("b", {1, 2, 4, 4})));
    const std::string body = infer::OnnxPlan::make(bytes, {1, 3, 4, 4}).body;
    OnnxFile::parse(body);
    ck_assert(body.find("split") != body.npos);
    const File file(bytes);
    infer::EngineOptions options;
    options.engine = infer::EngineChoice::OpenCv;
    const auto engine = infer::load(file.path, options);
    std::vector<float> picture(48);
    for (std::size_t i = 0; i < picture.size(); i++)
        picture[i] = static_cast<float>(i);
    const auto answers = engine->run(picture.data(), {1, 3, 4, 4});
    ck_assert(answers[1].shape == (std::vector<std::int64_t>{1, 2, 4, 4}));
    ck_assert_float_eq(answers[0].data[15], 15);
    ck_assert_float_eq(answers[1].data[0], 16);
    ck_assert_float_eq(answers[1].data[31], 47);
}
END_TEST

START_TEST(alteredBytes) {
    const std::string whole = shapes();
    std::mt19937 random(1);
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
        std::string bytes = whole;
        for (int i = 0; i < 1 + round % 4; i++)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        refused += refusal(bytes) != ErrorKind::Failed;
    }
    ck_assert_int_gt(refused, 0); // most alter a weight, which nobody can tell
}
END_TEST

CHECK_MAIN("onnxfile", readsWhatIsThere, smallOneRuns, notANetwork, cutAnywhere, impossibleSizes,
           notOurs, circles, deepNesting, curesSplit, alteredBytes)
