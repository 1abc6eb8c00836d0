#include "infer/engine.hpp"

#include "base/error.hpp"
#include "infer/modelfile.hpp"
#include "infer/onnxruntimeengine.hpp"
#include "infer/opencvengine.hpp"

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

struct Maker {
    EngineChoice choice;
    std::string (*name)();
    bool (*offers)(const Device&);
    std::unique_ptr<Engine> (*load)(const ModelFile&, const EngineOptions&);
};

/// Best first.
const std::vector<Maker>& makers() {
    static const std::vector<Maker> all = {
#ifdef HAVE_ONNXRUNTIME
        {EngineChoice::OnnxRuntime, onnxRuntimeName, onnxRuntimeOffers, loadWithOnnxRuntime},
#endif
        {EngineChoice::OpenCv, openCvName, openCvOffers, loadWithOpenCv},
    };
    return all;
}

bool wanted(const Maker& maker, const EngineOptions& options) {
    return options.engine == EngineChoice::Auto || options.engine == maker.choice;
}

Error withoutOnnxRuntime() {
    return Error(ErrorKind::Settings,
                 "This build has no ONNX Runtime: set engine=opencv or auto, or "
                 "install it (pipelines/setup/onnxruntime) and build again.");
}

/// Drivers are looked for, which is nothing to do for the processor.
bool offers(const Maker& maker, const Device& device) {
    return device.cpu() || maker.offers(device);
}

/// Before a file of some megabytes is read.
void checkDevice(const EngineOptions& options) {
    bool any = false;
    for (const Maker& maker : makers()) {
        any = any || wanted(maker, options);
        if (wanted(maker, options) && offers(maker, options.device))
            return;
    }
    if (!any)
        throw withoutOnnxRuntime();
    throw Error(ErrorKind::Settings,
                "There is no device=" + options.device.text() + " for " +
                    (options.engine == EngineChoice::Auto     ? "either engine"
                     : options.engine == EngineChoice::OpenCv ? "engine=opencv"
                                                              : "engine=onnxruntime") +
                    " on this machine: " + offeredDevices() +
                    ". Set device to one of these, or install the device's driver and a build of "
                    "the library that uses it.");
}

} // namespace

std::unique_ptr<Engine> load(const std::string& path, const EngineOptions& options) {
    checkDevice(options);
    ModelFile file = ModelFile::read(path);
    file.resize(options.width, options.height);
    const bool darknet = file.info.format == ModelFormat::Darknet;
    if (darknet && options.engine == EngineChoice::OnnxRuntime)
        throw Error(ErrorKind::Settings, "ONNX Runtime does not read Darknet networks such as " +
                                             file.display + "; set engine=opencv or engine=auto.");
    std::vector<Error> refusals;
    for (const Maker& maker : makers()) {
        if (!wanted(maker, options) || (darknet && maker.choice == EngineChoice::OnnxRuntime) ||
            !offers(maker, options.device))
            continue;
        try {
            return maker.load(file, options);
        } catch (const Error& error) {
            refusals.push_back(error);
        }
    }
    if (refusals.empty()) // only the other engine has the device
        throw Error(ErrorKind::Settings, "OpenCV alone reads Darknet networks such as " +
                                             file.display + ", and has no device=" +
                                             options.device.text() + ": " + offeredDevices() + ".");
    if (refusals.size() == 1)
        throw refusals.front();
    std::string details;
    for (const Error& error : refusals)
        details += std::string(error.what()) + " (" + error.details() + ")\n";
    throw Error(
        refusals.front().kind(),
        "Neither ONNX Runtime nor OpenCV can run " + file.display + " (opset " +
            std::to_string(file.opset()) + ")" + options.device.on() + "." +
            (options.device.cpu() ? file.advice() : " Set device=cpu to see whether they can.") +
            " models/fetch --list names networks that work here.",
        details);
}

std::string offeredDevices() {
    static constexpr const char* names[] = {"cpu",      "cuda",     "cuda-fp16", "tensorrt",
                                            "migraphx", "openvino", "opencl",    "opencl-fp16",
                                            "coreml",   "dnnl",     "xnnpack"};
    std::string sentence;
    for (const Maker& maker : makers()) {
        std::string list;
        for (const char* name : names)
            if (offers(maker, Device{name, 0}))
                list += (list.empty() ? " offers " : " and ") + std::string(name);
        sentence += (sentence.empty() ? "" : ", ") + maker.name() + list;
    }
    return sentence;
}

std::vector<std::string> engines() {
    std::vector<std::string> names;
    for (const Maker& maker : makers())
        names.push_back(maker.name());
    return names;
}

} // namespace infer
