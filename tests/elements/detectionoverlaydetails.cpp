// Masks, key points, turned boxes and a second stage's finds in the picture: detections made by
// hand in each pixel format, and those of tiny networks through the whole chain.
#include "detectstream.hpp"

#include <cmath>
#include <utility>
#include <vector>

using namespace detectstream;

namespace {

constexpr const char* formats[] = {"I420", "NV12", "YUY2", "BGR", "RGB",
                                   "BGRx", "RGBx", "BGRA", "RGBA"};
constexpr const char* bare = "detectionoverlay labels=false scores=false track-ids=false ";

std::vector<guint8> bytesOf(GstBuffer* buffer) {
    std::vector<guint8> bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    return bytes;
}

/// A grey frame of odd size with one object, drawn; what the first component of a pixel is then.
class Drawn {
public:
    Drawn(const char* format, const std::string& properties, const base::Detection& object) {
        gst_video_info_set_format(&info_, gst_video_format_from_string(format), 101, 75);
        GST_VIDEO_INFO_FPS_N(&info_) = 25;
        GstHarness* harness = gst_harness_new_parse((bare + properties).c_str());
        gst_harness_set_src_caps(harness, gst_video_info_to_caps(&info_));
        GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info_), nullptr);
        gst_buffer_memset(buffer, 0, grey, GST_VIDEO_INFO_SIZE(&info_));
        glue::attachDetections(buffer, {{object}, {}, "test"}, 101, 75);
        fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_OK);
        const Ref<GstBuffer> out(gst_harness_pull(harness));
        bytes_ = bytesOf(out.get());
        gst_harness_teardown(harness);
    }
    bool changed(int x, int y) const {
        const auto stride = static_cast<gsize>(GST_VIDEO_INFO_COMP_STRIDE(&info_, 0));
        const auto step = static_cast<gsize>(GST_VIDEO_INFO_COMP_PSTRIDE(&info_, 0));
        return bytes_[GST_VIDEO_INFO_COMP_OFFSET(&info_, 0) + static_cast<gsize>(y) * stride +
                      static_cast<gsize>(x) * step] != grey;
    }

private:
    static constexpr guint8 grey = 40; // as luma darker, as red less, than the first class's colour
    GstVideoInfo info_;
    std::vector<guint8> bytes_;
};

base::Detection object() {
    base::Detection d;
    d.box = {20.0 / 101, 10.0 / 75, 60.0 / 101, 50.0 / 75};
    d.score = 0.9F;
    d.classId = 0;
    d.label = "person";
    return d;
}

} // namespace

/// A mask of which the right lower quarter is the object.
GST_START_TEST(masksInEachFormat) {
    base::Detection d = object();
    d.mask = std::make_shared<base::Mask>(base::Mask{2, 2, {0, 0, 0, 255}});
    const Drawn drawn(formats[__i__], "draw-boxes=false", d);
    for (int y = 0; y < 75; y++)
        for (int x = 0; x < 101; x++) {
            const bool inside = x >= 57 && x < 80 && y >= 42 && y < 60; // off its round corner
            const bool outside = x < 48 || x >= 80 || y < 33 || y >= 60;
            fail_if(inside && !drawn.changed(x, y), "%d, %d was left out", x, y);
            fail_if(outside && drawn.changed(x, y), "%d, %d is not the object's", x, y);
        }
    fail_if(Drawn(formats[__i__], "draw-boxes=false draw-masks=false", d).changed(70, 50));
}
GST_END_TEST

GST_START_TEST(keyPointsInEachFormat) {
    base::Detection d = object();
    d.keyPoints.assign(17, {{0, 0}, 0});
    d.keyPoints[5] = {{30.0 / 101, 30.0 / 75}, 0.6F};
    d.keyPoints[6] = {{70.0 / 101, 30.0 / 75}, 0.6F};
    d.keyPoints[0] = {{50.0 / 101, 15.0 / 75}, 0.4F};
    const Drawn drawn(formats[__i__], "draw-boxes=false", d);
    for (const int x : {30, 40, 50, 60, 70})
        fail_unless(drawn.changed(x, 30), "the shoulders have a gap at %d", x);
    fail_if(drawn.changed(50, 15) || drawn.changed(50, 40) || drawn.changed(0, 0));
    fail_unless(Drawn(formats[__i__], "keypoint-threshold=0.3", d).changed(50, 15));
    fail_if(Drawn(formats[__i__], "draw-boxes=false draw-keypoints=false", d).changed(50, 30));
}
GST_END_TEST

GST_START_TEST(turnedBoxesInEachFormat) {
    base::Detection d = object();
    d.corners = {{50.0 / 101, 10.0 / 75},
                 {80.0 / 101, 35.0 / 75},
                 {50.0 / 101, 60.0 / 75},
                 {20.0 / 101, 35.0 / 75}};
    const Drawn drawn(formats[__i__], "", d);
    fail_unless(drawn.changed(50, 10) && drawn.changed(65, 22) && drawn.changed(35, 47));
    fail_if(drawn.changed(25, 10) || drawn.changed(50, 35) || drawn.changed(20, 15));
}
GST_END_TEST

namespace {

/// Frames of the drawn scene before and after the overlay, and what was found in them.
struct Scene {
    std::vector<guint8> before, after;
    base::Detections found;

    Scene(const std::string& detector, const std::string& overlay) {
        Stream stream(detector + " ! " + bare + overlay);
        const Ref<GstBuffer> in = stream.paint(0);
        before = bytesOf(in.get());
        const Ref<GstBuffer> out = stream.pass(0);
        after = bytesOf(out.get());
        const auto carried = glue::detectionsOf(out.get());
        fail_unless(carried.has_value());
        found = *carried;
        fail_if(found.objects.empty(), "%s finds nothing", detector.c_str());
    }
    bool changed(double x, double y) const {
        const auto column = static_cast<gsize>(x * width), row = static_cast<gsize>(y * height);
        return before[row * width + column] != after[row * width + column];
    }
    int changes() const {
        int n = 0;
        for (gsize i = 0; i < static_cast<gsize>(width) * height; i++)
            n += before[i] != after[i];
        return n;
    }
};

std::string tiny(const char* network, const char* more = "") {
    return "yolodetect threshold=0.05 model=" + models() + "layouts/" + network + ".onnx " + more;
}

bool inFrame(const base::Point& p) { return p.x > 0 && p.x < 1 && p.y > 0 && p.y < 1; }

} // namespace

/// No more is tinted than what the masks say is the object, give or take their edges.
GST_START_TEST(masksOfANetwork) {
    const Scene scene(tiny("segment"), "draw-boxes=false");
    double covered = 0;
    for (const base::Detection& d : scene.found.objects) {
        fail_unless(d.mask != nullptr);
        const base::Mask& mask = *d.mask;
        int cells = 0;
        for (const std::uint8_t value : mask.cover)
            cells += value > 64;
        covered += d.box.area() * width * height * cells / static_cast<double>(mask.cover.size());
    }
    fail_unless(scene.changes() <= 1.2 * covered + 400, "%d of %f", scene.changes(), covered);
    fail_unless_equals_int(Scene(tiny("segment"), "draw-boxes=false draw-masks=false").changes(),
                           0);
}
GST_END_TEST

GST_START_TEST(keyPointsOfANetwork) {
    const Scene scene(tiny("pose"), "draw-boxes=false keypoint-threshold=0.01");
    int drawn = 0;
    for (const base::Detection& d : scene.found.objects) {
        fail_unless_equals_int(d.keyPoints.size(), 5);
        for (const base::KeyPoint& point : d.keyPoints)
            if (point.score >= 0.01 && inFrame(point.at)) {
                fail_unless(scene.changed(point.at.x, point.at.y), "no dot at %f, %f", point.at.x,
                            point.at.y);
                drawn++;
            }
    }
    fail_unless(drawn > 0);
}
GST_END_TEST

GST_START_TEST(turnedBoxesOfANetwork) {
    const Scene scene(tiny("turned"), "color=0xffff00ff");
    int drawn = 0;
    for (const base::Detection& d : scene.found.objects) {
        fail_unless_equals_int(d.corners.size(), 4);
        for (std::size_t i = 0; i < 4; i++) {
            const base::Point &a = d.corners[i], &b = d.corners[(i + 1) % 4];
            const base::Point middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
            if (inFrame(middle)) {
                fail_unless(scene.changed(middle.x, middle.y), "no side at %f, %f", middle.x,
                            middle.y);
                drawn++;
            }
        }
    }
    fail_unless(drawn > 0);
}
GST_END_TEST

/// A part of the frame and a picture of that part give the same key points and corners.
GST_START_TEST(whatIsFoundInARegionLiesInTheFrame) {
    for (const char* network : {"pose", "turned"}) {
        Stream part(tiny(network, "roi=0.5,0,0.5,1"));
        Stream cropped("videocrop left=320 ! " + tiny(network));
        const base::Detections inFrame = part.detect(0), inPart = cropped.detect(0);
        fail_if(inPart.objects.empty());
        fail_unless_equals_int(inFrame.objects.size(), inPart.objects.size());
        const auto assertPlaced = [](const base::Point& whole, const base::Point& piece) {
            fail_unless(std::fabs(whole.x - (0.5 + piece.x / 2)) < 1e-6);
            fail_unless(std::fabs(whole.y - piece.y) < 1e-6);
        };
        for (std::size_t i = 0; i < inPart.objects.size(); i++) {
            const base::Detection &a = inFrame.objects[i], &b = inPart.objects[i];
            fail_unless(b.keyPoints.size() + b.corners.size() > 0);
            assertPlaced({a.box.x, a.box.y}, {b.box.x, b.box.y});
            for (std::size_t k = 0; k < b.keyPoints.size(); k++)
                assertPlaced(a.keyPoints[k].at, b.keyPoints[k].at);
            for (std::size_t k = 0; k < b.corners.size(); k++)
                assertPlaced(a.corners[k], b.corners[k]);
        }
    }
}
GST_END_TEST

/// One detector finds the signs, a second looks into each of them, and both are in the picture.
GST_START_TEST(aSecondStageIsDrawnWithTheFirst) {
    const std::string first = detector() + " ! ";
    const std::string second = tiny("pose", "name=second inference-region=roi-list");
    const Scene scene(first + second, "line-width=2 keypoint-threshold=0.01");
    int outer = 0, inner = 0;
    for (const base::Detection& d : scene.found.objects) {
        (d.keyPoints.empty() ? outer : inner)++;
        fail_unless(scene.changed(d.box.x + d.box.width / 2, std::max(d.box.y, 0.5 / height)),
                    "no box of a %s", d.label.c_str());
        if (d.keyPoints.empty())
            continue;
        double most = 0; // of it in one of the signs
        for (const base::Detection& sign : scene.found.objects)
            if (sign.keyPoints.empty())
                most = std::max(most, base::intersect(sign.box, d.box).area() / d.box.area());
        fail_unless(most > 0.9, "found where the second does not look");
        for (const base::KeyPoint& point : d.keyPoints)
            if (point.score >= 0.01 && inFrame(point.at))
                fail_unless(scene.changed(point.at.x, point.at.y));
    }
    fail_unless_equals_int(outer, 3);
    fail_unless(inner > 0);
}
GST_END_TEST

static Suite* detectionoverlaydetails_suite() {
    glue::registerDetectionMeta();
    Suite* suite = suite_create("detectionoverlaydetails");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    const int formatCount = static_cast<int>(std::size(formats));
    tcase_add_loop_test(tests, masksInEachFormat, 0, formatCount);
    tcase_add_loop_test(tests, keyPointsInEachFormat, 0, formatCount);
    tcase_add_loop_test(tests, turnedBoxesInEachFormat, 0, formatCount);
    tcase_add_test(tests, masksOfANetwork);
    tcase_add_test(tests, keyPointsOfANetwork);
    tcase_add_test(tests, turnedBoxesOfANetwork);
    tcase_add_test(tests, whatIsFoundInARegionLiesInTheFrame);
    tcase_add_test(tests, aSecondStageIsDrawnWithTheFirst);
    return suite;
}

GST_CHECK_MAIN(detectionoverlaydetails);
