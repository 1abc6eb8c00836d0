// The network that models/shapes.py writes, on pictures that are drawn here, with every engine of
// the build: it finds each shape where it is and nothing where there is none.
#include "base/rect.hpp"
#include "check.hpp"
#include "infer/engine.hpp"
#include "infer/labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>

using base::Rect;

namespace {

constexpr int size = 320;
constexpr int fine = 4; // samples a pixel, both ways
using Rgb = std::array<double, 3>;

constexpr Rgb colors[] = {{220, 40, 40}, {40, 170, 60}, {50, 80, 220}};

/// RGB 0..255, planar, as the network gets it after a division.
struct Picture {
    std::vector<double> data = std::vector<double>(3 * size * size, 114);

    double& at(int channel, int x, int y) {
        return data[static_cast<std::size_t>((channel * size + y) * size + x)];
    }

    /// Blends a colour by the share of each pixel that lies inside.
    void paint(const Rgb& color, const std::function<bool(double, double)>& inside) {
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++) {
                int hits = 0;
                for (int row = 0; row < fine; row++)
                    for (int column = 0; column < fine; column++)
                        hits += inside(x + (column + 0.5) / fine, y + (row + 0.5) / fine);
                const double share = hits / double(fine * fine);
                for (int c = 0; c < 3; c++)
                    at(c, x, y) += (color[static_cast<std::size_t>(c)] - at(c, x, y)) * share;
            }
    }

    void paintShape(int kind, const Rect& r, const Rgb& color) {
        paint(color, [=](double px, double py) {
            const double u = (px - r.x) / r.width, v = (py - r.y) / r.height;
            if (kind == 0)
                return std::hypot(u - 0.5, v - 0.5) <= 0.5;
            if (kind == 1)
                return u >= 0 && u <= 1 && v >= 0 && v <= 1;
            return v >= 0 && v <= 1 && std::abs(u - 0.5) <= v / 2;
        });
    }

    void paintOutline(const Rect& r, double thickness, const Rgb& color) {
        paint(color, [=](double px, double py) {
            const double in = std::min({px - r.x, r.right() - px, py - r.y, r.bottom() - py});
            return in >= 0 && in <= thickness;
        });
    }

    std::vector<float> tensor(bool yolox) const {
        std::vector<float> out(data.size());
        const std::size_t plane = size * size;
        for (std::size_t i = 0; i < out.size(); i++)
            out[i] =
                yolox ? float(data[(2 - i / plane) * plane + i % plane]) : float(data[i] / 255);
        return out;
    }
};

/// A grey picture between bars, with a gradient, noise, and as much colour as the scene may have.
Picture background(std::mt19937& random, int height) {
    Picture picture;
    std::uniform_real_distribution<double> tint(-20, 20), noise(-8, 8), level(70, 180);
    const double left = level(random), right = level(random);
    const Rgb tints = {tint(random), tint(random), tint(random)};
    for (int y = (size - height) / 2; y < (size + height) / 2; y++)
        for (int x = 0; x < size; x++) {
            const double grey = left + (right - left) * x / size + noise(random);
            for (int c = 0; c < 3; c++)
                picture.at(c, x, y) = grey + tints[static_cast<std::size_t>(c)];
        }
    return picture;
}

/// What a video does to colour: 8 bits, one chroma sample for 2x2 pixels, and a player that takes
/// BT.601 for BT.709.
void throughVideo(Picture& p) {
    for (int y = 0; y < size; y += 2)
        for (int x = 0; x < size; x += 2) {
            double cb = 0, cr = 0;
            std::array<double, 4> luma{};
            for (std::size_t k = 0; k < 4; k++) {
                const int px = x + int(k % 2), py = y + int(k / 2);
                luma[k] =
                    0.299 * p.at(0, px, py) + 0.587 * p.at(1, px, py) + 0.114 * p.at(2, px, py);
                cb += (p.at(2, px, py) - luma[k]) / 1.772 / 4;
                cr += (p.at(0, px, py) - luma[k]) / 1.402 / 4;
            }
            for (std::size_t k = 0; k < 4; k++) {
                const int px = x + int(k % 2), py = y + int(k / 2);
                const double grey = std::round(luma[k]);
                const Rgb rgb = {grey + 1.5748 * std::round(cr),
                                 grey - 0.1873 * std::round(cb) - 0.4681 * std::round(cr),
                                 grey + 1.8556 * std::round(cb)};
                for (int c = 0; c < 3; c++)
                    p.at(c, px, py) = std::clamp(rgb[static_cast<std::size_t>(c)], 0.0, 255.0);
            }
        }
}

struct Found {
    Rect box;
    double score;
    int kind;
};

/// Three places that do not overlap, each 12 to 30 % of the height high.
std::array<Rect, 3> scatter(std::mt19937& random, int height) {
    std::array<Rect, 3> rects;
    std::uniform_real_distribution<double> part(0, 1);
    for (std::size_t k = 0; k < 3;) {
        const double side = height * (0.12 + 0.18 * part(random));
        rects[k] = {part(random) * (size - side),
                    (size - height) / 2.0 + part(random) * (height - side), side, side};
        const bool free = std::none_of(rects.begin(), rects.begin() + long(k), [&](const Rect& r) {
            return base::intersect(r, rects[k]).area() > 0;
        });
        k += free;
    }
    return rects;
}

/// A candidate as rows of cx, cy, w, h, scores, whatever the layout.
std::vector<Found> decode(const infer::Tensor& t, const std::string& layout) {
    std::vector<Found> all;
    const bool v8 = layout == "v8";
    const auto count = static_cast<std::size_t>(v8 ? t.shape[2] : t.shape[1]);
    for (std::size_t i = 0; i < count; i++) {
        const auto value = [&](std::size_t field) {
            return double(v8 ? t.data[field * count + i] : t.data[i * 8 + field]);
        };
        double cx = value(0), cy = value(1), w = value(2), h = value(3);
        if (layout == "yolox") {
            const std::size_t stride = i < 1600 ? 8 : i < 2000 ? 16 : 32;
            const std::size_t cell = i - (i < 1600   ? 0
                                          : i < 2000 ? 1600
                                                     : 2000),
                              across = size / stride;
            cx = (cx + double(cell % across)) * double(stride);
            const std::size_t row = cell / across;
            cy = (cy + double(row)) * double(stride);
            w = std::exp(w) * double(stride);
            h = std::exp(h) * double(stride);
        }
        for (int kind = 0; kind < 3; kind++) {
            const double score =
                v8 ? value(4 + std::size_t(kind)) : value(4) * value(5 + std::size_t(kind));
            const Rect box{cx - w / 2, cy - h / 2, w, h};
            if (score > 0.3)
                all.push_back({box, score, kind});
        }
    }
    // One object may fall on the border of two cells: of what overlaps the surest stays.
    std::sort(all.begin(), all.end(),
              [](const Found& a, const Found& b) { return a.score > b.score; });
    std::vector<Found> kept;
    for (const Found& f : all)
        if (std::none_of(kept.begin(), kept.end(), [&](const Found& k) {
                return k.kind == f.kind && base::overlap(k.box, f.box) > 0.5;
            }))
            kept.push_back(f);
    return kept;
}

std::string model(const std::string& layout) {
    const char* dir = std::getenv("VIDEO_STREAM_BUILD_DIR");
    return std::string(dir ? dir : ".") + "/models/shapes" + (layout == "v8" ? "" : "-" + layout) +
           ".onnx";
}

std::unique_ptr<infer::Engine> engine(const std::string& name, const std::string& layout) {
    infer::EngineOptions options;
    options.engine = name.rfind("opencv", 0) == 0 ? infer::EngineChoice::OpenCv
                                                  : infer::EngineChoice::OnnxRuntime;
    return infer::load(model(layout), options);
}

const std::vector<std::int64_t> shape = {1, 3, size, size};

void findsAll(const std::string& name, const std::string& layout, int rounds) {
    const auto network = engine(name, layout);
    std::mt19937 random(2026);
    double worst = 1, lowest = 1;
    for (int round = 0; round < rounds; round++) {
        const int height = round % 2 ? 240 : 180;
        Picture picture = background(random, height);
        const auto truth = scatter(random, height);
        for (int kind = 0; kind < 3; kind++)
            picture.paintShape(kind, truth[std::size_t(kind)], colors[kind]);
        if (round % 3 == 0)
            throughVideo(picture);
        const auto input = picture.tensor(layout == "yolox");
        const auto found = decode(network->run(input.data(), shape).front(), layout);
        ck_assert_msg(found.size() == 3, "%s %s round %d: %zu found", name.c_str(), layout.c_str(),
                      round, found.size());
        for (const Found& f : found) {
            const double iou = base::overlap(f.box, truth[std::size_t(f.kind)]);
            worst = std::min(worst, iou);
            lowest = std::min(lowest, f.score);
        }
    }
    std::printf("%s %s: worst IoU %.3f, lowest score %.3f\n", name.c_str(), layout.c_str(), worst,
                lowest);
    ck_assert_double_ge(worst, 0.85);
    ck_assert_double_ge(lowest, 0.5);
}

} // namespace

START_TEST(findsEachShape) {
    for (const std::string& name : infer::engines())
        findsAll(name, "v8", 60);
}
END_TEST

START_TEST(findsThemInEveryLayout) {
    for (const std::string& name : infer::engines())
        for (const char* layout : {"v5", "yolox"})
            findsAll(name, layout, 6);
}
END_TEST

START_TEST(nothingWhereNothingIs) {
    std::mt19937 random(7);
    for (const std::string& name : infer::engines()) {
        const auto network = engine(name, "v8");
        for (int round = 0; round < 12; round++) {
            Picture picture = background(random, round % 2 ? 240 : 180);
            if (round % 3 == 1) // the boxes of an overlay
                for (int kind = 0; kind < 3; kind++)
                    picture.paintOutline({30.0 + 90 * kind, 100, 60, 50}, 1 + round % 2,
                                         colors[kind]);
            if (round % 3 == 2) // rings and specks
                for (int kind = 0; kind < 3; kind++) {
                    const double x = 60.0 + 90 * kind;
                    picture.paint(colors[kind], [=](double px, double py) {
                        const double r = std::hypot(px - x, py - 160);
                        return (r > 20 && r < 24) ||
                               (r < 50 && std::fmod(px, 9) < 2 && std::fmod(py, 7) < 2);
                    });
                }
            const auto input = picture.tensor(false);
            const auto found = decode(network->run(input.data(), shape).front(), "v8");
            ck_assert_msg(found.empty(),
                          "%s round %d: class %d at %.0f,%.0f size %.0fx%.0f score %.2f",
                          name.c_str(), round, found[0].kind, found[0].box.x, found[0].box.y,
                          found[0].box.width, found[0].box.height, found[0].score);
        }
    }
}
END_TEST

START_TEST(outlinesAroundDoNotMove) {
    std::mt19937 random(11);
    for (const std::string& name : infer::engines()) {
        const auto network = engine(name, "v8");
        Picture picture = background(random, 180);
        const Rect truth{140, 130, 40, 40};
        picture.paintShape(2, truth, colors[2]);
        picture.paintOutline({138, 128, 44, 44}, 1.5, colors[2]);
        const auto input = picture.tensor(false);
        const auto found = decode(network->run(input.data(), shape).front(), "v8");
        ck_assert_uint_eq(found.size(), 1);
        ck_assert_double_ge(base::overlap(found[0].box, truth), 0.7);
    }
}
END_TEST

START_TEST(enginesAgree) {
    const auto names = infer::engines();
    if (names.size() < 2)
        return;
    std::mt19937 random(3);
    const auto a = engine(names[0], "v8"), b = engine(names[1], "v8");
    for (int round = 0; round < 4; round++) {
        Picture picture = background(random, 180);
        const auto truth = scatter(random, 180);
        for (int kind = 0; kind < 3; kind++)
            picture.paintShape(kind, truth[std::size_t(kind)], colors[kind]);
        const auto input = picture.tensor(false);
        const auto x = a->run(input.data(), shape).front(), y = b->run(input.data(), shape).front();
        ck_assert_uint_eq(x.size(), y.size());
        const std::size_t count = 1200;
        for (std::size_t i = 0; i < count; i++)
            for (std::size_t f = 0; f < 7; f++) {
                const bool sure = x.data[(4 + i / 400) * count + i] > 0.01f;
                const double difference = std::abs(x.data[f * count + i] - y.data[f * count + i]);
                if (f >= 4)
                    ck_assert_double_le(difference, 0.01);
                else if (sure)
                    ck_assert_double_le(difference, 1.0);
            }
    }
}
END_TEST

START_TEST(saysItsNames) {
    for (const std::string& name : infer::engines()) {
        const auto network = engine(name, "v8");
        const auto names = infer::parseNames(network->model().metadata.at("names"));
        ck_assert_uint_eq(names.size(), 3);
        ck_assert_str_eq(names[2].c_str(), "triangle");
        ck_assert(network->input().shape == shape);
        ck_assert(network->name() == name);
    }
}
END_TEST

CHECK_MAIN("shapes", findsEachShape, findsThemInEveryLayout, nothingWhereNothingIs,
           outlinesAroundDoNotMove, enginesAgree, saysItsNames)
