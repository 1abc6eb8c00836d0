#pragma once

#include <cstddef>
#include <cstdint>
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

/// Which library runs the network. Auto takes ONNX Runtime where the build has it (2.5 to 5 times
/// faster than OpenCV 4.6 on a CPU), else OpenCV.
enum class EngineChoice { Auto, OpenCv, OnnxRuntime };

struct EngineOptions {
    EngineChoice engine = EngineChoice::Auto;
    int threads = 0; ///< 0: the library's own choice
};

/// A loaded network. Not thread-safe: one caller at a time.
class Engine {
public:
    virtual ~Engine() = default;

    /// Library and version, "opencv 4.6.0".
    virtual std::string name() const = 0;
    /// The one picture input, N x C x H x W float32; H and W are -1 where the network takes any
    /// size.
    virtual const TensorInfo& input() const = 0;
    virtual const std::vector<TensorInfo>& outputs() const = 0;
    /// Runs on `shape` floats at `data`. Throws base::Error.
    virtual std::vector<Tensor> run(const float* data, const std::vector<std::int64_t>& shape) = 0;
};

/// Loads a network from a file and proves it with one forward of zeros. Throws base::Error that
/// says what is wrong with the file and what to do (NotFound, BadData, Unsupported).
std::unique_ptr<Engine> load(const std::string& path, const EngineOptions& options);

/// The engines of this build, best first: {"onnxruntime 1.30.0", "opencv 4.6.0"}.
std::vector<std::string> engines();

} // namespace infer
