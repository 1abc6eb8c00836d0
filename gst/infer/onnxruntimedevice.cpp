#include "infer/onnxruntimedevice.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unordered_map>

namespace infer {
namespace {

using Options = Ort::SessionOptions;

/// What a provider is told.
struct Wish {
    int number;
    int threads; ///< 0: all cores
};

/// Options of the two NVIDIA providers are made, filled and freed in the same way.
template <class T>
std::unique_ptr<T, void (*)(T*)>
numbered(OrtStatus* (*create)(T**), void (*release)(T*),
         OrtStatus* (*update)(T*, const char* const*, const char* const*, size_t), int number) {
    T* made = nullptr;
    Ort::ThrowOnError(create(&made));
    std::unique_ptr<T, void (*)(T*)> options(made, release);
    const std::string value = std::to_string(number);
    const char* const keys[] = {"device_id"};
    const char* const values[] = {value.c_str()};
    Ort::ThrowOnError(update(made, keys, values, 1));
    return options;
}

void cuda(Options& options, const Wish& wish) {
    const OrtApi& api = Ort::GetApi();
    options.AppendExecutionProvider_CUDA_V2(*numbered(api.CreateCUDAProviderOptions,
                                                      api.ReleaseCUDAProviderOptions,
                                                      api.UpdateCUDAProviderOptions, wish.number));
}

/// What TensorRT cannot do CUDA does.
void tensorRt(Options& options, const Wish& wish) {
    const OrtApi& api = Ort::GetApi();
    options.AppendExecutionProvider_TensorRT_V2(
        *numbered(api.CreateTensorRTProviderOptions, api.ReleaseTensorRTProviderOptions,
                  api.UpdateTensorRTProviderOptions, wish.number));
    cuda(options, wish);
}

void migraphX(Options& options, const Wish& wish) {
    OrtMIGraphXProviderOptions own{};
    own.device_id = wish.number;
    options.AppendExecutionProvider_MIGraphX(own);
}

void openVino(Options& options, const Wish&) { options.AppendExecutionProvider_OpenVINO_V2({}); }

void dnnl(Options& options, const Wish&) {
    const OrtApi& api = Ort::GetApi();
    OrtDnnlProviderOptions* made = nullptr;
    Ort::ThrowOnError(api.CreateDnnlProviderOptions(&made));
    const std::unique_ptr<OrtDnnlProviderOptions, void (*)(OrtDnnlProviderOptions*)> own(
        made, api.ReleaseDnnlProviderOptions);
    options.AppendExecutionProvider_Dnnl(*own);
}

/// It has threads of its own, beside which those of the session would only be in the way.
void xnnpack(Options& options, const Wish& wish) {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const unsigned threads = wish.threads > 0 ? static_cast<unsigned>(wish.threads) : cores;
    options.AppendExecutionProvider("XNNPACK", {{"intra_op_num_threads", std::to_string(threads)}});
    options.SetIntraOpNumThreads(1);
}

void coreMl(Options& options, const Wish&) { options.AppendExecutionProvider("CoreML"); }

struct Provider {
    const char* device;   ///< our word
    const char* provider; ///< the library's
    bool several;         ///< a machine may have more than one
    void (*append)(Options&, const Wish&);
};

/// Without WebGPU: where no graphics card answers, asking for it ends the process (1.30).
constexpr Provider providers[] = {
    {"cuda", "CUDAExecutionProvider", true, cuda},
    {"tensorrt", "TensorrtExecutionProvider", true, tensorRt},
    {"migraphx", "MIGraphXExecutionProvider", true, migraphX},
    {"openvino", "OpenVINOExecutionProvider", false, openVino},
    {"coreml", "CoreMLExecutionProvider", false, coreMl},
    {"dnnl", "DnnlExecutionProvider", false, dnnl},
    {"xnnpack", "XnnpackExecutionProvider", false, xnnpack},
};

} // namespace

void useDevice(Options& options, const Device& device, int threads) {
    if (device.cpu())
        return;
    const auto* const row =
        std::find_if(std::begin(providers), std::end(providers),
                     [&](const Provider& p) { return p.device == device.name; });
    if (row == std::end(providers) || (device.number > 0 && !row->several))
        throw std::runtime_error("no provider for " + device.text());
    // Asked before: some libraries answer a provider that they lack with a line on stderr.
    const auto built = Ort::GetAvailableProviders();
    if (std::find(built.begin(), built.end(), row->provider) == built.end())
        throw std::runtime_error(std::string("no ") + row->provider);
    row->append(options, {device.number, threads});
}

} // namespace infer
