#include "zmq/message.hpp"

#include "base/error.hpp"
#include "zmq/jpegsize.hpp"
#include "zmq/objects.hpp"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <climits>
#include <memory>

namespace imagezmq {

namespace {

struct Free {
    void operator()(JsonParser* p) const { g_object_unref(p); }
    void operator()(JsonNode* n) const { json_node_unref(n); }
    void operator()(char* text) const { g_free(text); }
    void operator()(GError* e) const { g_error_free(e); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void refuse(const std::string& why) {
    throw base::Error(base::ErrorKind::BadData, "A message is no picture: " + why);
}

std::string textOf(JsonNode* node) {
    const Owned<char> text(json_to_string(node, FALSE));
    return text.get();
}

std::string textOf(JsonObject* taken) {
    const Owned<JsonNode> node(json_node_alloc());
    json_node_init_object(node.get(), taken);
    json_object_unref(taken);
    return textOf(node.get());
}

void setText(JsonObject* json, const char* name, const std::string& value) {
    const Owned<char> valid(g_utf8_make_valid(value.data(), static_cast<gssize>(value.size())));
    json_object_set_string_member(json, name, valid.get());
}

JsonArray* shapeOf(const Head& head) {
    JsonArray* shape = json_array_new();
    json_array_add_int_element(shape, head.height);
    json_array_add_int_element(shape, head.width);
    if (head.pixels != Pixels::Gray8)
        json_array_add_int_element(shape, static_cast<gint64>(bytesPerPixel(head.pixels)));
    return shape;
}

struct Nesting {
    int deepest = 0, opened = 0;
};

Nesting nestingOf(std::string_view json) {
    Nesting nesting;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); i++) {
        const char c = json[i];
        const bool opens = c == '{' || c == '[';
        nesting.opened += opens;
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && opens)
            nesting.deepest = std::max(nesting.deepest, ++depth);
        else if (!quoted && (c == '}' || c == ']'))
            depth--;
    }
    return nesting;
}

/// json-glib's parser goes down the stack for each level of JSON, and takes comments, in which a
/// quote would mislead the count of levels: so what opens at all is bounded too.
bool nestsTooMuch(std::string_view json, const Limits& limits) {
    constexpr int mostOpened = 4096; // half a megabyte of stack, were each within the last
    const Nesting nesting = nestingOf(json);
    return nesting.deepest > limits.depth || nesting.opened > mostOpened;
}

Owned<JsonParser> parse(std::string_view json, const Limits& limits) {
    if (json.size() > limits.head)
        refuse("its first part has " + std::to_string(json.size()) + " bytes.");
    if (nestsTooMuch(json, limits))
        refuse("its first part is nested too deeply.");
    Owned<JsonParser> parser(json_parser_new_immutable());
    GError* error = nullptr;
    if (!json_parser_load_from_data(parser.get(), json.data(), static_cast<gssize>(json.size()),
                                    &error)) {
        const Owned<GError> owned(error);
        refuse("its first part is not JSON.");
    }
    JsonNode* root = json_parser_get_root(parser.get());
    if (!root || !JSON_NODE_HOLDS_OBJECT(root))
        refuse("its first part is not a JSON object.");
    return parser;
}

std::string msgOf(JsonObject* json) {
    JsonNode* node = json_object_get_member(json, "msg");
    if (!node || JSON_NODE_HOLDS_NULL(node))
        return {};
    const char* text = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : nullptr;
    return text ? std::string(text) : textOf(node);
}

std::string stringIn(JsonObject* json, const char* name) {
    JsonNode* node = json_object_get_member(json, name);
    const char* text = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : nullptr;
    return text ? text : "";
}

/// Its sides, each 1 to `limits.side`.
std::vector<int> readShape(JsonObject* json, const Limits& limits) {
    JsonNode* node = json_object_get_member(json, "shape");
    if (!node || !JSON_NODE_HOLDS_ARRAY(node))
        refuse("its shape is not a list.");
    JsonArray* array = json_node_get_array(node);
    const guint length = json_array_get_length(array);
    if (length < 1 || length > 3)
        refuse("its shape has " + std::to_string(length) + " sides; a picture has two or three.");
    std::vector<int> shape;
    for (guint i = 0; i < length; i++) {
        JsonNode* side = json_array_get_element(array, i);
        // A JPEG in a one-sided array is as long as it is.
        const gint64 longest = static_cast<gint64>(std::min<std::size_t>(limits.picture, INT_MAX));
        const gint64 most = length == 1 ? longest : limits.side;
        const bool whole =
            JSON_NODE_HOLDS_VALUE(side) && json_node_get_value_type(side) == G_TYPE_INT64;
        if (!whole || json_node_get_int(side) < 1 || json_node_get_int(side) > most)
            refuse("a side of its shape is not a number from 1 to " + std::to_string(most) + ".");
        shape.push_back(static_cast<int>(json_node_get_int(side)));
    }
    return shape;
}

Pixels pixelsOf(JsonObject* json, const std::vector<int>& shape, Pixels colours) {
    switch (shape.size() == 3 ? shape[2] : 1) {
    case 1:
        return Pixels::Gray8;
    case 3: {
        const std::string format = stringIn(json, "format");
        return format == "RGB" ? Pixels::Rgb : format == "BGR" ? Pixels::Bgr : colours;
    }
    case 4:
        return Pixels::Bgra;
    default:
        refuse("it has " + std::to_string(shape[2]) + " channels; 1, 3 and 4 are known.");
    }
}

/// cv2.imencode gives a JPEG as an array of one column, which some programs send as a picture.
bool isJpegArray(const std::vector<int>& shape, std::string_view data) {
    return (shape.size() == 1 || (shape.size() == 2 && (shape[1] == 1 || shape[0] == 1))) &&
           data.substr(0, 3) == "\xff\xd8\xff";
}

void readJpeg(Head& head, std::string_view data, const Limits& limits) {
    const auto size = jpegSize(data);
    if (!size)
        refuse("its second part is not a JPEG file, and no dtype and shape say what it is.");
    const std::size_t decoded = std::size_t{3} * static_cast<std::size_t>(size->width) *
                                static_cast<std::size_t>(size->height);
    if (size->width > limits.side || size->height > limits.side || decoded > limits.picture)
        refuse("its JPEG file is of " + std::to_string(size->width) + "x" +
               std::to_string(size->height) + " pixels; raise max-size to take it.");
    head.pixels = Pixels::Jpeg;
    head.width = size->width;
    head.height = size->height;
}

void readArray(Head& head, JsonObject* json, std::string_view data, const Limits& limits,
               Pixels colours) {
    const std::string dtype = stringIn(json, "dtype");
    if (dtype != "uint8" && dtype != "|u1")
        refuse("its dtype is not uint8.");
    const std::vector<int> shape = readShape(json, limits);
    if (isJpegArray(shape, data))
        return readJpeg(head, data, limits);
    if (shape.size() == 1)
        refuse("its shape has one side; a picture has two or three.");
    head.height = shape[0];
    head.width = shape[1];
    head.pixels = pixelsOf(json, shape, colours);
    // At most 2^15 * 2^15 * 4: no overflow.
    const std::uint64_t size = std::uint64_t{bytesPerPixel(head.pixels)} *
                               static_cast<std::uint64_t>(head.width) *
                               static_cast<std::uint64_t>(head.height);
    if (size != data.size())
        refuse("its shape asks for " + std::to_string(size) + " bytes, and there are " +
               std::to_string(data.size()) + ".");
}

} // namespace

std::size_t bytesPerPixel(Pixels pixels) {
    switch (pixels) {
    case Pixels::Gray8:
        return 1;
    case Pixels::Bgr:
    case Pixels::Rgb:
        return 3;
    case Pixels::Bgra:
        return 4;
    case Pixels::Jpeg:
        break;
    }
    return 0;
}

std::string writeHead(const Head& head, ObjectsIn objects) {
    std::string msg = head.msg;
    if (head.objects && objects == ObjectsIn::Msg) {
        JsonObject* inner = json_object_new();
        setText(inner, "msg", head.msg);
        json_object_set_array_member(inner, "detections", writeObjects(*head.objects));
        msg = textOf(inner);
    }
    JsonObject* json = json_object_new();
    setText(json, "msg", msg);
    if (head.pixels != Pixels::Jpeg) {
        json_object_set_string_member(json, "dtype", "uint8");
        json_object_set_array_member(json, "shape", shapeOf(head));
    }
    if (head.pixels == Pixels::Rgb)
        json_object_set_string_member(json, "format", "RGB");
    if (head.objects && objects == ObjectsIn::Field)
        json_object_set_array_member(json, "detections", writeObjects(*head.objects));
    return textOf(json);
}

Head readHead(std::string_view json, std::string_view data, const Limits& limits, Pixels colours) {
    const Owned<JsonParser> parser = parse(json, limits);
    JsonObject* object = json_node_get_object(json_parser_get_root(parser.get()));
    Head head;
    head.msg = msgOf(object);
    if (json_object_has_member(object, "dtype") || json_object_has_member(object, "shape"))
        readArray(head, object, data, limits, colours);
    else
        readJpeg(head, data, limits);
    JsonNode* found = json_object_get_member(object, "detections");
    if (found && JSON_NODE_HOLDS_ARRAY(found))
        head.objects = readObjects(json_node_get_array(found));
    return head;
}

} // namespace imagezmq
