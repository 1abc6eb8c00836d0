// Networks that were made to do harm: what they ask for is refused before it costs memory or hours,
// and nothing lies beyond an array. Each was found by the fuzzer or by reading.
#include "base/error.hpp"
#include "check.hpp"
#include "infer/onnxfile.hpp"
#include "infer/onnxops.hpp"
#include "infer/onnxplan.hpp"
#include "onnxbytes.hpp"

#include <sys/resource.h>

#include <functional>
#include <limits>

using namespace onnxbytes;
using base::ErrorKind;
using infer::Array;

namespace {

const std::string external = data(13, data(1, "location") + data(2, "/etc/passwd"));
const std::string outside = number(1, 1) + number(2, 1) + data(8, "w") + external;

/// Failed: there was no error.
ErrorKind errorOf(const std::function<void()>& work, const char* says = "") {
    try {
        work();
    } catch (const base::Error& error) {
        ck_assert_msg(std::string(error.what()).find(says) != std::string::npos, "%s",
                      error.what());
        return error.kind();
    }
    return ErrorKind::Failed;
}

ErrorKind read(const std::string& bytes, const char* says = "") {
    return errorOf([&] { infer::OnnxFile::parse(bytes); }, says);
}

/// Reads and divides it; also as the other engine has it.
ErrorKind divided(const std::string& bytes, const char* says = "") {
    const infer::Shape picture{1, 3, 8, 8};
    infer::OnnxFile::parse(bytes);
    errorOf([&] { infer::asFloat32(bytes, picture); });
    return errorOf([&] { infer::OnnxPlan::make(bytes, picture); }, says);
}

/// From the picture x to the answer y.
std::string network(const std::string& graph) {
    return model(graph + input("x", {1, 3, 8, 8}) + output("y", {1, 3, 8, 8}));
}

std::string attribute(const char* name, const std::string& rest) {
    return data(5, data(1, name) + rest);
}

infer::Arrays computed(const std::string& bytes, const infer::Arrays& in) {
    const infer::OnnxNode node = infer::OnnxNode::parse(bytes);
    return infer::findOperator(node)({node, in, 13});
}

Array whole(std::vector<std::int64_t> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return {{count}, std::move(values)};
}

long usedMiB() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

} // namespace

START_TEST(nothingLiesInAnotherFile) {
    const std::string constant = node("Constant", {}, {"c"}, attribute("value", data(5, outside)));
    for (const std::string& graph :
         {data(5, outside), constant, data(15, data(1, outside)), data(15, data(2, outside)),
          node("Constant", {}, {"c"}, attribute("sparse_value", data(22, data(1, outside)))),
          node("If", {}, {"c"}, attribute("then_branch", data(6, constant)))})
        ck_assert(read(network(relu("x", "y") + graph), "second file") == ErrorKind::Unsupported);
    // In pieces: whoever reads it puts them together.
    ck_assert(read(data(7, data(5, outside)) + network(relu("x", "y"))) == ErrorKind::Unsupported);
    // In an operator of the file's own.
    const std::string function =
        data(25, data(1, "f") + data(7, data(4, "Constant") + attribute("v", data(5, outside))));
    ck_assert(read(network(relu("x", "y")) + function) == ErrorKind::Unsupported);
}
END_TEST

START_TEST(moreThanAnyNetworkHas) {
    const auto often = [](const std::string& what) {
        std::string all;
        for (int i = 0; i < 1 << 21; i++)
            all += what;
        return all;
    };
    const std::string good = relu("x", "y");
    for (const std::string& graph :
         {data(1, often(data(1, "")) + data(4, "Relu")), often(data(11, "")), often(data(12, "")),
          often(data(1, "")), often(data(5, "")),
          node("Relu", {}, {}, attribute("a", data(8, std::string(1 << 21, '\1')))),
          node("Relu", {}, {}, often(data(5, "")))})
        ck_assert(read(network(good + graph), "more parts") == ErrorKind::BadData);
    ck_assert(read(network(good) + often(data(14, "")), "more parts") == ErrorKind::BadData);
    std::string dims;
    for (int i = 0; i < 40; i++)
        dims += number(1, 1);
    ck_assert(read(network(good + weight(dims, data(9, "1234"))), "axes") == ErrorKind::BadData);
    ck_assert(
        read(network(good +
                     data(11, data(1, "z") +
                                  data(2, data(1, shape(std::vector<std::uint64_t>(40, 1)))))),
             "axes") == ErrorKind::BadData);
    // The same numbers twice, and more than the shape has.
    ck_assert(read(network(good + weight(number(1, 1), data(4, "1234") + data(9, "1234")))) ==
              ErrorKind::BadData);
    ck_assert(read(network(good + weight(number(1, 1), data(4, "12345678")))) ==
              ErrorKind::BadData);
}
END_TEST

START_TEST(circlesAndStrangeNodes) {
    ck_assert(divided(network(relu("z", "y") + relu("y", "z")), "nothing before it makes") ==
              ErrorKind::BadData);
    ck_assert(divided(network(relu("y", "y")), "nothing before it makes") == ErrorKind::BadData);
    ck_assert(divided(network(relu("x", "y") + relu("x", "y")), "twice") == ErrorKind::BadData);
    // Known names with other meanings, or without what they need.
    for (const char* type : {"ConvInteger", "MatMulInteger", "Clip", "Split", "QuantizeLinear"})
        divided(network(node(type, {"x"}, {"y"})));
    for (const char* type : {"Slice", "Concat", "Conv", "Softmax"}) {
        divided(network(node(type, {"x"}, {"y"}, data(7, "somebody.else"))));
        divided(network(node(type, {}, {"y"}) +
                        data(5, number(1, 1) + number(1, 1) + number(1, 1) + number(1, 1) +
                                    number(2, 1) + data(9, "1234"))));
    }
}
END_TEST

START_TEST(workHasAnEnd) {
    // Two million numbers from a few bytes, added up again and again.
    std::string graph = integers("four", {64, 64, 64, 8}) + integers("all", {0, 1, 2, 3}) +
                        node("ConstantOfShape", {"four"}, {"c"});
    for (int i = 0; i < 5000; i++)
        graph += node("ReduceSum", {"c", "all"}, {"s" + std::to_string(i)});
    ck_assert(divided(network(graph + relu("x", "y")), "without an end") == ErrorKind::BadData);

    infer::OnnxNode product;
    product.type = "MatMul";
    product.inputs = {"a", "a"};
    product.outputs = {"c"};
    const std::vector<float> numbers(std::size_t{1} << 24);
    const infer::OnnxTail tail({product}, {}, {"a"}, {"c"}, 13);
    ck_assert(errorOf(
                  [&] {
                      tail.run({Array::borrow({2048, 2048}, numbers.data())});
                  },
                  "without an end") == ErrorKind::BadData);

    std::vector<infer::OnnxNode> copies(9);
    for (std::size_t i = 0; i < copies.size(); i++) {
        copies[i].type = "Identity";
        copies[i].inputs = {"a"};
        copies[i].outputs = {"c" + std::to_string(i)};
    }
    const infer::OnnxTail hoard(copies, {}, {"a"}, {"c0"}, 13);
    ck_assert(errorOf([&] { hoard.run({Array::borrow({1 << 24}, numbers.data())}); },
                      "more numbers") == ErrorKind::BadData);
}
END_TEST

START_TEST(nothingBeyondAnArray) {
    const Array six({6}, std::vector<float>(6));
    const std::string slice = data(4, "Slice");
    ck_assert(errorOf([&] {
                  computed(slice, {six, whole({5, 5}), whole({6, 6}), whole({0, 0})});
              }) == ErrorKind::BadData);
    const std::string split = data(2, "a") + data(4, "Split");
    ck_assert(errorOf([&] { computed(split, {six, whole({6, 0, 0, 0})}); }) == ErrorKind::BadData);
    // A size of 0 hides no others.
    constexpr std::int64_t large = 1 << 26;
    ck_assert(errorOf([&] { infer::elementsOf({0, large, large, large}); }) == ErrorKind::BadData);
    ck_assert_int_eq(infer::elementsOf({large, 0}), 0);
    ck_assert(errorOf([&] { infer::elementsOf(infer::Shape(40, 1)); }) == ErrorKind::BadData);
    // No number of boxes, and the largest whole number there is.
    const Array none({1}, std::vector<float>{std::numeric_limits<float>::quiet_NaN()});
    const auto kept =
        computed(data(4, "NonMaxSuppression"), {Array({1, 1, 4}, std::vector<float>{0, 0, 1, 1}),
                                                Array({1, 1, 1}, std::vector<float>{1}), none});
    ck_assert_uint_eq(kept[0].size(), 0);
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    ck_assert(computed(data(4, "ReduceMean"), {whole({most})})[0].integers()[0] == most);
}
END_TEST

START_TEST(memoryIsBounded) {
    // A node of many values: it was once copied for each of them.
    std::vector<std::string> names;
    for (int i = 0; i < 20000; i++)
        names.push_back(std::to_string(i));
    divided(network(node("Split", {"x"}, names) + relu("x", "y")));
    ck_assert_msg(usedMiB() < 700, "%ld MiB", usedMiB());
}
END_TEST

CHECK_MAIN("strangersmodel", nothingLiesInAnotherFile, moreThanAnyNetworkHas,
           circlesAndStrangeNodes, workHasAnEnd, nothingBeyondAnArray, memoryIsBounded)
