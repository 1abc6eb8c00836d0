#include "infer/darknetfile.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

namespace infer {
namespace {

constexpr std::size_t maxLayers = 2000;     // YOLOv4 has 162
constexpr std::int64_t maxNumber = 1 << 20; // of any size, count or channel

[[noreturn]] void bad(const std::string& why) { throw base::Error(base::ErrorKind::BadData, why); }

struct Section {
    std::string kind; ///< without brackets
    std::map<std::string, std::string> settings;

    std::int64_t number(const std::string& key, std::int64_t otherwise) const {
        const auto found = settings.find(key);
        if (found == settings.end())
            return otherwise;
        const long value = std::strtol(found->second.c_str(), nullptr, 10);
        if (value < 0 || value > maxNumber)
            bad("has an impossible " + key);
        return value;
    }

    std::vector<long> numbers(const std::string& key) const {
        std::vector<long> list;
        const auto found = settings.find(key);
        std::istringstream text(found == settings.end() ? "" : found->second);
        for (std::string item; std::getline(text, item, ',');)
            list.push_back(std::strtol(item.c_str(), nullptr, 10));
        return list;
    }
};

std::vector<Section> sections(std::string_view cfg) {
    std::vector<Section> all;
    std::istringstream lines{std::string(cfg)};
    for (std::string line; std::getline(lines, line);) {
        line.erase(std::remove_if(line.begin(), line.end(),
                                  [](unsigned char c) { return std::isspace(c); }),
                   line.end());
        if (line.empty() || line[0] == '#' || line[0] == ';')
            continue;
        const auto equals = line.find('=');
        if (line[0] == '[' && line.back() == ']')
            all.push_back({line.substr(1, line.size() - 2), {}});
        else if (equals != line.npos && !all.empty())
            all.back().settings[line.substr(0, equals)] = line.substr(equals + 1);
        else
            bad("has a line that is no setting");
        if (all.size() > maxLayers)
            bad("has too many layers");
    }
    return all;
}

/// Follows the channels from layer to layer, which is all that the number of weights depends on.
class Counter {
public:
    explicit Counter(std::int64_t channels) : input_(channels) {}

    /// False where the layer is of a kind that is not known.
    bool add(const Section& layer) {
        const std::int64_t before = channels_.empty() ? input_ : channels_.back();
        std::int64_t after = before;
        if (layer.kind == "convolutional")
            after = convolution(layer, before);
        else if (layer.kind == "route")
            after = route(layer);
        else if (layer.kind == "reorg")
            after = before * layer.number("stride", 1) * layer.number("stride", 1);
        else if (layer.kind == "scale_channels")
            after = at(layer.numbers("from"));
        else if (layer.kind == "yolo")
            checkHead(layer, before);
        else if (!keepsChannels(layer.kind))
            return false;
        if (after < 1 || after > maxNumber)
            bad("has a layer of impossible size");
        channels_.push_back(after);
        return true;
    }

    std::int64_t weights() const { return weights_; }

private:
    static bool keepsChannels(const std::string& kind) {
        for (const char* known : {"maxpool", "avgpool", "upsample", "shortcut", "dropout",
                                  "softmax", "region", "sam", "activation", "cost"})
            if (kind == known)
                return true;
        return false;
    }

    std::int64_t convolution(const Section& layer, std::int64_t before) {
        const std::int64_t filters = layer.number("filters", 1), size = layer.number("size", 1);
        const std::int64_t groups = std::max<std::int64_t>(1, layer.number("groups", 1));
        // Bias, and with normalisation its scale, mean and variance.
        weights_ += filters * (layer.number("batch_normalize", 0) ? 4 : 1);
        weights_ += before / groups * filters * std::min<std::int64_t>(size, 1000) *
                    std::min<std::int64_t>(size, 1000);
        if (weights_ > (std::int64_t{1} << 40))
            bad("has layers of impossible size");
        return filters;
    }

    std::int64_t route(const Section& layer) const {
        std::int64_t sum = 0;
        for (const long from : layer.numbers("layers"))
            sum += at({from});
        return sum / std::max<std::int64_t>(1, layer.number("groups", 1));
    }

    /// OpenCV 4.6 reads the anchors of a mask wherever they would lie.
    static void checkHead(const Section& layer, std::int64_t channels) {
        const std::size_t anchors = layer.numbers("anchors").size() / 2;
        const std::vector<long> mask = layer.numbers("mask");
        for (const long anchor : mask)
            if (anchor < 0 || static_cast<std::size_t>(anchor) >= anchors)
                bad("has a [yolo] layer whose mask names an anchor that is not there");
        if (static_cast<std::int64_t>(mask.size()) * (5 + layer.number("classes", 20)) != channels)
            bad("has a [yolo] layer that does not fit the filters before it");
    }

    /// Channels of an earlier layer: its number, or how many back when negative.
    std::int64_t at(const std::vector<long>& from) const {
        const long count = static_cast<long>(channels_.size());
        const long index = from.empty() ? -1 : from[0] < 0 ? count + from[0] : from[0];
        if (index < 0 || index >= count)
            bad("joins a layer that is not there");
        return channels_[static_cast<std::size_t>(index)];
    }

    std::int64_t input_;
    std::int64_t weights_ = 0;
    std::vector<std::int64_t> channels_;
};

} // namespace

DarknetFile DarknetFile::parse(std::string_view cfg) {
    const auto all = sections(cfg);
    if (all.size() < 2 || (all[0].kind != "net" && all[0].kind != "network"))
        bad("does not begin with a [net] section and go on with layers");
    DarknetFile file;
    file.width = all[0].number("width", 0);
    file.height = all[0].number("height", 0);
    file.channels = all[0].number("channels", 0);
    if (file.width < 1 || file.height < 1 || file.channels < 1)
        bad("lacks width, height or channels in its [net] section");
    Counter counter(file.channels);
    const bool known = std::all_of(all.begin() + 1, all.end(),
                                   [&](const Section& layer) { return counter.add(layer); });
    file.weights = known ? counter.weights() : -1;
    return file;
}

bool DarknetFile::fits(std::string_view weightsFile) const {
    // Three version numbers, then how many pictures it has seen: 4 bytes before version 0.2,
    // else 8.
    std::int32_t version[2];
    if (weightsFile.size() < 16)
        return false;
    std::memcpy(version, weightsFile.data(), sizeof version);
    const bool old = std::int64_t{version[0]} * 10 + version[1] < 2;
    const std::size_t header = old ? 16 : 20;
    return weights < 0 || weightsFile.size() == header + static_cast<std::size_t>(weights) * 4;
}

} // namespace infer
