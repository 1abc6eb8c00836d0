#include "infer/onnxruntimeengine.hpp"

#include "base/error.hpp"
#include "infer/modelfile.hpp"
#include "infer/onnxplan.hpp"
#include "infer/onnxruntimedevice.hpp"

#include <onnxruntime_session_options_config_keys.h>

#include <functional>
#include <numeric>

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

std::string version() { return OrtGetApiBase()->GetVersionString(); }
std::string title() { return "ONNX Runtime " + version(); }

/// Once for the process. The library keeps every older version of its interface, so headers of 1.21
/// work on a library of 1.30; the other way round there is none to be had.
void startLibrary() {
    static const OrtApi* const api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
    if (!api)
        throw Error(ErrorKind::Unsupported,
                    "The installed " + title() + " is older than 1." +
                        std::to_string(ORT_API_VERSION) +
                        ", which this was built with: set engine=opencv, or build again.");
    static const bool started = (Ort::InitApi(api), true);
    static_cast<void>(started);
}

/// What goes wrong is told once, by our error.
Ort::Env environment() {
    Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "video-stream");
    env.DisableTelemetryEvents();
    return env;
}

Ort::SessionOptions sessionOptions(const EngineOptions& options) {
    Ort::SessionOptions session;
    session.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
    session.SetExecutionMode(ExecutionMode::ORT_SEQUENTIAL);
    session.SetInterOpNumThreads(1);
    if (options.threads > 0)
        session.SetIntraOpNumThreads(options.threads);
    // Spinning gains a few percent of speed and burns every core between frames, where decoders and
    // encoders have work to do.
    session.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
    session.AddConfigEntry(kOrtSessionOptionsConfigAllowInterOpSpinning, "0");
    // Without this a session answers what it cannot run with a log line on stderr, too.
    session.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    useDevice(session, options.device, options.threads);
    return session;
}

class OnnxRuntimeEngine : public Engine {
public:
    OnnxRuntimeEngine(const ModelFile& file, const EngineOptions& options)
        : info_(file.info), device_(options.device), env_(environment()) {
        for (const auto& output : file.onnx.outputs)
            names_.push_back(output.tensor.name);
        for (const std::string& name : names_)
            namePointers_.push_back(name.c_str());
        // Pictures and answers are float32 here; and some quantised networks have kernels nowhere.
        const bool half = file.onnx.inputs.front().type == OnnxFile::Float16;
        std::string words;
        if (!half && attempt(file.bytes, options, words))
            return;
        if ((half || file.onnx.quantized()) && attemptFloat32(file, options, words))
            return;
        throw Error(ErrorKind::Unsupported,
                    title() + " cannot run " + file.display + " (opset " +
                        std::to_string(file.opset()) + ")" + device_.on() + "." +
                        (device_.cpu() ? file.advice() : " Set device=cpu to see whether it can.") +
                        " models/fetch --list names networks that work here.",
                    words);
    }

    std::string name() const override { return onnxRuntimeName(); }
    std::string device() const override { return device_.text(); }
    const ModelInfo& model() const override { return info_; }
    const std::vector<TensorInfo>& outputs() const override { return outputs_; }

    std::vector<Tensor> run(const float* data, const std::vector<std::int64_t>& shape) override {
        checkShape(info_.input.shape, shape);
        try {
            return forward(data, shape);
        } catch (const std::exception& error) {
            throw Error(ErrorKind::Failed,
                        title() + " failed while running the network " + info_.path +
                            "; try another input size or engine.",
                        error.what());
        }
    }

private:
    /// Loads `bytes` and sends a zero picture through; what is wrong goes into `words`.
    bool attempt(const std::string& bytes, const EngineOptions& options, std::string& words) {
        try {
            session_ = Ort::Session(env_, bytes.data(), bytes.size(), sessionOptions(options));
            prove();
            return true;
        } catch (const std::exception& error) { // Ort::Exception, bad_alloc
            words += error.what();
            return false;
        }
    }

    bool attemptFloat32(const ModelFile& file, const EngineOptions& options, std::string& words) {
        try {
            info_.input.shape = provingShape(file.info);
            return attempt(asFloat32(file.bytes, info_.input.shape), options, words);
        } catch (const Error& error) {
            words += error.what();
            return false;
        }
    }

    void prove() {
        outputs_.clear();
        const auto shape = provingShape(info_);
        const std::vector<float> zeros(static_cast<std::size_t>(
            std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
        for (const Tensor& tensor : forward(zeros.data(), shape))
            outputs_.push_back({tensor.name, tensor.shape});
    }

    std::vector<Tensor> forward(const float* data, const std::vector<std::int64_t>& shape) {
        const std::size_t count = static_cast<std::size_t>(
            std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
        // The tensor is a view that the library only reads; its constructor takes non-const all the
        // same.
        const Ort::Value input = Ort::Value::CreateTensor<float>(memory_, const_cast<float*>(data),
                                                                 count, shape.data(), shape.size());
        const char* inputName = info_.input.name.c_str();
        results_ = session_.Run(Ort::RunOptions{nullptr}, &inputName, &input, 1,
                                namePointers_.data(), namePointers_.size());
        std::vector<Tensor> tensors;
        converted_.assign(results_.size(), {});
        for (std::size_t i = 0; i < results_.size(); i++) {
            const auto type = results_[i].GetTensorTypeAndShapeInfo();
            tensors.push_back({names_[i], type.GetShape(), floats(i, type)});
        }
        return tensors;
    }

    /// Numbers of classes and counts of boxes come as whole numbers from some.
    const float* floats(std::size_t i, const Ort::TensorTypeAndShapeInfo& type) {
        const auto copy = [&](const auto* from) {
            converted_[i].assign(from, from + type.GetElementCount());
            return converted_[i].data();
        };
        switch (type.GetElementType()) {
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
            return results_[i].GetTensorData<float>();
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
            return copy(results_[i].GetTensorData<std::int32_t>());
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
            return copy(results_[i].GetTensorData<std::int64_t>());
        default:
            throw std::runtime_error("output " + names_[i] + " is not of numbers");
        }
    }

    ModelInfo info_;
    const Device device_;
    Ort::Env env_; // the library counts these: all are one
    Ort::Session session_{nullptr};
    Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<std::string> names_;
    std::vector<const char*> namePointers_;
    std::vector<TensorInfo> outputs_;
    std::vector<Ort::Value> results_;
    std::vector<std::vector<float>> converted_; ///< those of results_ that were no floats
};

} // namespace

std::unique_ptr<Engine> loadWithOnnxRuntime(const ModelFile& file, const EngineOptions& options) {
    startLibrary();
    return std::make_unique<OnnxRuntimeEngine>(file, options);
}

bool onnxRuntimeOffers(const Device& device) {
    startLibrary();
    const Ort::Env env = environment();
    try {
        Ort::SessionOptions options;
        useDevice(options, device, 1);
        return true;
    } catch (const std::exception&) {
        return false; // it was built without, or the driver is missing
    }
}

std::string onnxRuntimeName() { return "onnxruntime " + version(); }

} // namespace infer
