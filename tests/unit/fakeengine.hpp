#pragma once

#include "infer/engine.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// A network's answer made by hand: outputs that own their numbers.
struct Answer {
    struct Output {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<float> values;
    };
    std::vector<Output> outputs;

    Output& add(const std::string& name, std::vector<std::int64_t> shape) {
        std::size_t n = 1;
        for (const std::int64_t d : shape)
            n *= static_cast<std::size_t>(d);
        outputs.push_back({name, std::move(shape), std::vector<float>(n, 0)});
        return outputs.back();
    }

    std::vector<infer::Tensor> tensors() const {
        std::vector<infer::Tensor> all;
        for (const Output& o : outputs)
            all.push_back({o.name, o.shape, o.values.data()});
        return all;
    }
};

/// An engine that gives answers made by hand, and notes how it was asked.
class FakeEngine : public infer::Engine {
public:
    FakeEngine(int width, int height, Answer answer) : answer_(std::move(answer)) {
        model_.input = {"images", {1, 3, height, width}};
    }

    std::string name() const override { return "fake 1.0"; }
    const infer::ModelInfo& model() const override { return model_; }
    const std::vector<infer::TensorInfo>& outputs() const override { return infos_; }
    std::vector<infer::Tensor> run(const float* data,
                                   const std::vector<std::int64_t>& shape) override {
        runs++;
        if (before)
            before(data, shape);
        return answer_.tensors();
    }

    infer::ModelInfo& info() { return model_; }
    Answer& answer() { return answer_; }
    int runs = 0;
    std::function<void(const float*, const std::vector<std::int64_t>&)> before;

private:
    infer::ModelInfo model_;
    std::vector<infer::TensorInfo> infos_;
    Answer answer_;
};
