#include "glue/analyticsmeta.hpp"

#include "glue/ref.hpp"

#include <gst/analytics/analytics.h>
#include <gst/video/video.h>

#include <cmath>

namespace glue {

namespace {

constexpr double pi = 3.14159265358979323846;

void relate(GstAnalyticsRelationMeta* relations, guint a, guint b) {
    gst_analytics_relation_meta_set_relation(relations, GST_ANALYTICS_REL_TYPE_RELATE_TO, a, b);
    gst_analytics_relation_meta_set_relation(relations, GST_ANALYTICS_REL_TYPE_RELATE_TO, b, a);
}

void addUpright(GstAnalyticsRelationMeta* relations, const base::Detection& d, int width,
                int height, GstAnalyticsODMtd* object) {
    const base::PixelRect box = base::wholePixels(d.box, width, height);
    gst_analytics_relation_meta_add_od_mtd(relations, g_quark_from_string(d.label.c_str()), box.x,
                                           box.y, box.width, box.height, d.score, object);
}

#if GST_CHECK_VERSION(1, 26, 0)
/// Upstream tells a turned box as the upright one that is turned clockwise around its middle.
void addTurned(GstAnalyticsRelationMeta* relations, const base::Detection& d, int width, int height,
               GstAnalyticsODMtd* object) {
    const auto side = [&](std::size_t from, std::size_t to) {
        return base::Point{(d.corners[to].x - d.corners[from].x) * width,
                           (d.corners[to].y - d.corners[from].y) * height};
    };
    const base::Point along = side(0, 1), across = side(1, 2), diagonal = side(0, 2);
    const double w = std::hypot(along.x, along.y), h = std::hypot(across.x, across.y);
    const double x = d.corners[0].x * width + (diagonal.x - w) / 2;
    const double y = d.corners[0].y * height + (diagonal.y - h) / 2;
    const double angle = std::fmod(std::atan2(along.y, along.x) + 2 * pi, 2 * pi);
    const auto whole = [](double pixels) { return static_cast<gint>(std::lround(pixels)); };
    gst_analytics_relation_meta_add_oriented_od_mtd(relations, g_quark_from_string(d.label.c_str()),
                                                    whole(x), whole(y), whole(w), whole(h),
                                                    static_cast<gfloat>(angle), d.score, object);
}

void addMask(GstAnalyticsRelationMeta* relations, const base::Detection& d, guint8 number,
             const base::PixelRect& box, guint object) {
    const base::Mask& mask = *d.mask;
    Ref<GstBuffer> pixels(gst_buffer_new_allocate(nullptr, mask.cover.size(), nullptr));
    GstMapInfo map;
    if (!gst_buffer_map(pixels.get(), &map, GST_MAP_WRITE))
        return;
    for (gsize i = 0; i < map.size; i++)
        map.data[i] = mask.cover[i] > 127 ? number : 0;
    gst_buffer_unmap(pixels.get(), &map);
    gst_buffer_add_video_meta(pixels.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8,
                              static_cast<guint>(mask.width), static_cast<guint>(mask.height));
    guint regions[] = {0, number};
    GstAnalyticsSegmentationMtd segmentation;
    if (gst_analytics_relation_meta_add_segmentation_mtd(
            relations, pixels.release(), GST_SEGMENTATION_TYPE_INSTANCE, G_N_ELEMENTS(regions),
            regions, box.x, box.y, static_cast<guint>(box.width), static_cast<guint>(box.height),
            &segmentation))
        relate(relations, object, segmentation.id);
}
#endif

std::int64_t trackOf(GstAnalyticsRelationMeta* relations, guint object) {
    gpointer state = nullptr;
    GstAnalyticsTrackingMtd track;
    if (!gst_analytics_relation_meta_get_direct_related(
            relations, object, GST_ANALYTICS_REL_TYPE_ANY,
            gst_analytics_tracking_mtd_get_mtd_type(), &state, &track))
        return 0;
    guint64 id = 0;
    GstClockTime first = 0, last = 0;
    gboolean lost = FALSE;
    gst_analytics_tracking_mtd_get_info(&track, &id, &first, &last, &lost);
    // Theirs start at 0, which is ours for none.
    return 1 + static_cast<std::int64_t>(id & G_MAXINT32);
}

} // namespace

void attachAnalytics(GstBuffer* buffer, const base::Detections& detections, int width, int height) {
    if (GstMeta* old = gst_buffer_get_meta(buffer, GST_ANALYTICS_RELATION_META_API_TYPE))
        gst_buffer_remove_meta(buffer, old);
    GstAnalyticsRelationMeta* relations = gst_buffer_add_analytics_relation_meta(buffer);
    [[maybe_unused]] unsigned number = 0;
    for (const base::Detection& d : detections.objects) {
        GstAnalyticsODMtd object;
#if GST_CHECK_VERSION(1, 26, 0)
        if (d.corners.size() == 4)
            addTurned(relations, d, width, height, &object);
        else
            addUpright(relations, d, width, height, &object);
        const auto grey = static_cast<guint8>(1 + number++ % 255);
        if (d.mask && !d.mask->cover.empty())
            addMask(relations, d, grey, base::wholePixels(d.box, width, height), object.id);
#else
        addUpright(relations, d, width, height, &object);
#endif
        if (d.trackId > 0) {
            GstAnalyticsTrackingMtd track;
            gst_analytics_relation_meta_add_tracking_mtd(relations, static_cast<guint64>(d.trackId),
                                                         GST_BUFFER_PTS(buffer), &track);
            relate(relations, object.id, track.id);
        }
    }
}

std::optional<base::Detections> analyticsOf(GstBuffer* buffer, int width, int height) {
    GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer);
    if (!relations)
        return std::nullopt;
    base::Detections found;
    gpointer state = nullptr;
    GstAnalyticsODMtd object;
    while (gst_analytics_relation_meta_iterate(relations, &state,
                                               gst_analytics_od_mtd_get_mtd_type(), &object)) {
        gint x = 0, y = 0, w = 0, h = 0;
        base::Detection d;
        if (!gst_analytics_od_mtd_get_location(&object, &x, &y, &w, &h, &d.score))
            continue;
        d.box = {static_cast<double>(x) / width, static_cast<double>(y) / height,
                 static_cast<double>(w) / width, static_cast<double>(h) / height};
        if (const char* label = g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&object)))
            d.label = label;
        d.trackId = trackOf(relations, object.id);
        found.objects.push_back(std::move(d));
    }
    if (found.objects.empty())
        return std::nullopt;
    return found;
}

} // namespace glue
