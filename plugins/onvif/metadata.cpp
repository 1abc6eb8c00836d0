#include "metadata.hpp"

#include "base/error.hpp"
#include "xmlvalue.hpp"

#include <glib.h>

#include <algorithm>
#include <cmath>

namespace onvif {

namespace {

constexpr std::chrono::seconds longestDocument{10};
constexpr std::size_t maxFrames = 256, maxObjects = 1024, maxEvents = 1024, maxLabel = 200;

/// A number that is no nonsense.
std::optional<double> number(const std::string& text) {
    const auto value = readDecimal(text);
    return value && std::abs(*value) < 1e9 ? value : std::nullopt;
}

/// p -> p * scale + translate, from the device's units to ONVIF's -1 to 1.
struct Transformation {
    double scaleX = 1, scaleY = 1, moveX = 0, moveY = 0;

    /// This one first, then `next`.
    Transformation then(const Transformation& next) const {
        return {scaleX * next.scaleX, scaleY * next.scaleY, moveX * next.scaleX + next.moveX,
                moveY * next.scaleY + next.moveY};
    }
};

Transformation readTransformation(const net::XmlNode& parent) {
    Transformation found;
    const auto node = parent.child("Transformation");
    if (!node)
        return found;
    if (const auto scale = node->child("Scale")) {
        found.scaleX = number(scale->attribute("x")).value_or(1);
        found.scaleY = number(scale->attribute("y")).value_or(1);
    }
    if (const auto move = node->child("Translate")) {
        found.moveX = number(move->attribute("x")).value_or(0);
        found.moveY = number(move->attribute("y")).value_or(0);
    }
    return found;
}

std::optional<base::Rect> readBox(const net::XmlNode& appearance, const Transformation& frame) {
    const auto box = appearance.at("Shape/BoundingBox");
    if (!box)
        return std::nullopt;
    const auto left = number(box->attribute("left")), right = number(box->attribute("right")),
               top = number(box->attribute("top")), bottom = number(box->attribute("bottom"));
    if (!left || !right || !top || !bottom)
        return std::nullopt;
    const Transformation t = readTransformation(appearance).then(frame);
    const auto across = [&](double x) { return (x * t.scaleX + t.moveX + 1) / 2; };
    const auto down = [&](double y) { return (1 - (y * t.scaleY + t.moveY)) / 2; };
    const auto [x0, x1] = std::minmax({across(*left), across(*right)});
    const auto [y0, y1] = std::minmax({down(*top), down(*bottom)});
    const base::Rect seen = base::clampToFrame({x0, y0, x1 - x0, y1 - y0});
    if (seen.area() <= 0)
        return std::nullopt;
    return seen;
}

/// The likeliest class: tt:Type with a Likelihood (schema since 2019), or ClassCandidate before it.
void readClass(const net::XmlNode& appearance, base::Detection& object) {
    const auto node = appearance.child("Class");
    if (!node)
        return;
    const auto offer = [&](const std::string& name, const std::string& likelihood) {
        const double score = std::clamp(number(likelihood).value_or(1), 0.0, 1.0);
        if (!name.empty() && (object.label.empty() || score > static_cast<double>(object.score))) {
            object.label = name.substr(0, maxLabel);
            object.score = static_cast<float>(score);
        }
    };
    for (const net::XmlNode& type : node->children("Type"))
        offer(type.text(), type.attribute("Likelihood"));
    for (const net::XmlNode& candidate : node->children("ClassCandidate"))
        offer(candidate.textAt("Type"), candidate.textAt("Likelihood"));
}

std::optional<base::Detection> readObject(const net::XmlNode& node, const Transformation& frame) {
    const auto appearance = node.child("Appearance");
    const auto box = appearance ? readBox(*appearance, frame) : std::nullopt;
    if (!box)
        return std::nullopt;
    base::Detection object;
    object.box = *box;
    readClass(*appearance, object);
    const std::string id = node.attribute("ObjectId");
    object.trackId = g_ascii_strtoll(id.c_str(), nullptr, 10);
    return object;
}

void readFrame(const net::XmlNode& node, std::size_t& objectsLeft, Metadata& found) {
    MetadataFrame frame;
    frame.time = readInstant(node.attribute("UtcTime"));
    const Transformation transformation = readTransformation(node);
    for (const net::XmlNode& each : node.children("Object")) {
        if (objectsLeft == 0)
            break;
        if (auto object = readObject(each, transformation)) {
            frame.objects.push_back(std::move(*object));
            objectsLeft--;
        }
    }
    if (found.frames.size() < maxFrames)
        found.frames.push_back(std::move(frame));
}

} // namespace

std::chrono::nanoseconds Metadata::after(const std::optional<UtcTime>& time) const {
    std::optional<UtcTime> first;
    for (const MetadataFrame& frame : frames)
        if (frame.time && (!first || *frame.time < *first))
            first = frame.time;
    if (!first || !time || *time < *first)
        return {};
    return std::min<std::chrono::nanoseconds>(*time - *first, longestDocument);
}

Metadata readMetadata(std::string_view text) {
    const net::XmlDocument document = net::XmlDocument::parse(text);
    const net::XmlNode root = document.root();
    if (root.name() != "MetadataStream")
        throw base::Error(base::ErrorKind::BadData, "The document is no ONVIF metadata.",
                          "its root is " + root.name().substr(0, maxLabel));
    Metadata found;
    std::size_t objectsLeft = maxObjects;
    for (const net::XmlNode& part : root.children()) {
        const std::string name = part.name();
        if (name == "VideoAnalytics") {
            for (const net::XmlNode& frame : part.children("Frame"))
                readFrame(frame, objectsLeft, found);
        } else if (name == "Event") {
            for (Event& event : readEvents(part))
                if (found.events.size() < maxEvents)
                    found.events.push_back(std::move(event));
        }
    }
    return found;
}

} // namespace onvif
