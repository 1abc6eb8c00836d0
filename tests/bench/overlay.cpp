// What it costs to draw 20 boxes with labels, 20 masks, and 20 persons' skeletons on 1080p I420:
// detectionoverlay, which writes into the frame, and the usual way, videoconvert to BGRA !
// cairooverlay ! videoconvert back. CPU time of the process per frame, conversions on one thread.
// The usual way gets its text laid out once and kept, and its masks in cairo's own layout.
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

using glue::Ref;

namespace {

constexpr int width = 1920, height = 1080, objects = 20;
constexpr const char* names[] = {"person", "Автобус", "người đi bộ", "traffic light"};

/// An oval, as many cells wide as a network of 640 has for an object of 230 pixels.
std::shared_ptr<const base::Mask> oval() {
    auto mask = std::make_shared<base::Mask>();
    mask->width = 20;
    mask->height = 32;
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 20; x++) {
            const double dx = (x - 9.5) / 10, dy = (y - 15.5) / 16;
            mask->cover.push_back(dx * dx + dy * dy < 1 ? 255 : 0);
        }
    return mask;
}

base::Detections masks(base::Detections d) {
    for (base::Detection& object : d.objects)
        object.mask = oval();
    return d;
}

/// Seventeen points in a zigzag over the box: limbs as long as a person's.
base::Detections persons(base::Detections d) {
    for (base::Detection& object : d.objects)
        for (int i = 0; i < 17; i++)
            object.keyPoints.push_back({{object.box.x + object.box.width * (0.2 + 0.6 * (i % 2)),
                                         object.box.y + object.box.height * i / 16},
                                        1});
    return d;
}

base::Detections scene() {
    base::Detections d;
    for (int i = 0; i < objects; i++) {
        const double size = 0.06 + 0.02 * (i % 5);
        d.objects.push_back(
            {{0.02 + 0.19 * (i % 5), 0.04 + 0.24 * (i - i % 5) / 5, size, 1.6 * size},
             0.5f + 0.02f * static_cast<float>(i),
             i % 8,
             names[i % 4],
             0});
    }
    return d;
}

double cpuSeconds() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Microseconds of CPU per frame: the best of several rounds, since the machine has other work.
double measure(GstHarness* harness, int frames, const base::Detections& detections) {
    gst_harness_set_src_caps_str(harness, "video/x-raw,format=I420,width=1920,height=1080,"
                                          "framerate=30/1,colorimetry=bt709");
    Ref<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, width * height * 3 / 2, nullptr));
    gst_buffer_memset(buffer.get(), 0, 100, gst_buffer_get_size(buffer.get()));
    glue::attachDetections(buffer.get(), detections, width, height);
    const auto pass = [&] {
        gst_harness_push(harness, buffer.release());
        buffer.reset(gst_harness_pull(harness));
    };
    for (int i = 0; i < 5; i++)
        pass();
    double best = 1e9;
    for (int round = 0; round < 7; round++) {
        const double start = cpuSeconds();
        for (int i = 0; i < frames; i++)
            pass();
        best = std::min(best, 1e6 * (cpuSeconds() - start) / frames);
    }
    gst_harness_teardown(harness);
    return best;
}

struct Drawing {
    base::Detections detections;
    std::vector<PangoLayout*> layouts;
};

void drawWithCairo(GstElement*, cairo_t* cr, guint64, guint64, gpointer data) {
    auto* drawing = static_cast<Drawing*>(data);
    cairo_set_line_width(cr, 4);
    for (int i = 0; i < objects; i++) {
        const base::Detection& d = drawing->detections.objects[static_cast<std::size_t>(i)];
        if (static_cast<int>(drawing->layouts.size()) <= i) {
            PangoLayout* made = pango_cairo_create_layout(cr);
            PangoFontDescription* font = pango_font_description_from_string("Sans Bold 18");
            pango_layout_set_font_description(made, font);
            pango_font_description_free(font);
            const std::string text =
                d.label + " " + std::to_string(static_cast<int>(d.score * 100)) + "%";
            pango_layout_set_text(made, text.c_str(), -1);
            drawing->layouts.push_back(made);
        }
        PangoLayout* layout = drawing->layouts[static_cast<std::size_t>(i)];
        const double x = d.box.x * width, y = d.box.y * height;
        cairo_set_source_rgb(cr, 0.1 * (i % 8), 0.8, 0.4);
        cairo_rectangle(cr, x, y, d.box.width * width, d.box.height * height);
        cairo_stroke(cr);
        int w = 0, h = 0;
        pango_layout_get_pixel_size(layout, &w, &h);
        cairo_rectangle(cr, x - 2, y - h - 6, w + 18, h + 6);
        cairo_fill(cr);
        cairo_set_source_rgb(cr, 0, 0, 0);
        cairo_move_to(cr, x + 7, y - h - 3);
        pango_cairo_show_layout(cr, layout);
    }
}

/// Masks tinted through cairo's own scaling of them.
void tintWithCairo(GstElement*, cairo_t* cr, guint64, guint64, gpointer data) {
    for (const base::Detection& d : static_cast<Drawing*>(data)->detections.objects) {
        const base::Mask& mask = *d.mask;
        // Rows of a multiple of four bytes, as cairo wants them: 20 are.
        cairo_surface_t* cover = cairo_image_surface_create_for_data(
            const_cast<unsigned char*>(mask.cover.data()), CAIRO_FORMAT_A8, mask.width, mask.height,
            mask.width);
        cairo_save(cr);
        cairo_rectangle(cr, d.box.x * width, d.box.y * height, d.box.width * width,
                        d.box.height * height);
        cairo_clip(cr);
        cairo_translate(cr, d.box.x * width, d.box.y * height);
        cairo_scale(cr, d.box.width * width / mask.width, d.box.height * height / mask.height);
        cairo_set_source_rgba(cr, 0.1 * (d.classId % 8), 0.8, 0.4, 0.45);
        cairo_mask_surface(cr, cover, 0, 0);
        cairo_restore(cr);
        cairo_surface_destroy(cover);
    }
}

void strokeWithCairo(GstElement*, cairo_t* cr, guint64, guint64, gpointer data) {
    cairo_set_line_width(cr, 4);
    for (const base::Detection& d : static_cast<Drawing*>(data)->detections.objects) {
        cairo_set_source_rgb(cr, 0.1 * (d.classId % 8), 0.8, 0.4);
        for (const base::KeyPoint& point : d.keyPoints)
            cairo_line_to(cr, point.at.x * width, point.at.y * height);
        cairo_stroke(cr);
        for (const base::KeyPoint& point : d.keyPoints) {
            cairo_arc(cr, point.at.x * width, point.at.y * height, 5, 0, 6.2832);
            cairo_fill(cr);
        }
    }
}

double usualWay(GCallback draw, const base::Detections& detections) {
    GstHarness* harness = gst_harness_new_parse(
        "videoconvert ! capsfilter caps=video/x-raw,format=BGRA ! cairooverlay ! videoconvert ! "
        "capsfilter caps=video/x-raw,format=I420");
    const Ref<GstElement> cairo(gst_harness_find_element(harness, "cairooverlay"));
    Drawing drawing;
    drawing.detections = detections;
    g_signal_connect(cairo.get(), "draw", draw, &drawing);
    const double cost = measure(harness, 15, detections);
    for (PangoLayout* layout : drawing.layouts)
        g_object_unref(layout);
    return cost;
}

void compare(const char* what, const char* line, GCallback draw, const base::Detections& d) {
    const double ours = measure(gst_harness_new_parse(line), 300, d);
    const double usual = usualWay(draw, d);
    std::printf("%s on 1080p I420, CPU time per frame\n", what);
    std::printf("  detectionoverlay                                    %9.1f us\n", ours);
    std::printf("  videoconvert ! BGRA ! cairooverlay ! videoconvert   %9.1f us\n", usual);
    std::printf("  ratio                                               %9.1f\n", usual / ours);
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    glue::registerDetectionMeta();
    compare("20 boxes with labels", "detectionoverlay", G_CALLBACK(drawWithCairo), scene());
    const char* bare = "detectionoverlay labels=false scores=false draw-boxes=false";
    compare("20 masks", bare, G_CALLBACK(tintWithCairo), masks(scene()));
    compare("20 skeletons", bare, G_CALLBACK(strokeWithCairo), persons(scene()));
}
