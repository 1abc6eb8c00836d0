#include "yolo/layout.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "fakeengine.hpp"

using yolo::Clues;
using yolo::Layout;
using yolo::Placement;
using Kind = Layout::Kind;

namespace {

Clues at(int width, int height, int classes = 0, const char* task = "") {
    Clues c;
    c.classes = classes;
    c.task = task;
    c.netWidth = width;
    c.netHeight = height;
    return c;
}

/// A table whose box centres are those of pixels: each candidate in the middle of the input.
Answer pixels(std::vector<std::int64_t> shape, bool columns) {
    Answer a;
    auto& o = a.add("output0", shape);
    const auto count = static_cast<std::size_t>(columns ? shape[2] : shape[1]);
    const auto channels = static_cast<std::size_t>(columns ? shape[1] : shape[2]);
    for (std::size_t i = 0; i < count; i++) {
        o.values[columns ? i : i * channels] = 160;
        o.values[columns ? count + i : i * channels + 1] = 160;
    }
    return a;
}

void expect(const Answer& answer, const Clues& clues, Kind kind, int classes) {
    const Layout l = yolo::findLayout(answer.tensors(), clues);
    ck_assert_msg(l.kind == kind, "%s as %s", yolo::describe(answer.tensors()).c_str(),
                  l.family.c_str());
    ck_assert_int_eq(l.classes, classes);
}

std::string refusal(const Answer& answer, const Clues& clues) {
    try {
        yolo::findLayout(answer.tensors(), clues);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Unsupported);
        return error.what();
    }
    ck_abort_msg("%s was taken", yolo::describe(answer.tensors()).c_str());
}

} // namespace

START_TEST(columnsOfV8) {
    for (const int known : {0, 80})
        expect(pixels({1, 84, 8400}, true), at(640, 640, known), Kind::Columns, 80);
    expect(pixels({1, 5, 2100}, true), at(320, 320), Kind::Columns, 1);
    expect(pixels({1, 7, 84}, true), at(64, 64, 3), Kind::Columns, 3);
    const Layout l = yolo::findLayout(pixels({1, 84, 2100}, true).tensors(), at(320, 320));
    ck_assert(l.picture.placement == Placement::Centred && l.picture.unit && !l.picture.bgr);
    ck_assert(!l.parts && !l.oriented && l.task() == "detect");
}
END_TEST

START_TEST(aWrongListDoesNotMakeAnAngle) {
    // 79 names for 80 classes: the list is wrong, not the network's last class an angle.
    const Layout l = yolo::findLayout(pixels({1, 84, 8400}, true).tensors(), at(640, 640, 79));
    ck_assert(!l.oriented);
    ck_assert_int_eq(l.classes, 80);
}
END_TEST

START_TEST(tasksOfV8) {
    const Layout turned =
        yolo::findLayout(pixels({1, 20, 2100}, true).tensors(), at(320, 320, 15, "obb"));
    ck_assert(turned.oriented);
    ck_assert_int_eq(turned.classes, 15);
    const Layout pose =
        yolo::findLayout(pixels({1, 56, 2100}, true).tensors(), at(320, 320, 1, "pose"));
    ck_assert_int_eq(pose.classes, 1);
    ck_assert_int_eq(pose.keyPoints, 17);
    ck_assert_int_eq(pose.extras, 5);
    ck_assert(pose.task() == "pose");
    Answer masks = pixels({1, 116, 2100}, true);
    masks.add("output1", {1, 32, 80, 80});
    const Layout segmentation = yolo::findLayout(masks.tensors(), at(320, 320));
    ck_assert_int_eq(segmentation.classes, 80);
    ck_assert_int_eq(segmentation.masks, 32);
    ck_assert_int_eq(segmentation.extras, 84);
    ck_assert_uint_eq(segmentation.prototypes, 1);
}
END_TEST

START_TEST(rowsOfAllKinds) {
    expect(pixels({1, 25200, 85}, false), at(640, 640), Kind::Objectness, 80);
    expect(pixels({1, 6300, 6}, false), at(320, 320), Kind::Objectness, 1);
    expect(pixels({1, 2100, 84}, false), at(320, 320), Kind::Rows, 80);
    expect(pixels({1, 40, 85}, false), at(320, 320, 81), Kind::Rows, 81);
    expect(pixels({1, 40, 85}, false), at(320, 320, 80), Kind::Objectness, 80);
    expect(pixels({1, 2100, 5}, false), at(320, 320), Kind::Rows, 1);
    Answer old = pixels({1, 6300, 85}, false); // v5 once had its raw heads beside
    old.add("heads", {1, 3, 40, 40, 85});
    expect(old, at(320, 320), Kind::Objectness, 80);
}
END_TEST

START_TEST(yoloxAndV6) {
    Answer raw; // offsets within the cell: small numbers
    raw.add("output", {1, 3549, 85});
    const Layout x = yolo::findLayout(raw.tensors(), at(416, 416));
    ck_assert(x.kind == Kind::Grid && x.picture.bgr && !x.picture.unit);
    ck_assert(x.picture.placement == Placement::TopLeft);

    Answer decoded = pixels({1, 3549, 85}, false);
    const Layout d = yolo::findLayout(decoded.tensors(), at(416, 416));
    ck_assert(d.kind == Kind::Objectness && d.picture.bgr);

    for (std::size_t i = 4; i < decoded.outputs[0].values.size(); i += 85)
        decoded.outputs[0].values[i] = 1;
    const Layout six = yolo::findLayout(decoded.tensors(), at(416, 416));
    ck_assert_str_eq(six.family.c_str(), "YOLOv6");
    ck_assert(!six.picture.bgr && six.picture.unit);
}
END_TEST

START_TEST(finishedBoxes) {
    expect(pixels({1, 300, 6}, false), at(640, 640), Kind::EndToEnd, 0);
    Answer seven;
    seven.add("output", {0, 7}); // nothing found in grey
    expect(seven, at(640, 640), Kind::BatchRows, 0);
    ck_assert(!yolo::findLayout(seven.tensors(), at(640, 640)).duplicates);
}
END_TEST

START_TEST(darknetAndNas) {
    Answer regions;
    regions.add("yolo_121", {300, 85});
    regions.add("yolo_130", {1200, 85});
    Clues c = at(320, 320);
    c.darknet = true;
    const Layout l = yolo::findLayout(regions.tensors(), c);
    ck_assert(l.kind == Kind::Darknet && l.parts && l.picture.placement == Placement::Stretch);
    ck_assert_int_eq(l.classes, 80);

    Answer nas;
    nas.add("scores", {1, 40, 80});
    nas.add("boxes", {1, 40, 4}).values[0] = 100;
    const Layout n = yolo::findLayout(nas.tensors(), at(320, 320));
    ck_assert(n.kind == Kind::TwoOutputs);
    ck_assert_uint_eq(n.boxes, 1);
    ck_assert_uint_eq(n.scores, 0);
}
END_TEST

START_TEST(boxesInParts) {
    Answer a;
    auto& o = a.add("output0", {1, 84, 100});
    std::fill(o.values.begin(), o.values.begin() + 200, 0.5f);
    ck_assert(yolo::findLayout(a.tensors(), at(320, 320)).parts);
    ck_assert(!yolo::findLayout(pixels({1, 84, 100}, true).tensors(), at(320, 320)).parts);
}
END_TEST

START_TEST(turnedOnesBesideALabelFile) {
    // 15 names for 16 channels: an angle, or a list that is one short? The values tell.
    Clues c = at(320, 320, 15);
    c.certain = false;
    Answer scores = pixels({1, 20, 2100}, true);
    ck_assert(!yolo::findLayout(scores.tensors(), c).oriented);
    auto& values = scores.outputs[0].values;
    std::fill(values.end() - 2100, values.end(), 0.78f);
    ck_assert(yolo::findLayout(scores.tensors(), c).oriented);
}
END_TEST

START_TEST(finishedBoxesWithMore) {
    Clues c = at(640, 640, 1, "pose");
    c.endToEnd = true;
    ck_assert_int_eq(yolo::findLayout(pixels({1, 300, 57}, false).tensors(), c).keyPoints, 17);
    c.task = "obb";
    const Layout turned = yolo::findLayout(pixels({1, 300, 7}, false).tensors(), c);
    ck_assert(turned.oriented && turned.centred && turned.kind == Kind::EndToEnd);
    c.task = "segment";
    Answer masks = pixels({1, 300, 38}, false);
    masks.add("output1", {1, 32, 160, 160});
    ck_assert_int_eq(yolo::findLayout(masks.tensors(), c).masks, 32);
}
END_TEST

START_TEST(theLastOfTwoHeads) {
    Answer dual = pixels({1, 84, 8400}, true);
    dual.outputs.push_back(dual.outputs[0]);
    const Layout l = yolo::findLayout(dual.tensors(), at(640, 640));
    ck_assert_uint_eq(l.boxes, 1);
    ck_assert_int_eq(l.classes, 80);
}
END_TEST

START_TEST(rawHeads) {
    Answer heads;
    for (const int side : {80, 40, 20})
        heads.add("head", {1, 3, side, side, 85});
    Clues c = at(640, 640);
    c.fileBytes = 24u << 20;
    const Layout tiny = yolo::findLayout(heads.tensors(), c);
    ck_assert(tiny.kind == Kind::Heads && tiny.anchors[0] == 10);
    c.fileBytes = 140u << 20;
    ck_assert(yolo::findLayout(heads.tensors(), c).anchors[0] == 12);
}
END_TEST

START_TEST(transformersAndLists) {
    Answer detr;
    auto& o = detr.add("output0", {1, 300, 84});
    std::fill(o.values.begin(), o.values.end(), 0.5f);
    const Layout l = yolo::findLayout(detr.tensors(), at(640, 640));
    ck_assert(l.parts && !l.duplicates && l.picture.placement == Placement::Stretch);
    ck_assert_int_eq(l.classes, 80);

    Answer lists;
    lists.add("num_dets", {1, 1});
    lists.add("det_boxes", {1, 100, 4});
    lists.add("det_classes", {1, 100});
    lists.add("det_scores", {1, 100});
    const Layout found = yolo::findLayout(lists.tensors(), at(640, 640));
    ck_assert(found.kind == Kind::Lists && found.boxes == 1);
    ck_assert_uint_eq(found.labels, 2);
    ck_assert_uint_eq(found.scores, 3);

    Answer four; // Darknet networks that were converted
    four.add("boxes", {1, 200, 1, 4}).values[0] = 0.5f;
    four.add("confs", {1, 200, 80});
    const Layout converted = yolo::findLayout(four.tensors(), at(416, 416));
    ck_assert(converted.kind == Kind::TwoOutputs && converted.parts);
}
END_TEST

START_TEST(theUserKnowsBetter) {
    Clues c = at(640, 640);
    c.choice = yolo::LayoutChoice::V5;
    ck_assert_int_eq(yolo::findLayout(pixels({1, 99, 84}, false).tensors(), c).classes, 79);
    c.choice = yolo::LayoutChoice::V8;
    ck_assert_int_eq(yolo::findLayout(pixels({1, 99, 85}, false).tensors(), c).classes, 81);
    try {
        yolo::findLayout(pixels({1, 300, 6}, false).tensors(), [&] {
            c.choice = yolo::LayoutChoice::Nas;
            return c;
        }());
        ck_abort_msg("six columns were taken for YOLO-NAS");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
    }
}
END_TEST

START_TEST(othersAreRefused) {
    const auto one = [](std::vector<std::int64_t> shape) {
        Answer a;
        a.add("out", std::move(shape));
        return a;
    };
    const std::string text = refusal(one({605, 95}), at(352, 352)); // Yolo-FastestV2
    ck_assert_msg(text.find("out [605, 95]") != text.npos, "%s", text.c_str());
    ck_assert_msg(text.find("models/fetch") != text.npos, "%s", text.c_str());
    refusal(one({1, 3, 256, 256}), at(256, 256)); // a picture
    refusal(one({1, 1000}), at(224, 224));        // a classifier
    refusal(one({1, 1, 4, 7}), at(320, 320));     // SSD
    refusal(one({1, 4, 100}), at(320, 320));      // boxes without scores
    refusal(one({1, 0, 0}), at(320, 320));
    refusal(one({}), at(320, 320));
    refusal({}, at(320, 320));
    refusal(one({2, 84, 100}), at(320, 320)); // a batch
    Answer faces;                             // YuNet
    for (const char* name : {"cls_8", "obj_8", "bbox_8"})
        faces.add(name, {1, 1600, 1});
    refusal(faces, at(320, 320));
    Clues darknet = at(320, 320);
    darknet.darknet = true;
    refusal(one({1, 84, 100}), darknet);
}
END_TEST

CHECK_MAIN("layout", columnsOfV8, aWrongListDoesNotMakeAnAngle, tasksOfV8, rowsOfAllKinds,
           yoloxAndV6, finishedBoxes, darknetAndNas, boxesInParts, turnedOnesBesideALabelFile,
           finishedBoxesWithMore, theLastOfTwoHeads, rawHeads, transformersAndLists,
           theUserKnowsBetter, othersAreRefused)
