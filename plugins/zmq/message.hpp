#pragma once

#include "base/detection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The wire format of imagezmq (github.com/jeffbass/imagezmq): a message of two parts, the first a
/// JSON object in UTF-8, the second bytes.
///
///   send_image  {"msg": text, "dtype": "uint8", "shape": [height, width, channels]} and the
///   pixels,
///               row by row without gaps; grey pictures have no channels in their shape
///   send_jpg    {"msg": text} and a JPEG file
///
/// Three channels are blue, green, red, as OpenCV has them; the format cannot tell. Two more keys
/// are ours, which its own programs pass over: "format": "RGB" where it is red first, and
/// "detections" (objects.hpp).
namespace imagezmq {

enum class Pixels { Gray8, Bgr, Rgb, Bgra, Jpeg };

/// Bytes of a pixel; 0 for JPEG.
std::size_t bytesPerPixel(Pixels pixels);

struct Head {
    std::string msg;
    Pixels pixels = Pixels::Jpeg;
    int width = 0;  ///< pixels; of a JPEG as its header says when it is read, not written
    int height = 0; ///< likewise
    std::optional<std::vector<base::Detection>> objects{};
};

/// Where the objects of a picture go.
enum class ObjectsIn {
    Nowhere,
    Field, ///< the key "detections" beside "msg"
    Msg,   ///< "msg" is itself a JSON text, {"msg": text, "detections": […]}
};

std::string writeHead(const Head& head, ObjectsIn objects = ObjectsIn::Nowhere);

struct Limits {
    std::size_t head = 1 << 20;        ///< bytes of JSON
    int depth = 16;                    ///< of JSON
    int side = 32768;                  ///< pixels
    std::size_t picture = 100'000'000; ///< bytes, of a JPEG once it is decoded to three channels
};

/// Reads both parts of a stranger's message. Throws base::Error (BadData) with what is wrong with
/// it; what it returns fits `data` to the byte. A `msg` that is no text is given as its JSON.
/// `colours` says what three channels are that do not tell.
Head readHead(std::string_view json, std::string_view data, const Limits& limits = {},
              Pixels colours = Pixels::Bgr);

} // namespace imagezmq
