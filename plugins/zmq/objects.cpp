#include "zmq/objects.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace imagezmq {

namespace {

constexpr std::size_t longestLabel = 256; // bytes

JsonObject* writeObject(const base::Detection& object) {
    JsonObject* json = json_object_new();
    json_object_set_string_member(json, "label", object.label.c_str());
    json_object_set_int_member(json, "label-id", object.classId);
    json_object_set_double_member(json, "confidence", static_cast<double>(object.score));
    json_object_set_double_member(json, "x", object.box.x);
    json_object_set_double_member(json, "y", object.box.y);
    json_object_set_double_member(json, "width", object.box.width);
    json_object_set_double_member(json, "height", object.box.height);
    json_object_set_int_member(json, "track-id", object.trackId);
    return json;
}

/// A finite number, else `none`.
double numberIn(JsonObject* json, const char* name, double none) {
    JsonNode* node = json_object_get_member(json, name);
    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return none;
    const double value = json_node_get_double(node);
    return std::isfinite(value) ? value : none;
}

template <class Int>
Int wholeIn(JsonObject* json, const char* name, Int none) {
    JsonNode* node = json_object_get_member(json, name);
    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return none;
    const std::int64_t value = json_node_get_int(node);
    const bool fits =
        value >= std::numeric_limits<Int>::min() && value <= std::numeric_limits<Int>::max();
    return fits ? static_cast<Int>(value) : none;
}

std::string labelOf(JsonObject* json) {
    JsonNode* node = json_object_get_member(json, "label");
    const char* text = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : nullptr;
    if (!text)
        return {};
    std::string label = text;
    if (label.size() > longestLabel) {
        std::size_t end = longestLabel;
        while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xc0) == 0x80)
            end--; // not within a character
        label.resize(end);
    }
    return label;
}

std::optional<base::Detection> readObject(JsonObject* json) {
    base::Detection object;
    object.box = base::clampToFrame({numberIn(json, "x", 0), numberIn(json, "y", 0),
                                     numberIn(json, "width", 0), numberIn(json, "height", 0)});
    if (object.box.area() <= 0)
        return {};
    object.score = static_cast<float>(std::clamp(numberIn(json, "confidence", 0), 0.0, 1.0));
    object.classId = wholeIn<int>(json, "label-id", -1);
    object.trackId = wholeIn<std::int64_t>(json, "track-id", 0);
    object.label = labelOf(json);
    return object;
}

} // namespace

JsonArray* writeObjects(const std::vector<base::Detection>& objects) {
    JsonArray* array = json_array_new();
    for (const base::Detection& object : objects)
        json_array_add_object_element(array, writeObject(object));
    return array;
}

std::vector<base::Detection> readObjects(JsonArray* array) {
    std::vector<base::Detection> objects;
    const std::size_t count = std::min<std::size_t>(json_array_get_length(array), mostObjects);
    for (std::size_t i = 0; i < count; i++) {
        JsonNode* node = json_array_get_element(array, static_cast<guint>(i));
        if (!JSON_NODE_HOLDS_OBJECT(node))
            continue;
        if (auto object = readObject(json_node_get_object(node)))
            objects.push_back(*std::move(object));
    }
    return objects;
}

} // namespace imagezmq
