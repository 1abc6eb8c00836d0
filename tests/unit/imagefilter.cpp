// What goes through a network that makes a picture of a picture: its numbers, its tiles, and the
// way from and to a frame's planes, each beside a plain one.
#include "dnnfilter/filter.hpp"

#include "base/error.hpp"
#include "dnnfilter/filterloader.hpp"
#include "dnnfilter/livefilter.hpp"

#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

using namespace dnnfilter;

namespace {

std::string modelCalled(const std::string& name) {
    const char* build = std::getenv("VIDEO_STREAM_BUILD_DIR");
    return std::string(build ? build : ".") + "/models/" + name + ".onnx";
}

ModelSettings settingsFor(const std::string& name) {
    ModelSettings settings;
    settings.model = modelCalled("filters/" + name);
    settings.tileSize = 64;
    return settings;
}

Filter filterCalled(const std::string& name, int overlap = 16) {
    return Filter(ImageModel::open(settingsFor(name)), overlap);
}

/// Soft waves and a few hard edges.
RgbPicture picture(int width, int height) {
    RgbPicture p;
    p.resize(width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            std::uint8_t* at = p.bytes.data() + std::ptrdiff_t{3} * (y * width + x);
            at[0] = static_cast<std::uint8_t>(127 + 120 * std::sin(x / 9.0));
            at[1] = static_cast<std::uint8_t>(127 + 120 * std::cos((x + y) / 13.0));
            at[2] = x / 16 % 2 == y / 16 % 2 ? 230 : 20;
        }
    return p;
}

double psnr(const RgbPicture& a, const RgbPicture& b) {
    ck_assert_uint_eq(a.bytes.size(), b.bytes.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.bytes.size(); i++)
        sum += std::pow(a.bytes[i] - b.bytes[i], 2);
    return 10 * std::log10(255 * 255 * static_cast<double>(a.bytes.size()) / std::max(sum, 1e-9));
}

RgbPicture through(Filter& filter, const RgbPicture& in) {
    RgbPicture out;
    filter.apply(in, out);
    ck_assert_int_eq(out.width, in.width);
    ck_assert_int_eq(out.height, in.height);
    return out;
}

/// The mean of five by five over the whole picture, whose edges are repeated.
RgbPicture blurred(const RgbPicture& in) {
    RgbPicture out = in;
    for (int y = 0; y < in.height; y++)
        for (int x = 0; x < in.width; x++)
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int dy = -2; dy <= 2; dy++)
                    for (int dx = -2; dx <= 2; dx++) {
                        const int px = std::clamp(x + dx, 0, in.width - 1);
                        const int py = std::clamp(y + dy, 0, in.height - 1);
                        sum += in.bytes[static_cast<std::size_t>(3 * (py * in.width + px) + c)];
                    }
                out.bytes[static_cast<std::size_t>(3 * (y * in.width + x) + c)] =
                    static_cast<std::uint8_t>((sum + 12) / 25);
            }
    return out;
}

/// Without its outermost pixels.
RgbPicture inner(const RgbPicture& in, int edge) {
    RgbPicture out;
    out.resize(in.width - 2 * edge, in.height - 2 * edge);
    for (int y = 0; y < out.height; y++)
        std::copy_n(in.bytes.begin() + std::ptrdiff_t{3} * ((y + edge) * in.width + edge),
                    3 * out.width, out.bytes.begin() + std::ptrdiff_t{3} * y * out.width);
    return out;
}

std::string refusal(const ModelSettings& settings) {
    try {
        ImageModel::open(settings);
    } catch (const base::Error& error) {
        return error.what();
    }
    return "";
}

} // namespace

START_TEST(rangesAreFoundOut) {
    ck_assert(ImageModel::open(settingsFor("identity"))->range() == Range::Byte);
    ck_assert(ImageModel::open(settingsFor("blur"))->range() == Range::Byte);
    ck_assert(ImageModel::open(settingsFor("swap"))->range() == Range::Unit);
    ck_assert(ImageModel::open(settingsFor("negative"))->range() == Range::Signed);
    ModelSettings told = settingsFor("identity");
    told.range = Range::Unit;
    ck_assert(ImageModel::open(told)->range() == Range::Unit);
    ck_assert(ImageModel::open(told)->about().rfind("64x64 RGB 0..1, ", 0) == 0);
}
END_TEST

START_TEST(everyRangeShowsThePicture) {
    const RgbPicture in = picture(64, 64);
    for (const Range range : {Range::Byte, Range::Unit, Range::Signed}) {
        ModelSettings told = settingsFor("identity");
        told.range = range;
        Filter filter(ImageModel::open(told), 16);
        ck_assert(through(filter, in).bytes == in.bytes);
    }
    Filter negative = filterCalled("negative");
    RgbPicture wanted = in;
    for (std::uint8_t& byte : wanted.bytes)
        byte = static_cast<std::uint8_t>(255 - byte);
    ck_assert(psnr(through(negative, in), wanted) > 50);
}
END_TEST

START_TEST(channelsKeepTheirPlace) {
    const RgbPicture in = picture(64, 64);
    RgbPicture wanted = in;
    for (std::size_t i = 0; i < wanted.bytes.size(); i += 3)
        std::swap(wanted.bytes[i], wanted.bytes[i + 2]);
    for (const Channels channels : {Channels::Rgb, Channels::Bgr}) {
        ModelSettings told = settingsFor("swap");
        told.channels = channels;
        Filter filter(ImageModel::open(told), 16);
        ck_assert(psnr(through(filter, in), wanted) > 50);
    }
}
END_TEST

START_TEST(weightsAddUpToOne) {
    for (const int length : {1, 5, 63, 64, 65, 96, 127, 128, 500})
        for (const int overlap : {0, 1, 16, 31, 1000}) {
            const Axis axis(length, 64, overlap);
            std::vector<float> sum(static_cast<std::size_t>(length), 0.0F);
            int covered = 0;
            for (std::size_t i = 0; i < axis.starts().size(); i++) {
                const int start = axis.starts()[i];
                ck_assert_int_le(start, i ? covered - std::min(overlap, 31) : 0);
                covered = start + 64;
                for (int x = 0; x < 64 && start + x < length; x++)
                    sum[static_cast<std::size_t>(start + x)] +=
                        axis.weights(i)[static_cast<std::size_t>(x)];
            }
            ck_assert(length <= 64 ? axis.starts().size() == 1 : covered == length);
            for (const float s : sum)
                ck_assert(std::fabs(s - 1) < 1e-5);
        }
}
END_TEST

START_TEST(tilesMakeTheWholePicture) {
    for (const auto& [width, height] :
         {std::pair(64, 64), {200, 150}, {65, 300}, {30, 20}, {1, 1}, {63, 129}}) {
        const RgbPicture in = picture(width, height);
        Filter filter = filterCalled("identity");
        const RgbPicture out = through(filter, in);
        for (std::size_t i = 0; i < in.bytes.size(); i++)
            ck_assert_int_le(std::abs(in.bytes[i] - out.bytes[i]), 1);
    }
    ck_assert_uint_eq(filterCalled("blur").tiles(200, 150), 4 * 3);
}
END_TEST

START_TEST(seamsDoNotShow) {
    const RgbPicture in = picture(300, 200);
    const RgbPicture wanted = inner(blurred(in), 2);
    Filter filter = filterCalled("blur", 24);
    const double fading = psnr(inner(through(filter, in), 2), wanted);
    ck_assert_msg(fading > 38, "%f dB", fading);
    Filter hard = filterCalled("blur", 0);
    const double seams = psnr(inner(through(hard, in), 2), wanted);
    ck_assert_msg(fading > seams + 8, "%f dB with overlap, %f dB without", fading, seams);
}
END_TEST

START_TEST(wildAnswersAreHeld) {
    RgbPicture in = picture(64, 64);
    std::replace(in.bytes.begin(), in.bytes.end(), std::uint8_t{0}, std::uint8_t{1});
    for (const Range range : {Range::Byte, Range::Unit}) {
        ModelSettings told = settingsFor("wild");
        told.range = range;
        Filter filter(ImageModel::open(told), 16);
        const RgbPicture out = through(filter, in);
        for (std::size_t i = 0; i < out.bytes.size(); i += 3)
            ck_assert(out.bytes[i] == 255 && out.bytes[i + 1] == 0 && out.bytes[i + 2] == 0);
    }
    ck_assert(ImageModel::open(settingsFor("wild"))->range() == Range::Byte);
}
END_TEST

START_TEST(othersAreRefused) {
    ck_assert(refusal({}).find("set model") != std::string::npos);
    ck_assert(refusal(settingsFor("absent")).find("absent") != std::string::npos);
    const std::string grey = refusal(settingsFor("grey"));
    ck_assert_msg(grey.find("answers 1x1x64x64 to a picture of 1x3x64x64") != std::string::npos,
                  "%s", grey.c_str());
    ck_assert(refusal(settingsFor("half")).find("answers 1x3x32x32") != std::string::npos);
    ModelSettings boxes;
    boxes.model = modelCalled("shapes");
    const std::string found = refusal(boxes);
    ck_assert_msg(found.find("set model to a network that does") != std::string::npos, "%s",
                  found.c_str());
}
END_TEST

/// A frame of that layout around bytes of its own, with gaps between rows.
struct OwnFrame {
    OwnFrame(base::PixelFormat format, int w, int h, bool full) {
        frame.format = format;
        frame.width = w;
        frame.height = h;
        frame.fullRange = full;
        frame.matrix = full ? base::ColorMatrix::Bt601 : base::ColorMatrix::Bt709;
        const std::ptrdiff_t stride = 4 * w + 5;
        bytes.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(h) * 3, 99);
        for (std::size_t p = 0; p < 3; p++) {
            frame.planes[p] = bytes.data() + static_cast<std::ptrdiff_t>(p) * stride * h;
            frame.strides[p] = stride;
        }
    }
    base::Frame readable() const {
        base::Frame f;
        f.format = frame.format;
        f.width = frame.width;
        f.height = frame.height;
        f.matrix = frame.matrix;
        f.fullRange = frame.fullRange;
        f.strides = frame.strides;
        std::copy(frame.planes.begin(), frame.planes.end(), f.planes.begin());
        return f;
    }
    std::vector<std::uint8_t> bytes;
    base::WritableFrame frame;
};

START_TEST(framesThereAndBack) {
    using base::PixelFormat;
    for (const bool full : {false, true})
        for (const PixelFormat format : {PixelFormat::I420, PixelFormat::NV12, PixelFormat::BGR,
                                         PixelFormat::RGB, PixelFormat::BGRx, PixelFormat::RGBx}) {
            RgbPicture in = picture(33, 21);
            const bool packed = format != PixelFormat::I420 && format != PixelFormat::NV12;
            if (!packed) // one colour to a chroma sample
                for (std::size_t i = 0; i < in.bytes.size(); i++)
                    in.bytes[i] = in.bytes[i - i % 3 + 1];
            OwnFrame own(format, 33, 21, full);
            fromRgb(in, own.frame);
            RgbPicture out;
            toRgb(own.readable(), out);
            if (packed)
                ck_assert(out.bytes == in.bytes);
            for (std::size_t i = 0; i < in.bytes.size(); i++)
                ck_assert_int_le(std::abs(in.bytes[i] - out.bytes[i]), 2);
            if (format == PixelFormat::BGRx)
                ck_assert_uint_eq(own.bytes[3], 99); // alpha stays
        }
}
END_TEST

/// BT.709 red, green, blue and grey as its own table of bars has them (75 %: ARIB, SMPTE RP 219).
START_TEST(knownColours) {
    const struct {
        int r, g, b, y, u, v;
    } bars[] = {{191, 0, 0, 51, 109, 212},      {0, 191, 0, 133, 63, 52},
                {0, 0, 191, 28, 212, 120},      {191, 191, 191, 180, 128, 128},
                {255, 255, 255, 235, 128, 128}, {0, 0, 0, 16, 128, 128}};
    for (const auto& bar : bars) {
        OwnFrame own(base::PixelFormat::I420, 2, 2, false);
        RgbPicture in;
        in.resize(2, 2);
        for (std::size_t i = 0; i < 12; i += 3) {
            in.bytes[i] = static_cast<std::uint8_t>(bar.r);
            in.bytes[i + 1] = static_cast<std::uint8_t>(bar.g);
            in.bytes[i + 2] = static_cast<std::uint8_t>(bar.b);
        }
        fromRgb(in, own.frame);
        ck_assert_int_le(std::abs(own.frame.planes[0][0] - bar.y), 1);
        ck_assert_int_le(std::abs(own.frame.planes[1][0] - bar.u), 1);
        ck_assert_int_le(std::abs(own.frame.planes[2][0] - bar.v), 1);
    }
}
END_TEST

/// The style network, where it is there, in tiles beside the network itself.
START_TEST(styleNetwork) {
    ModelSettings settings;
    settings.model = sharedDir() + "/models/style-mosaic.onnx";
    if (sharedDir().empty() || !std::filesystem::exists(settings.model)) {
        std::printf("skipped: style-mosaic.onnx is not here\n");
        return;
    }
    auto engine = infer::load(settings.model, {});
    const auto side = static_cast<int>(engine->input().shape[3]);
    const RgbPicture in = picture(side, side);
    std::vector<float> planes(in.bytes.size());
    const std::size_t plane = planes.size() / 3;
    for (std::size_t i = 0; i < in.bytes.size(); i++)
        planes[i % 3 * plane + i / 3] = in.bytes[i];
    const auto answer = engine->run(planes.data(), {1, 3, side, side});
    RgbPicture wanted = in;
    for (std::size_t i = 0; i < in.bytes.size(); i++)
        wanted.bytes[i] = static_cast<std::uint8_t>(
            std::clamp(answer.front().data[i % 3 * plane + i / 3] + 0.5F, 0.0F, 255.0F));
    Filter filter(ImageModel::open(settings), 32);
    ck_assert(filter.model().range() == Range::Byte);
    const RgbPicture out = through(filter, in);
    ck_assert_msg(psnr(out, wanted) > 45, "%f dB", psnr(out, wanted));
    ck_assert_msg(psnr(out, in) < 20, "the picture is as it was: %f dB", psnr(out, in));
}
END_TEST

static FilterLoader::Outcome outcomeOf(FilterLoader& loader) {
    for (int i = 0; i < 60000; i++) {
        if (auto outcome = loader.take())
            return std::move(*outcome);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ck_abort_msg("nothing was loaded");
    return {};
}

/// What is asked for last is loaded, what cannot be says why, and both are told once.
START_TEST(loadsBesideTheStream) {
    FilterLoader loader;
    ck_assert(!loader.take());
    loader.load(settingsFor("nonesuch"), 16);
    const auto refused = outcomeOf(loader);
    ck_assert(!refused.filter && refused.failure);
    loader.load(settingsFor("negative"), 16);
    loader.load(settingsFor("identity"), 16);
    auto loaded = outcomeOf(loader);
    while (const auto newer = loader.take())
        ck_assert(newer->filter);
    ck_assert(loaded.filter && !loaded.failure);
    ck_assert(!loader.take());
    loader.dispose(std::move(loaded.filter));
    loader.load(settingsFor("negative"), 16); // and is left alone with it
}
END_TEST

CHECK_MAIN("imagefilter", rangesAreFoundOut, everyRangeShowsThePicture, channelsKeepTheirPlace,
           weightsAddUpToOne, tilesMakeTheWholePicture, seamsDoNotShow, wildAnswersAreHeld,
           othersAreRefused, framesThereAndBack, knownColours, styleNetwork, loadsBesideTheStream)
