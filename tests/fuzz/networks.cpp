#include "networks.hpp"

#include "base/error.hpp"
#include "infer/darknetfile.hpp"
#include "infer/labels.hpp"
#include "infer/modelfile.hpp"
#include "infer/onnxplan.hpp"
#include "infer/utf8.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace fuzz {
namespace {

/// Numbers as a network should not answer them, among some that it should.
std::vector<float> odd(std::size_t count) {
    constexpr float none = std::numeric_limits<float>::quiet_NaN();
    constexpr float endless = std::numeric_limits<float>::infinity();
    const float kinds[] = {0.5f, 0, 3, none, -1, 1e30f, 0.9f, endless, 17, -endless, -1e30f};
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; i++)
        values[i] = kinds[i * 7 % std::size(kinds)];
    return values;
}

/// The tail on what its body promises to give.
void runTail(const infer::OnnxPlan& plan) {
    const infer::ArrayLimit small(1 << 22);
    const infer::WorkLimit brief(1 << 27);
    infer::Arrays seams;
    std::int64_t elements = 0;
    for (const auto& seam : infer::OnnxFile::parse(plan.body).outputs) {
        elements += infer::elementsOf(seam.tensor.shape);
        if (elements > 1 << 20)
            return;
        seams.emplace_back(seam.tensor.shape,
                           odd(static_cast<std::size_t>(infer::elementsOf(seam.tensor.shape))));
    }
    if (seams.size() != plan.seams.size())
        throw std::logic_error("a body has other seams than its plan");
    plan.tail.run(seams);
}

void expectNames(const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (!infer::isUtf8(name) || name.size() > 256 || name.find('\0') != name.npos)
            throw std::logic_error("a name that is none");
}

} // namespace

void readNetwork(std::string_view bytes) {
    infer::ModelFile file = infer::ModelFile::ofOnnx(std::string(bytes), "net.onnx");
    file.advice();
    for (const auto& [key, value] : file.info.metadata)
        expectNames(infer::parseNames(value));
    infer::Shape shape = infer::provingShape(file.info);
    for (std::size_t i = 2; i < shape.size(); i++) // larger ones only take longer
        shape[i] = std::min<std::int64_t>(shape[i], 64);
    try {
        runTail(infer::OnnxPlan::make(file.bytes, shape));
    } catch (const base::Error&) {
        // And the other way to read it.
    }
    infer::OnnxFile::parse(infer::asFloat32(file.bytes, shape));
}

void readNames(std::string_view bytes) {
    expectNames(infer::parseNames(bytes));
    expectNames(infer::parseLabels(bytes, "file.names"));
}

void readDarknet(std::string_view bytes) {
    const auto end = std::min(bytes.find('\0'), bytes.size());
    const std::string weights(bytes.substr(std::min(end + 1, bytes.size())));
    const auto network = infer::DarknetFile::parse(bytes.substr(0, end));
    if (network.weights < -1 || network.fits({}))
        throw std::logic_error("a network without weights");
    const auto file =
        infer::ModelFile::ofDarknet(std::string(bytes.substr(0, end)), weights, "net.cfg");
    if (infer::elementsOf(file.info.input.shape) < 1)
        throw std::logic_error("a picture without pixels");
}

} // namespace fuzz
