// The network that models/shapes.py writes, on the virtual camera's own scene, through the
// letterbox that yolodetect uses: what the main job shows on a machine that can download nothing.
#include "base/rect.hpp"
#include "check.hpp"
#include "infer/engine.hpp"
#include "support/scene.hpp"
#include "support/scenepainter.hpp"
#include "yolo/letterbox.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

using base::ColorMatrix;

namespace {

constexpr int size = 320;

struct I420 {
    I420(int width, int height) : bytes(std::size_t(width) * std::size_t(height) * 3 / 2) {
        frame.width = width;
        frame.height = height;
        std::uint8_t* u = bytes.data() + width * height;
        frame.planes = {bytes.data(), u, u + width * height / 4};
        frame.strides = {width, width / 2, width / 2};
    }
    base::Frame readAs(ColorMatrix matrix) const {
        base::Frame out;
        out.format = frame.format;
        out.width = frame.width;
        out.height = frame.height;
        out.planes = {frame.planes[0], frame.planes[1], frame.planes[2]};
        out.strides = frame.strides;
        out.matrix = matrix;
        return out;
    }
    std::vector<std::uint8_t> bytes;
    base::WritableFrame frame;
};

/// For each class its best candidate; `count` says how many lie above the threshold and apart from
/// it.
struct Best {
    base::Rect box;
    double score = 0;
    int apart = 0;
};

std::array<Best, 3> decode(const infer::Tensor& tensor, const yolo::Fit& fit) {
    std::array<Best, 3> best;
    const auto count = static_cast<std::size_t>(tensor.shape[2]);
    const auto box = [&](std::size_t i) {
        const double cx = tensor.data[i], cy = tensor.data[count + i];
        const double w = tensor.data[2 * count + i], h = tensor.data[3 * count + i];
        return yolo::toFrame(fit, cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2);
    };
    for (std::size_t kind = 0; kind < 3; kind++) {
        const float* scores = tensor.data + (4 + kind) * count;
        const auto top =
            static_cast<std::size_t>(std::max_element(scores, scores + count) - scores);
        best[kind].box = box(top);
        best[kind].score = scores[top];
        for (std::size_t i = 0; i < count; i++)
            best[kind].apart += scores[i] > 0.25f && base::overlap(box(i), best[kind].box) < 0.45;
    }
    return best;
}

void follow(infer::Engine& engine, int width, int height, ColorMatrix drawn, ColorMatrix read) {
    camera::ScenePainter painter(width, height, 25);
    I420 picture(width, height);
    picture.frame.matrix = drawn;
    yolo::Letterbox letterbox(picture.readAs(read), size, size, {});
    std::vector<float> tensor(letterbox.tensorSize());
    letterbox.pad(tensor.data());
    double worst = 1, lowest = 1;
    for (std::uint64_t number = 0; number < 2000; number += 47) {
        painter.paint(number, "Virtual camera", picture.frame);
        letterbox.draw(picture.readAs(read), tensor.data());
        const auto answers = engine.run(tensor.data(), {1, 3, size, size});
        const auto found = decode(answers.front(), letterbox.place());
        const auto truth = camera::objectsAt(number, 25, double(width) / height);
        for (std::size_t kind = 0; kind < 3; kind++) {
            worst = std::min(worst, base::overlap(found[kind].box, truth[kind].box));
            lowest = std::min(lowest, found[kind].score);
            ck_assert_int_eq(found[kind].apart, 0);
        }
    }
    std::printf("%dx%d%s: worst IoU %.3f, lowest score %.3f\n", width, height,
                drawn == read ? "" : ", wrong matrix", worst, lowest);
    ck_assert_double_ge(worst, 0.85);
    ck_assert_double_ge(lowest, 0.6);
}

} // namespace

START_TEST(findsTheScene) {
    const char* dir = std::getenv("VIDEO_STREAM_BUILD_DIR");
    const auto engine = infer::load(std::string(dir ? dir : ".") + "/models/shapes.onnx", {});
    follow(*engine, 1280, 720, ColorMatrix::Bt709, ColorMatrix::Bt709);
    follow(*engine, 1280, 720, ColorMatrix::Bt601, ColorMatrix::Bt709);
    follow(*engine, 1280, 720, ColorMatrix::Bt709, ColorMatrix::Bt601);
    follow(*engine, 1920, 1080, ColorMatrix::Bt709, ColorMatrix::Bt709);
    follow(*engine, 640, 360, ColorMatrix::Bt601, ColorMatrix::Bt601);
    follow(*engine, 640, 480, ColorMatrix::Bt601, ColorMatrix::Bt601);
    follow(*engine, 360, 640, ColorMatrix::Bt601, ColorMatrix::Bt601);
    follow(*engine, 320, 240, ColorMatrix::Bt601, ColorMatrix::Bt601);
}
END_TEST

CHECK_MAIN("shapesscene", findsTheScene)
