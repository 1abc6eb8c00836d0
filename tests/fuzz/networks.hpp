#pragma once

#include <string_view>

/// The readers of what comes with a network from strangers.
namespace fuzz {

/// An ONNX file: read, divided, its tail run on odd numbers.
void readNetwork(std::string_view bytes);
/// The names in its metadata, which are Python; the same bytes as a label file.
void readNames(std::string_view bytes);
/// A Darknet .cfg file, and behind a zero byte its weights.
void readDarknet(std::string_view bytes);
/// What a network answers: shapes and numbers, and what is known beside them.
void readTensors(std::string_view bytes);

} // namespace fuzz
