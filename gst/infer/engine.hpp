#pragma once

#include "infer/device.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace infer {

/// A tensor's name and shape; -1 stands for a size that is only known when it runs.
struct TensorInfo {
    std::string name;
    std::vector<std::int64_t> shape;
};

/// A float32 result in row-major order. Borrowed from the engine: valid until its next run.
struct Tensor {
    std::string name;
    std::vector<std::int64_t> shape;
    const float* data = nullptr;

    std::size_t size() const {
        std::size_t n = 1;
        for (const std::int64_t d : shape)
            n *= static_cast<std::size_t>(d);
        return n;
    }
};

enum class ModelFormat { Onnx, Darknet };

/// What the file says about the network, whichever library runs it.
struct ModelInfo {
    std::string path; ///< as given to load()
    ModelFormat format = ModelFormat::Onnx;
    /// The one picture input, N x C x H x W float32. H and W are -1 where the network takes any
    /// size; a Darknet network takes any multiple of its largest stride and shows the size of its
    /// cfg here. An engine that had to fix an open size for good shows that.
    TensorInfo input;
    /// ONNX: the file's own key and value pairs; Ultralytics writes names, task, stride, imgsz.
    std::map<std::string, std::string> metadata;
    std::int64_t opset = 0;            ///< ONNX: of the standard operators
    const char* precision = "float32"; ///< of its weights: "float32", "float16" or "int8"
    std::size_t bytes = 0;             ///< of the file with the weights
};

/// Which library runs the network. Auto takes ONNX Runtime where the build has it (2.5 to 5 times
/// faster than OpenCV 4.6 on a CPU) and then OpenCV; the second is tried when the first refuses.
enum class EngineChoice { Auto, OpenCv, OnnxRuntime };

struct EngineOptions {
    EngineChoice engine = EngineChoice::Auto;
    /// 0: the library's own choice, which is all cores. OpenCV has one number for the whole
    /// process: the last engine that asks for one sets it.
    int threads = 0;
    /// Pixels of the input, where the network takes any size (open axes, Darknet); 0: as the file
    /// says, else 640.
    int width = 0, height = 0;
    Device device;
};

/// A loaded network. Not thread-safe: one caller at a time, and it may be another thread each time.
class Engine {
public:
    virtual ~Engine() = default;

    /// Library and version, "opencv 4.6.0".
    virtual std::string name() const = 0;
    /// Where it runs, "cpu" or "cuda:1".
    virtual std::string device() const { return "cpu"; }
    virtual const ModelInfo& model() const = 0;
    /// As the proving forward of load() gave them, in the order of the file.
    virtual const std::vector<TensorInfo>& outputs() const = 0;
    /// Runs on the floats at `data`; `shape` is that of the input, with sizes where it has -1.
    /// Throws base::Error.
    virtual std::vector<Tensor> run(const float* data, const std::vector<std::int64_t>& shape) = 0;

    const TensorInfo& input() const { return model().input; }
};

/// Loads a network from a file and proves it with one forward of zeros: an .onnx file, or a Darknet
/// .weights or .cfg file with the other beside it under the same name. Throws base::Error that says
/// what is wrong with the file and what to do (NotFound, BadData, Unsupported); its details hold
/// the words of each library that was tried.
std::unique_ptr<Engine> load(const std::string& path, const EngineOptions& options);

/// The engines of this build, best first: {"onnxruntime 1.30.0", "opencv 4.6.0"}.
std::vector<std::string> engines();

/// What the libraries on this machine can run a network on, as a sentence has it:
/// "onnxruntime 1.30.0 offers cpu, opencv 4.6.0 offers cpu and opencl".
std::string offeredDevices();

} // namespace infer
