#include "infer/onnxtail.hpp"

#include <algorithm>
#include <set>

namespace infer {
namespace {

// What one answer may cost. A YOLOv5 for 2048 x 2048 pixels has arrays of 22 million elements; what
// is common has one.
constexpr std::int64_t maxWork = std::int64_t{1} << 32;
constexpr std::int64_t maxElements = maxArrayElements / 2; ///< of one array
constexpr std::int64_t maxHeld = maxArrayElements;         ///< beside what run() is given

std::int64_t sizeOf(const Array& array) { return static_cast<std::int64_t>(array.size()); }

} // namespace

OnnxTail::OnnxTail(const std::vector<OnnxNode>& nodes,
                   const std::map<std::string, Array>& constants,
                   const std::vector<std::string>& seams, const std::vector<std::string>& outputs,
                   std::int64_t opset)
    : opset_(opset) {
    auto bytes = std::make_shared<std::vector<std::string>>();
    for (const OnnxNode& node : nodes)
        bytes->push_back(node.write());
    bytes_ = bytes;
    for (const std::string& seam : seams)
        seams_.push_back(place(seam));
    for (const std::string& text : *bytes_) {
        Step step{OnnxNode::parse(text), nullptr, {}, {}, {}};
        step.run = findOperator(step.node);
        if (!step.run)
            throw base::Error(base::ErrorKind::Unsupported,
                              "ends with an operator that is not understood here: " +
                                  step.node.type.substr(0, 40));
        for (const std::string& input : step.node.inputs)
            step.inputs.push_back(input.empty() ? none : place(input));
        for (const std::string& output : step.node.outputs)
            step.outputs.push_back(output.empty() ? none : place(output));
        steps_.push_back(std::move(step));
    }
    for (const std::string& output : outputs)
        outputs_.push_back(place(output));
    constants_.resize(places_.size());
    for (const auto& [name, value] : constants)
        if (const auto found = places_.find(name); found != places_.end())
            constants_[found->second] = value;
    std::set<std::size_t> needed(outputs_.begin(), outputs_.end());
    for (std::size_t i = steps_.size(); i-- > 0;)
        for (const std::size_t at : steps_[i].inputs)
            if (at != none && needed.insert(at).second)
                steps_[i].last.push_back(at);
}

std::size_t OnnxTail::place(const std::string& name) {
    return places_.emplace(name, places_.size()).first->second;
}

Arrays OnnxTail::run(const Arrays& seams) const {
    Arrays values = constants_;
    for (std::size_t i = 0; i < seams_.size() && i < seams.size(); i++)
        values[seams_[i]] = seams[i];
    const WorkLimit work(maxWork);
    const ArrayLimit arrays(maxElements);
    std::int64_t held = 0;
    for (const Step& step : steps_) {
        Arrays in;
        for (const std::size_t at : step.inputs) {
            in.push_back(at == none ? Array() : values[at]);
            WorkLimit::spend(sizeOf(in.back()));
        }
        Arrays out = step.run({step.node, in, opset_});
        for (std::size_t i = 0; i < step.outputs.size(); i++)
            if (step.outputs[i] != none && i < out.size())
                held += sizeOf(values[step.outputs[i]] = std::move(out[i]));
        if (held > maxHeld)
            throw base::Error(base::ErrorKind::BadData, "holds more numbers than it can need");
        for (const std::size_t at : step.last) {
            held -= sizeOf(values[at]);
            values[at] = Array();
        }
    }
    Arrays out;
    for (const std::size_t at : outputs_) {
        if (!values[at].present())
            throw base::Error(base::ErrorKind::BadData, "answers with a value that nothing makes");
        out.push_back(values[at]);
    }
    return out;
}

} // namespace infer
