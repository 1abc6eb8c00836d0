#include "infer/modelfile.hpp"

#include "base/error.hpp"
#include "infer/darknetfile.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;
namespace fs = std::filesystem;

constexpr std::uintmax_t maxFileBytes = 1ull << 30; // the largest detectors have some 300 MB
constexpr std::uintmax_t maxCfgBytes = 1ull << 20;  // the longest have some 20 KB
constexpr std::int64_t maxSide = 16384;
constexpr std::int64_t maxInputElements = 1 << 26; // 256 MB of floats

const char* const getOne =
    "models/fetch --list names networks that work here, models/fetch NAME brings one.";

std::string readBytes(const fs::path& path, std::uintmax_t most) {
    std::error_code error;
    if (!fs::exists(path, error))
        throw Error(ErrorKind::NotFound, "There is no model file " + path.string() + ". " + getOne);
    if (!fs::is_regular_file(path, error))
        throw Error(ErrorKind::NotFound,
                    path.string() + " is not a file; give the path of a network.");
    const auto size = fs::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file)
        throw Error(ErrorKind::NotFound,
                    "The model file " + path.string() + " cannot be read: check its permissions.");
    if (size > most)
        throw Error(ErrorKind::BadData,
                    path.string() + " is too large to be a network of this program: the limit is " +
                        std::to_string(most >> 20) + " MiB. " + getOne);
    std::string bytes(size, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(size));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return bytes;
}

/// What people give by mistake, told from the first bytes.
std::string mistakenFor(const std::string& bytes) {
    struct Kind {
        const char* start;
        std::size_t at;
        const char* advice;
    };
    static const Kind kinds[] = {
        {"PK\x03\x04", 0,
         "a PyTorch or zip file; export it to ONNX first (yolo export format=onnx)"},
        {"version https://git-lfs", 0,
         "a Git LFS pointer and not the file itself; run git lfs pull"},
        {"<!DOCTYPE", 0, "a web page; the download went wrong"},
        {"<html", 0, "a web page; the download went wrong"},
        {"<?xml", 0, "an XML file (OpenVINO?); take the ONNX form of the network"},
        {"TFL3", 4, "a TensorFlow Lite file; take the ONNX form of the network"},
        {"\x89HDF", 0, "a Keras file; take the ONNX form of the network"},
    };
    if (bytes.empty())
        return "empty";
    for (const Kind& kind : kinds)
        if (bytes.size() > kind.at &&
            bytes.compare(kind.at, std::string(kind.start).size(), kind.start) == 0)
            return kind.advice;
    return {};
}

void checkPicture(const std::string& name, const ModelInfo& info) {
    const auto& shape = info.input.shape;
    std::int64_t elements = 1;
    bool fits = shape.size() == 4;
    for (std::size_t i = 0; fits && i < 4; i++) {
        elements *= std::max<std::int64_t>(shape[i], 1);
        fits = shape[i] <= maxSide && elements <= maxInputElements;
    }
    if (!fits || (shape[1] != -1 && shape[1] > 4))
        throw Error(ErrorKind::Unsupported,
                    name +
                        " does not take a picture: its input should be batch x channels x height x "
                        "width, of at most 16384 x 16384 pixels. " +
                        getOne);
}

void readOnnx(ModelFile& model) {
    const std::string& name = model.display;
    const std::string mistake = mistakenFor(model.bytes);
    if (!mistake.empty())
        throw Error(ErrorKind::BadData, name + " is " + mistake + ". " + getOne);
    try {
        model.onnx = OnnxFile::parse(model.bytes);
    } catch (const Error& error) {
        const bool whole = error.kind() != ErrorKind::BadData;
        throw Error(error.kind(),
                    whole ? name + " " + error.what() + "."
                          : name + " is not a whole ONNX file: download or export it again. " +
                                getOne,
                    error.what());
    }
    if (model.onnx.inputs.size() != 1)
        throw Error(ErrorKind::Unsupported,
                    name + " wants " + std::to_string(model.onnx.inputs.size()) +
                        " inputs; only networks with one picture as input can "
                        "be used. " +
                        getOne);
    const auto& input = model.onnx.inputs.front();
    if (input.type != OnnxFile::Float && input.type != OnnxFile::Float16)
        throw Error(ErrorKind::Unsupported,
                    name + " does not take a picture of floats; export it again as float32.");
    model.info.input = input.tensor;
    model.info.metadata = model.onnx.metadata;
    model.info.opset = model.onnx.opset;
    model.info.precision = model.onnx.quantized() ? "int8"
                           : model.onnx.half      ? "float16"
                                                  : "float32";
}

ModelFile called(const std::string& path) {
    ModelFile model;
    model.info.path = path;
    model.display = fs::path(path).filename().string();
    return model;
}

ModelFile readDarknet(const fs::path& path) {
    const fs::path cfg = fs::path(path).replace_extension(".cfg");
    const fs::path weights = fs::path(path).replace_extension(".weights");
    std::error_code error;
    for (const fs::path& half : {cfg, weights})
        if (!fs::exists(half, error))
            throw Error(ErrorKind::NotFound, "A Darknet network is two files, and there is no " +
                                                 half.string() + "; put it beside the other.");
    return ModelFile::ofDarknet(readBytes(cfg, maxCfgBytes), readBytes(weights, maxFileBytes),
                                path.string());
}

} // namespace

ModelFile ModelFile::read(const std::string& given) {
    const fs::path path(given);
    return path.extension() == ".weights" || path.extension() == ".cfg"
               ? readDarknet(path)
               : ofOnnx(readBytes(path, maxFileBytes), given);
}

ModelFile ModelFile::ofOnnx(std::string bytes, const std::string& path) {
    ModelFile model = called(path);
    model.bytes = std::move(bytes);
    readOnnx(model);
    model.info.bytes = model.bytes.size();
    checkPicture(model.display, model.info);
    return model;
}

ModelFile ModelFile::ofDarknet(std::string cfg, std::string weights, const std::string& path) {
    ModelFile model = called(path);
    model.cfg = std::move(cfg);
    model.bytes = std::move(weights);
    const std::string name = fs::path(path).stem().string();
    DarknetFile network;
    try {
        network = DarknetFile::parse(model.cfg);
    } catch (const Error& error) {
        throw Error(error.kind(), name + ".cfg is not a Darknet network: it " + error.what() +
                                      ". Download it again.");
    }
    if (!network.fits(model.bytes))
        throw Error(ErrorKind::BadData, name +
                                            ".weights is cut short or belongs to another "
                                            "network than " +
                                            name + ".cfg: download both again.");
    model.info.format = ModelFormat::Darknet;
    model.info.input = {"data", {1, network.channels, network.height, network.width}};
    model.info.bytes = model.bytes.size();
    checkPicture(model.display, model.info);
    return model;
}

void ModelFile::resize(int width, int height) {
    const std::int64_t wanted[] = {height, width};
    for (std::size_t i = 0; i < 2; i++) {
        std::int64_t& size = info.input.shape[2 + i];
        if (wanted[i] <= 0 || wanted[i] == size)
            continue;
        if (wanted[i] > maxSide)
            throw Error(ErrorKind::Settings, "An input of " + std::to_string(width) + "x" +
                                                 std::to_string(height) + " is too large.");
        if (size > 0 && info.format != ModelFormat::Darknet)
            throw Error(ErrorKind::Settings,
                        display + " was exported for an input of " +
                            std::to_string(info.input.shape[3]) + "x" +
                            std::to_string(info.input.shape[2]) +
                            " and takes no other: leave input-size unset, or export it for that "
                            "size (imgsz=…) or for any (dynamic=True).");
        size = wanted[i];
    }
}

std::string ModelFile::advice() const {
    const auto has = [this](const char* name) { return onnx.operators.count(name) > 0; };
    if (onnx.quantized())
        return " It is quantised to int8: export it as float32 (int8=False).";
    if (onnx.half)
        return " It has float16 weights: export it as float32 (half=False).";
    if (has("If") || has("Loop") || has("Scan"))
        return " It decides while it runs which way to go: export it with fixed axes "
               "(dynamic=False) and without a suppression of boxes (nms=False).";
    return {};
}

std::vector<std::int64_t> provingShape(const ModelInfo& info) {
    std::vector<std::int64_t> shape = info.input.shape;
    const auto found = info.metadata.find("imgsz"); // "[640, 640]", height first
    long sides[2] = {640, 640};
    if (found != info.metadata.end()) {
        const std::string& text = found->second;
        const auto digits = text.find_first_of("0123456789");
        const auto comma = text.find(',');
        if (digits != text.npos)
            sides[0] = sides[1] = std::strtol(text.c_str() + digits, nullptr, 10);
        if (comma != text.npos)
            sides[1] = std::strtol(text.c_str() + comma + 1, nullptr, 10);
    }
    for (std::size_t i = 0; i < shape.size(); i++) {
        if (shape[i] > 0)
            continue;
        shape[i] = i == 0 ? 1 : i == 1 ? 3 : std::clamp(sides[i - 2], 32l, 2048l);
    }
    return shape;
}

void checkShape(const std::vector<std::int64_t>& expected, const std::vector<std::int64_t>& given) {
    bool fits = expected.size() == given.size();
    for (std::size_t i = 0; fits && i < given.size(); i++)
        fits = given[i] > 0 && (expected[i] < 1 || expected[i] == given[i]);
    if (fits)
        return;
    const auto text = [](const std::vector<std::int64_t>& shape) {
        std::string out;
        for (const std::int64_t d : shape)
            out += (out.empty() ? "" : "x") + (d < 0 ? std::string("any") : std::to_string(d));
        return out;
    };
    throw Error(ErrorKind::Unsupported, "The network takes an input of " + text(expected) +
                                            ", not of " + text(given) + ".");
}

} // namespace infer
