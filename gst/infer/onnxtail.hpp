#pragma once

#include "infer/onnxops.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace infer {

/// The end of a network: what it does with the answers of its last convolutions, computed here.
/// OpenCV 4.6 fails at it in every YOLO since v8, each time for another reason, and these few
/// milliseconds of arithmetic are the same in every engine.
class OnnxTail {
public:
    OnnxTail() = default;
    /// `nodes` in order; `constants` by name; `seams` name what run() is given, `outputs` what it
    /// answers. Throws base::Error Unsupported for an operator that is not known here.
    OnnxTail(const std::vector<OnnxNode>& nodes, const std::map<std::string, Array>& constants,
             const std::vector<std::string>& seams, const std::vector<std::string>& outputs,
             std::int64_t opset);

    std::size_t size() const { return steps_.size(); }
    /// Throws base::Error BadData when the arrays do not fit the network, and when it asks for more
    /// work or memory than any detector does.
    Arrays run(const Arrays& seams) const;

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct Step {
        OnnxNode node;
        Operator run;
        std::vector<std::size_t> inputs, outputs; ///< places; `none` for one left out
        std::vector<std::size_t> last;            ///< places that nobody needs afterwards
    };

    std::size_t place(const std::string& name);

    std::shared_ptr<const std::vector<std::string>> bytes_; ///< what the nodes borrow from
    std::int64_t opset_ = 0;
    std::map<std::string, std::size_t> places_;
    Arrays constants_; ///< by place; not present() for what is computed
    std::vector<Step> steps_;
    std::vector<std::size_t> seams_, outputs_;
};

} // namespace infer
