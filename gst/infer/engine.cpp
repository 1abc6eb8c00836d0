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
    std::unique_ptr<Engine> (*load)(const ModelFile&, const EngineOptions&);
};

/// Best first.
const std::vector<Maker>& makers() {
    static const std::vector<Maker> all = {
#ifdef HAVE_ONNXRUNTIME
        {EngineChoice::OnnxRuntime, onnxRuntimeName, loadWithOnnxRuntime},
#endif
        {EngineChoice::OpenCv, openCvName, loadWithOpenCv},
    };
    return all;
}

} // namespace

std::unique_ptr<Engine> load(const std::string& path, const EngineOptions& options) {
    ModelFile file = ModelFile::read(path);
    file.resize(options.width, options.height);
    const bool darknet = file.info.format == ModelFormat::Darknet;
    if (darknet && options.engine == EngineChoice::OnnxRuntime)
        throw Error(ErrorKind::Settings, "ONNX Runtime does not read Darknet networks such as " +
                                             file.display + "; set engine=opencv or engine=auto.");
    std::vector<Error> refusals;
    for (const Maker& maker : makers()) {
        if (options.engine != EngineChoice::Auto && options.engine != maker.choice)
            continue;
        if (darknet && maker.choice == EngineChoice::OnnxRuntime)
            continue;
        try {
            return maker.load(file, options);
        } catch (const Error& error) {
            refusals.push_back(error);
        }
    }
    if (refusals.empty())
        throw Error(ErrorKind::Settings,
                    "This build has no ONNX Runtime: set engine=opencv or auto, or "
                    "install it (pipelines/setup/onnxruntime) and build again.");
    if (refusals.size() == 1)
        throw refusals.front();
    std::string details;
    for (const Error& error : refusals)
        details += std::string(error.what()) + " (" + error.details() + ")\n";
    throw Error(refusals.front().kind(),
                "Neither ONNX Runtime nor OpenCV can run " + file.display + " (opset " +
                    std::to_string(file.opset()) + ")." + file.advice() +
                    " models/fetch --list names networks that work here.",
                details);
}

std::vector<std::string> engines() {
    std::vector<std::string> names;
    for (const Maker& maker : makers())
        names.push_back(maker.name());
    return names;
}

} // namespace infer
