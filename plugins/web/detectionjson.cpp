#include "web/detectionjson.hpp"

#include "web/problem.hpp"

#include <glib.h>

#include <algorithm>
#include <cmath>

namespace web {
namespace {

/// Room for what follows the last object.
constexpr std::size_t tailBytes = 32;

/// A number that JSON can say, whatever the locale; what a detector made of garbage may be none.
std::string number(double value) {
    if (!std::isfinite(value))
        return "0";
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(text, sizeof text, "%.4f", std::clamp(value, -1000.0, 1000.0));
    std::string trimmed = text;
    trimmed.erase(trimmed.find_last_not_of('0') + 1);
    if (trimmed.back() == '.')
        trimmed.pop_back();
    return trimmed == "-0" ? "0" : trimmed;
}

std::string list(std::initializer_list<double> values) {
    std::string text;
    for (const double value : values)
        text += (text.empty() ? "" : ",") + number(value);
    return text;
}

/// A label comes from a file or a camera; JSON is UTF-8.
std::string label(const std::string& text) {
    char* const valid = g_utf8_make_valid(text.c_str(), static_cast<gssize>(text.size()));
    const std::string copy = valid;
    g_free(valid);
    return jsonString(copy);
}

std::string objectJson(const base::Detection& d) {
    std::string text = "{\"label\":" + label(d.label) + ",\"class\":" + std::to_string(d.classId) +
                       ",\"score\":" + number(static_cast<double>(d.score));
    if (d.trackId)
        text += ",\"id\":" + std::to_string(d.trackId);
    text += ",\"box\":[" + list({d.box.x, d.box.y, d.box.width, d.box.height}) + "]";
    if (d.drawn)
        text += ",\"drawn\":true";
    const auto many = [&](const char* name, const auto& all, const auto& one) {
        if (all.empty())
            return;
        text += std::string(",\"") + name + "\":[";
        for (const auto& item : all)
            text += (&item == &all.front() ? "" : ",") + one(item);
        text += "]";
    };
    many("points", d.keyPoints, [](const base::KeyPoint& k) {
        return list({k.at.x, k.at.y, static_cast<double>(k.score)});
    });
    many("corners", d.corners, [](const base::Point& corner) {
        return list({corner.x, corner.y});
    });
    return text + "}";
}

} // namespace

std::string detectionsJson(const base::Detections& detections, const FrameStamp& stamp,
                           std::size_t maxBytes) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(detections.age);
    std::string text = "{\"rtp\":" + std::to_string(stamp.rtp) +
                       ",\"time\":" + std::to_string(stamp.time.count()) +
                       ",\"age\":" + std::to_string(age.count()) +
                       ",\"source\":" + label(detections.source) + ",\"objects\":[";
    std::size_t told = 0;
    for (const base::Detection& detection : detections.objects) {
        const std::string object = objectJson(detection);
        if (text.size() + object.size() + tailBytes > maxBytes)
            break;
        text += (told ? "," : "") + object;
        told++;
    }
    text += "]";
    if (told < detections.objects.size())
        text += ",\"omitted\":" + std::to_string(detections.objects.size() - told);
    return text + "}";
}

} // namespace web
