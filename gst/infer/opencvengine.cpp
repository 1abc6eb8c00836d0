#include "infer/opencvengine.hpp"

#include "base/error.hpp"
#include "infer/modelfile.hpp"
#include "infer/onnxplan.hpp"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/dnn.hpp>

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

constexpr const char* title = "OpenCV " CV_VERSION;

/// OpenCV prints what it also throws. One clear error is enough.
class Quiet {
public:
    Quiet() : before_(cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT)) {}
    ~Quiet() { cv::utils::logging::setLogLevel(before_); }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

private:
    cv::utils::logging::LogLevel before_;
};

struct Target {
    const char* device;
    cv::dnn::Backend backend;
    cv::dnn::Target target;

    /// It takes what it cannot have without a word, and uses the processor.
    bool works() const {
        for (const cv::dnn::Target& there : cv::dnn::getAvailableTargets(backend))
            if (there == target)
                return true;
        return false;
    }
};

constexpr Target targets[] = {
    {"cpu", cv::dnn::DNN_BACKEND_OPENCV, cv::dnn::DNN_TARGET_CPU},
    {"cuda", cv::dnn::DNN_BACKEND_CUDA, cv::dnn::DNN_TARGET_CUDA},
    {"cuda-fp16", cv::dnn::DNN_BACKEND_CUDA, cv::dnn::DNN_TARGET_CUDA_FP16},
    {"openvino", cv::dnn::DNN_BACKEND_INFERENCE_ENGINE, cv::dnn::DNN_TARGET_CPU},
    {"opencl", cv::dnn::DNN_BACKEND_OPENCV, cv::dnn::DNN_TARGET_OPENCL},
    {"opencl-fp16", cv::dnn::DNN_BACKEND_OPENCV, cv::dnn::DNN_TARGET_OPENCL_FP16},
};

/// Of several it takes the first; its own environment variables choose another.
const Target* targetOf(const Device& device) {
    for (const Target& target : targets)
        if (device.name == target.device && device.number == 0)
            return &target;
    return nullptr;
}

/// ONNX Runtime reads every standard opset, and YOLOX loads in OpenCV 4.6 as it is published.
std::string remedy() {
#ifdef HAVE_ONNXRUNTIME
    return " Set engine=onnxruntime, or take a YOLOX network (models/fetch yolox-nano).";
#else
    return " Install ONNX Runtime (pipelines/setup/onnxruntime) and build again, or take a YOLOX "
           "network (models/fetch yolox-nano).";
#endif
}

Error refusal(const ModelFile& file, const std::string& step, const std::string& words) {
    if (file.info.format == ModelFormat::Darknet)
        return Error(
            ErrorKind::BadData,
            std::string(title) + " cannot " + step + " " + file.display +
                ": its .cfg and .weights are damaged or do not belong together, or ask for a "
                "layer that it lacks. Download both again.",
            words);
    return Error(ErrorKind::Unsupported,
                 std::string(title) + " cannot " + step + " " + file.display + " (opset " +
                     std::to_string(file.opset()) + ")." + file.advice() + remedy(),
                 words);
}

cv::dnn::Net readOnnx(const std::string& bytes) {
    cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
    // 4.6 fuses attention networks (YOLOv10, 11, 12) into something else, without a word: a scalar
    // Mul after MatMul is lost and with it up to 11 points of AP. Without fusion the others cost
    // the same. Darknet networks are right either way and 30 % faster with it.
    net.enableFusion(false);
    return net;
}

class OpenCvEngine : public Engine {
public:
    OpenCvEngine(const ModelFile& file, const EngineOptions& options)
        : info_(file.info), device_(options.device), target_(*targetOf(options.device)) {
        if (options.threads > 0)
            cv::setNumThreads(options.threads);
        const Quiet quiet;
        if (file.info.format == ModelFormat::Darknet) {
            attempt(file, [&] {
                net_ = cv::dnn::readNetFromDarknet(file.cfg.data(), file.cfg.size(),
                                                   file.bytes.data(), file.bytes.size());
                layers_ = net_.getUnconnectedOutLayersNames();
            });
            return;
        }
        // In two parts always, not only after a failure: 4.6 also splits wrongly without a word
        // where it happens to fit. As it is where it cannot be divided, or newer versions know more
        // than we do.
        std::string words;
        try {
            attempt(file, [&] { divide(file); });
            return;
        } catch (const Error& error) {
            words = error.details();
        }
        try {
            attempt(file, [&] {
                plan_ = OnnxPlan();
                info_ = file.info;
                net_ = readOnnx(file.bytes);
                nameOutputs(file);
            });
        } catch (const Error& error) {
            throw refusal(file, step_, "divided: " + words + "; whole: " + error.details());
        }
    }

    std::string name() const override { return openCvName(); }
    std::string device() const override { return device_.text(); }
    const ModelInfo& model() const override { return info_; }
    const std::vector<TensorInfo>& outputs() const override { return outputs_; }

    std::vector<Tensor> run(const float* data, const std::vector<std::int64_t>& shape) override {
        if (info_.format == ModelFormat::Darknet)
            checkShape({1, info_.input.shape[1], -1, -1}, shape);
        else
            checkShape(info_.input.shape, shape);
        try {
            return forward(data, shape);
        } catch (const std::exception& error) {
            throw Error(ErrorKind::Failed,
                        std::string(title) + " failed while running the network " + info_.path +
                            "; try another input size or engine.",
                        error.what());
        }
    }

private:
    /// Reads a network with `read` and sends a zero picture through all of it: many a file that
    /// loads fails only here.
    template <class F>
    void attempt(const ModelFile& file, F read) {
        step_ = "load";
        try {
            read();
            if (net_.empty())
                throw Error(ErrorKind::BadData, "no layers");
            net_.setPreferableBackend(target_.backend);
            net_.setPreferableTarget(target_.target);
            step_ = "run";
            const auto shape = provingShape(info_);
            const std::vector<float> zeros(static_cast<std::size_t>(elementsOf(shape)));
            outputs_.clear();
            for (const Tensor& tensor : forward(zeros.data(), shape))
                outputs_.push_back({tensor.name, tensor.shape});
        } catch (const std::exception& error) { // cv::Exception, bad_alloc, length_error
            throw refusal(file, step_, error.what());
        }
    }

    void divide(const ModelFile& file) {
        info_.input.shape = provingShape(file.info);
        plan_ = OnnxPlan::make(file.bytes, provingShape(info_));
        net_ = readOnnx(plan_.body);
        layers_.assign(plan_.seams.begin(), plan_.seams.end());
        names_.clear();
        for (const auto& output : file.onnx.outputs)
            names_.push_back(output.tensor.name);
    }

    /// OpenCV lists layers in an order of its own; an ONNX file's names and order are the ones that
    /// the other engine gives too.
    void nameOutputs(const ModelFile& file) {
        layers_.clear();
        for (const auto& output : file.onnx.outputs)
            layers_.push_back(output.tensor.name);
    }

    std::vector<Tensor> forward(const float* data, const std::vector<std::int64_t>& shape) {
        std::vector<Tensor> body = convolve(data, shape);
        if (plan_.seams.empty())
            return body;
        Arrays seams;
        for (const Tensor& tensor : body)
            seams.push_back(Array::borrow(tensor.shape, tensor.data));
        answers_ = plan_.tail.run(seams);
        std::vector<Tensor> tensors;
        for (std::size_t i = 0; i < answers_.size(); i++) {
            if (answers_[i].integer())
                answers_[i] = Array(answers_[i].shape(), answers_[i].toFloats());
            tensors.push_back({names_[i], answers_[i].shape(), answers_[i].floats()});
        }
        return tensors;
    }

    std::vector<Tensor> convolve(const float* data, const std::vector<std::int64_t>& shape) {
        const std::vector<int> sizes(shape.begin(), shape.end());
        // setInput copies; the header takes a pointer to non-const all the same.
        net_.setInput(cv::Mat(sizes, CV_32F, const_cast<float*>(data)));
        net_.forward(results_, layers_);
        std::vector<Tensor> tensors;
        for (std::size_t i = 0; i < results_.size(); i++) {
            cv::Mat& result = results_[i];
            if (result.depth() != CV_32F || !result.isContinuous()) {
                cv::Mat plain;
                result.convertTo(plain, CV_32F);
                result = plain;
            }
            tensors.push_back(
                {layers_[i], {result.size.p, result.size.p + result.dims}, result.ptr<float>()});
        }
        return tensors;
    }

    ModelInfo info_;
    const Device device_;
    const Target& target_;
    cv::dnn::Net net_;
    std::vector<cv::String> layers_;
    std::vector<TensorInfo> outputs_;
    std::vector<cv::Mat> results_;
    OnnxPlan plan_;                  ///< without seams where the network is in one piece
    std::vector<std::string> names_; ///< of the answers, with a plan
    Arrays answers_;
    std::string step_; ///< of loading, for errors
};

} // namespace

std::unique_ptr<Engine> loadWithOpenCv(const ModelFile& file, const EngineOptions& options) {
    return std::make_unique<OpenCvEngine>(file, options);
}

bool openCvOffers(const Device& device) {
    const Target* const target = targetOf(device);
    return target && target->works();
}

std::string openCvName() { return "opencv " CV_VERSION; }

} // namespace infer
