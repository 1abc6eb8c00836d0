// Where a network runs: what a device is called, that one which is not here is refused with those
// that are, and that each of those finds what the processor finds.
#include "infer/device.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "infer/engine.hpp"

#include <cmath>
#include <cstdio>

using base::ErrorKind;
using infer::Device;
using infer::EngineChoice;

namespace {

constexpr std::size_t side = 320;
const char* const known[] = {"cpu",      "cuda",     "cuda-fp16", "tensorrt",
                             "migraphx", "openvino", "opencl",    "opencl-fp16",
                             "coreml",   "dnnl",     "xnnpack"};

std::unique_ptr<infer::Engine> load(EngineChoice engine, const std::string& device) {
    const char* const dir = std::getenv("VIDEO_STREAM_BUILD_DIR");
    infer::EngineOptions options;
    options.engine = engine;
    options.device = Device::parse(device);
    return infer::load(std::string(dir ? dir : ".") + "/models/shapes.onnx", options);
}

std::string refusal(EngineChoice engine, const std::string& device) {
    try {
        load(engine, device);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == ErrorKind::Settings);
        return error.what();
    }
    ck_abort_msg("device=%s was taken", device.c_str());
    return {};
}

void says(const std::string& text, const std::string& word) {
    ck_assert_msg(text.find(word) != text.npos, "'%s' does not say '%s'", text.c_str(),
                  word.c_str());
}

/// A red disk on grey, and what the network says of it.
std::vector<float> answer(infer::Engine& engine) {
    std::vector<float> picture(3 * side * side, 0.45f);
    for (std::size_t y = 0; y < side; y++)
        for (std::size_t x = 0; x < side; x++)
            if (std::hypot(double(x) - 100, double(y) - 150) < 40) {
                picture[y * side + x] = 0.9f;
                picture[(side + y) * side + x] = picture[(2 * side + y) * side + x] = 0.1f;
            }
    const auto outputs = engine.run(picture.data(), {1, 3, side, side});
    return {outputs[0].data, outputs[0].data + outputs[0].size()};
}

} // namespace

START_TEST(names) {
    ck_assert(Device::parse("").cpu() && Device::parse("CPU").cpu());
    const Device second = Device::parse("Cuda:1");
    ck_assert_str_eq(second.name.c_str(), "cuda");
    ck_assert_int_eq(second.number, 1);
    CHECK_STR(second.text(), "cuda:1");
    CHECK_STR(Device::parse("opencl-fp16:0").text(), "opencl-fp16");
    for (const char* text : {":1", "cuda:", "cuda:x", "cuda:-1", "cuda:100", "cuda:1:2", "a b",
                             "cpu:1", "cu\nda", "/dev/dri/card0"})
        try {
            Device::parse(text);
            ck_abort_msg("'%s' was taken", text);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == ErrorKind::Settings);
            says(error.what(), "cuda:1");
        }
    ck_assert_uint_lt(std::string(refusal(EngineChoice::Auto, "nowhere")).size(), 500);
}
END_TEST

START_TEST(whatIsNotHereIsRefused) {
    const std::string text = refusal(EngineChoice::Auto, "nowhere:3");
    says(text, "device=nowhere:3");
    for (const std::string& engine : infer::engines())
        says(text, engine + " offers cpu");
    says(text, "Set device to one of these");
    says(refusal(EngineChoice::OpenCv, "tensorrt"), "engine=opencv");
    // OpenCV computes what it cannot have on the processor, and says nothing.
    const std::string offered = infer::offeredDevices();
    if (offered.find("cuda") == offered.npos)
        says(refusal(EngineChoice::Auto, "cuda"), "device=cuda");
}
END_TEST

START_TEST(eachDeviceFindsTheSame) {
    for (const EngineChoice engine : {EngineChoice::OpenCv, EngineChoice::OnnxRuntime}) {
        if (engine == EngineChoice::OnnxRuntime && infer::engines().size() < 2)
            continue;
        const auto processor = load(engine, "cpu");
        CHECK_STR(processor->device(), "cpu");
        const std::vector<float> right = answer(*processor);
        for (const char* const name : known) {
            std::unique_ptr<infer::Engine> other;
            try {
                other = load(engine, name);
            } catch (const base::Error&) {
                continue;
            }
            CHECK_STR(other->device(), name);
            std::printf("%s on %s\n", other->name().c_str(), name);
            const std::vector<float> found = answer(*other);
            ck_assert_uint_eq(found.size(), right.size());
            // Half floats have three digits, and boxes go up to 320.
            const double allowed = std::string(name).find("fp16") == std::string::npos ? 0.05 : 2;
            for (std::size_t i = 0; i < right.size(); i++)
                ck_assert_double_eq_tol(found[i], right[i], allowed);
        }
    }
}
END_TEST

int main() { return runSuite("device", {names, whatIsNotHereIsRefused, eachDeviceFindsTheSame}); }
