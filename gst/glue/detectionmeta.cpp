#include "glue/detectionmeta.hpp"

#ifdef HAVE_GST_ANALYTICS
#include "glue/analyticsmeta.hpp"
#endif
#include "glue/ref.hpp"

#include <gst/video/gstvideometa.h>

namespace glue {

namespace {

constexpr const char* metaName = "VideoStreamDetections";

void appendNumber(GValue& array, double number) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_DOUBLE);
    g_value_set_double(&value, number);
    gst_value_array_append_and_take_value(&array, &value);
}

/// Key points as x, y, score; corners as x, y; the mask row by row.
void addDetails(GstStructure* s, const base::Detection& d) {
    if (!d.keyPoints.empty()) {
        GValue numbers = G_VALUE_INIT;
        gst_value_array_init(&numbers, static_cast<guint>(3 * d.keyPoints.size()));
        for (const base::KeyPoint& k : d.keyPoints)
            for (const double number : {k.at.x, k.at.y, static_cast<double>(k.score)})
                appendNumber(numbers, number);
        gst_structure_take_value(s, "key-points", &numbers);
    }
    if (!d.corners.empty()) {
        GValue numbers = G_VALUE_INIT;
        gst_value_array_init(&numbers, static_cast<guint>(2 * d.corners.size()));
        for (const base::Point& corner : d.corners)
            for (const double number : {corner.x, corner.y})
                appendNumber(numbers, number);
        gst_structure_take_value(s, "corners", &numbers);
    }
    if (d.mask) {
        GBytes* const bytes = g_bytes_new(d.mask->cover.data(), d.mask->cover.size());
        gst_structure_set(s, "mask", G_TYPE_BYTES, bytes, "mask-width", G_TYPE_INT, d.mask->width,
                          "mask-height", G_TYPE_INT, d.mask->height, nullptr);
        g_bytes_unref(bytes);
    }
}

std::vector<double> numbersOf(const GstStructure* s, const char* field) {
    std::vector<double> numbers;
    const GValue* const array = gst_structure_get_value(s, field);
    if (!array || !GST_VALUE_HOLDS_ARRAY(array))
        return numbers;
    for (guint i = 0; i < gst_value_array_get_size(array); i++) {
        const GValue* const value = gst_value_array_get_value(array, i);
        numbers.push_back(G_VALUE_HOLDS_DOUBLE(value) ? g_value_get_double(value) : 0);
    }
    return numbers;
}

void readDetails(const GstStructure* s, base::Detection& d) {
    const std::vector<double> points = numbersOf(s, "key-points");
    for (std::size_t i = 0; i + 3 <= points.size(); i += 3)
        d.keyPoints.push_back({{points[i], points[i + 1]}, static_cast<float>(points[i + 2])});
    const std::vector<double> corners = numbersOf(s, "corners");
    for (std::size_t i = 0; i + 2 <= corners.size(); i += 2)
        d.corners.push_back({corners[i], corners[i + 1]});
    GBytes* bytes = nullptr;
    base::Mask mask;
    if (!gst_structure_get(s, "mask", G_TYPE_BYTES, &bytes, "mask-width", G_TYPE_INT, &mask.width,
                           "mask-height", G_TYPE_INT, &mask.height, nullptr))
        return;
    gsize size = 0;
    const auto* const cover = static_cast<const guint8*>(g_bytes_get_data(bytes, &size));
    if (mask.width > 0 && mask.height > 0 &&
        size == static_cast<gsize>(mask.width) * static_cast<gsize>(mask.height)) {
        mask.cover.assign(cover, cover + size);
        d.mask = std::make_shared<const base::Mask>(std::move(mask));
    }
    g_bytes_unref(bytes);
}

base::Detection detectionOf(const GstStructure* s) {
    base::Detection d;
    double confidence = 0;
    gint64 track = 0;
    if (const char* label = gst_structure_get_string(s, "label"))
        d.label = label;
    gboolean drawn = FALSE;
    if (gst_structure_get_boolean(s, "drawn", &drawn))
        d.drawn = drawn;
    gst_structure_get(s, "label-id", G_TYPE_INT, &d.classId, "confidence", G_TYPE_DOUBLE,
                      &confidence, "x", G_TYPE_DOUBLE, &d.box.x, "y", G_TYPE_DOUBLE, &d.box.y,
                      "width", G_TYPE_DOUBLE, &d.box.width, "height", G_TYPE_DOUBLE, &d.box.height,
                      "track-id", G_TYPE_INT64, &track, nullptr);
    d.score = static_cast<float>(confidence);
    d.trackId = track;
    readDetails(s, d);
    return d;
}

void attachTruth(GstBuffer* buffer, const base::Detections& detections) {
    GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, metaName);
    if (!meta)
        meta = gst_buffer_add_custom_meta(buffer, metaName);
    if (!meta)
        return;
    GValue objects = G_VALUE_INIT;
    gst_value_array_init(&objects, static_cast<guint>(detections.objects.size()));
    for (const base::Detection& d : detections.objects) {
        GValue object = G_VALUE_INIT;
        g_value_init(&object, GST_TYPE_STRUCTURE);
        g_value_take_boxed(&object, structureOf(d));
        gst_value_array_append_and_take_value(&objects, &object);
    }
    GstStructure* s = gst_custom_meta_get_structure(meta);
    gst_structure_take_value(s, "objects", &objects);
    gst_structure_set(s, "age", G_TYPE_UINT64, static_cast<guint64>(detections.age.count()),
                      "source", G_TYPE_STRING, detections.source.c_str(), nullptr);
}

void attachRegions(GstBuffer* buffer, const base::Detections& detections, int width, int height) {
    gpointer state = nullptr;
    while (GstMeta* old = gst_buffer_iterate_meta_filtered(
               buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
        auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(old);
        if (gst_video_region_of_interest_meta_get_param(region, "detection")) {
            gst_buffer_remove_meta(buffer, old);
            state = nullptr;
        }
    }
    gint id = 0;
    for (const base::Detection& d : detections.objects) {
        const base::Rect box = base::clampToFrame(d.box);
        const base::PixelRect pixels = base::wholePixels(d.box, width, height);
        auto* region = gst_buffer_add_video_region_of_interest_meta(
            buffer, d.label.c_str(), static_cast<guint>(pixels.x), static_cast<guint>(pixels.y),
            static_cast<guint>(pixels.width), static_cast<guint>(pixels.height));
        region->id = ++id;
        gst_video_region_of_interest_meta_add_param(
            region, gst_structure_new("detection", "label_id", G_TYPE_INT, d.classId, "label",
                                      G_TYPE_STRING, d.label.c_str(), "confidence", G_TYPE_DOUBLE,
                                      static_cast<double>(d.score), "x_min", G_TYPE_DOUBLE, box.x,
                                      "x_max", G_TYPE_DOUBLE, box.right(), "y_min", G_TYPE_DOUBLE,
                                      box.y, "y_max", G_TYPE_DOUBLE, box.bottom(), nullptr));
        if (d.trackId > 0)
            gst_video_region_of_interest_meta_add_param(
                region, gst_structure_new("object_id", "id", G_TYPE_INT,
                                          static_cast<int>(d.trackId), nullptr));
    }
}

base::Detection detectionOf(GstVideoRegionOfInterestMeta* region, int width, int height) {
    base::Detection d;
    d.box = {static_cast<double>(region->x) / width, static_cast<double>(region->y) / height,
             static_cast<double>(region->w) / width, static_cast<double>(region->h) / height};
    if (const char* type = g_quark_to_string(region->roi_type))
        d.label = type;
    if (const GstStructure* s = gst_video_region_of_interest_meta_get_param(region, "detection")) {
        double confidence = 0;
        gst_structure_get(s, "confidence", G_TYPE_DOUBLE, &confidence, nullptr);
        gst_structure_get(s, "label_id", G_TYPE_INT, &d.classId, nullptr);
        d.score = static_cast<float>(confidence);
        if (const char* label = gst_structure_get_string(s, "label"))
            d.label = label;
    }
    if (const GstStructure* s = gst_video_region_of_interest_meta_get_param(region, "object_id")) {
        int id = 0;
        gst_structure_get_int(s, "id", &id);
        d.trackId = id;
    }
    return d;
}

} // namespace

GstStructure* structureOf(const base::Detection& d) {
    GstStructure* s = gst_structure_new(
        "detection", "label", G_TYPE_STRING, d.label.c_str(), "label-id", G_TYPE_INT, d.classId,
        "confidence", G_TYPE_DOUBLE, static_cast<double>(d.score), "x", G_TYPE_DOUBLE, d.box.x, "y",
        G_TYPE_DOUBLE, d.box.y, "width", G_TYPE_DOUBLE, d.box.width, "height", G_TYPE_DOUBLE,
        d.box.height, "track-id", G_TYPE_INT64, static_cast<gint64>(d.trackId), nullptr);
    if (d.drawn)
        gst_structure_set(s, "drawn", G_TYPE_BOOLEAN, TRUE, nullptr);
    addDetails(s, d);
    return s;
}

void registerDetectionMeta() {
    static const char* noTags[] = {nullptr};
    if (!gst_meta_get_info(metaName))
        gst_meta_register_custom(metaName, noTags, nullptr, nullptr, nullptr);
}

void attachDetections(GstBuffer* buffer, const base::Detections& detections, int frameWidth,
                      int frameHeight) {
    attachTruth(buffer, detections);
    attachRegions(buffer, detections, frameWidth, frameHeight);
#ifdef HAVE_GST_ANALYTICS
    attachAnalytics(buffer, detections, frameWidth, frameHeight);
#endif
}

void markDrawn(GstBuffer* buffer, const base::Detections& detections) {
    GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, metaName);
    const GValue* objects =
        meta ? gst_structure_get_value(gst_custom_meta_get_structure(meta), "objects") : nullptr;
    if (!objects || gst_value_array_get_size(objects) != detections.objects.size())
        return;
    for (guint i = 0; i < detections.objects.size(); i++) {
        const GValue* object = gst_value_array_get_value(objects, i);
        if (detections.objects[i].drawn && GST_VALUE_HOLDS_STRUCTURE(object))
            gst_structure_set(static_cast<GstStructure*>(g_value_get_boxed(object)), "drawn",
                              G_TYPE_BOOLEAN, TRUE, nullptr);
    }
}

std::optional<base::Detections> detectionsOf(GstBuffer* buffer) {
    GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, metaName);
    if (!meta)
        return std::nullopt;
    const GstStructure* s = gst_custom_meta_get_structure(meta);
    base::Detections found;
    guint64 age = 0;
    gst_structure_get_uint64(s, "age", &age);
    found.age = std::chrono::nanoseconds(age);
    if (const char* source = gst_structure_get_string(s, "source"))
        found.source = source;
    const GValue* objects = gst_structure_get_value(s, "objects");
    if (!objects || !GST_VALUE_HOLDS_ARRAY(objects))
        return found;
    for (guint i = 0; i < gst_value_array_get_size(objects); i++) {
        const GValue* object = gst_value_array_get_value(objects, i);
        if (GST_VALUE_HOLDS_STRUCTURE(object))
            found.objects.push_back(detectionOf(gst_value_get_structure(object)));
    }
    return found;
}

std::optional<base::Detections> regionsOf(GstBuffer* buffer, int frameWidth, int frameHeight) {
    base::Detections found;
    gpointer state = nullptr;
    while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
               buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))
        found.objects.push_back(detectionOf(reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta),
                                            frameWidth, frameHeight));
    if (!found.objects.empty())
        return found;
#ifdef HAVE_GST_ANALYTICS
    return analyticsOf(buffer, frameWidth, frameHeight);
#else
    return std::nullopt;
#endif
}

} // namespace glue
