#include "dnnfilter/rgbpicture.hpp"

#include <algorithm>
#include <cmath>

namespace dnnfilter {

namespace {

using base::PixelFormat;

/// Both ways between R'G'B' of 0..255 and Y'CbCr, in 16 bits of fraction (ITU-R BT.601-7 section
/// 2.5, BT.709-6 section 3).
struct Matrix {
    int luma, vToR, uToG, vToG, uToB; ///< to RGB
    int yOf[3], uOf[3], vOf[3];       ///< from RGB
    int black;                        ///< luma of black
};

int fixed(double value) { return static_cast<int>(std::lround(value * 65536)); }

Matrix matrixOf(base::ColorMatrix matrix, bool fullRange) {
    const double kr = matrix == base::ColorMatrix::Bt709 ? 0.2126 : 0.299;
    const double kb = matrix == base::ColorMatrix::Bt709 ? 0.0722 : 0.114;
    const double kg = 1 - kr - kb;
    const double luma = fullRange ? 1 : 219.0 / 255, chroma = fullRange ? 1 : 224.0 / 255;
    const double toV = chroma / (2 * (1 - kr)), toU = chroma / (2 * (1 - kb));
    return {fixed(1 / luma),
            fixed(1 / toV),
            fixed(-kb / kg / toU),
            fixed(-kr / kg / toV),
            fixed(1 / toU),
            {fixed(kr * luma), fixed(kg * luma), fixed(kb * luma)},
            {fixed(-kr * toU), fixed(-kg * toU), fixed((1 - kb) * toU)},
            {fixed((1 - kr) * toV), fixed(-kg * toV), fixed(-kb * toV)},
            fullRange ? 0 : 16};
}

std::uint8_t held(int value) {
    return static_cast<std::uint8_t>(std::clamp((value + 32768) >> 16, 0, 255));
}

/// Where the chroma samples of I420 and NV12 lie, the same way for both.
template <class Byte>
struct Chroma {
    Byte *u, *v;
    int step;
};

template <class Byte>
Chroma<Byte> chromaRow(const base::BasicFrame<Byte>& frame, int y) {
    const int row = y / 2;
    Byte* u = frame.planes[1] + row * frame.strides[1];
    if (frame.format == PixelFormat::NV12)
        return {u, u + 1, 2};
    return {u, frame.planes[2] + row * frame.strides[2], 1};
}

/// Bytes to a pixel of packed RGB, and where red lies in it; 0 bytes for anything else.
struct Packed {
    int step, red;
};

Packed packedOf(PixelFormat format) {
    switch (format) {
    case PixelFormat::RGB:
        return {3, 0};
    case PixelFormat::BGR:
        return {3, 2};
    case PixelFormat::RGBx:
        return {4, 0};
    case PixelFormat::BGRx:
        return {4, 2};
    default:
        return {0, 0};
    }
}

void yuvRowToRgb(const base::Frame& frame, int y, const Matrix& m, std::uint8_t* out) {
    const std::uint8_t* luma = frame.planes[0] + y * frame.strides[0];
    const auto chroma = chromaRow(frame, y);
    for (int x = 0; x < frame.width; x++, out += 3) {
        const int l = (luma[x] - m.black) * m.luma;
        const int u = chroma.u[x / 2 * chroma.step] - 128, v = chroma.v[x / 2 * chroma.step] - 128;
        out[0] = held(l + v * m.vToR);
        out[1] = held(l + u * m.uToG + v * m.vToG);
        out[2] = held(l + u * m.uToB);
    }
}

int weighed(const int weights[3], int r, int g, int b) {
    return weights[0] * r + weights[1] * g + weights[2] * b;
}

void lumaFromRgb(const std::uint8_t* in, int width, const Matrix& m, std::uint8_t* luma) {
    for (int x = 0; x < width; x++, in += 3)
        luma[x] = held((m.black << 16) + weighed(m.yOf, in[0], in[1], in[2]));
}

/// Of two rows; the last one of an odd height stands for both.
void chromaFromRgb(const std::uint8_t* top, const std::uint8_t* bottom, int width, const Matrix& m,
                   const Chroma<std::uint8_t>& out) {
    for (int x = 0; x < width; x += 2) {
        const int left = 3 * x, right = 3 * std::min(x + 1, width - 1);
        int rgb[3];
        for (int c = 0; c < 3; c++)
            rgb[c] =
                (top[left + c] + top[right + c] + bottom[left + c] + bottom[right + c] + 2) / 4;
        out.u[x / 2 * out.step] = held((128 << 16) + weighed(m.uOf, rgb[0], rgb[1], rgb[2]));
        out.v[x / 2 * out.step] = held((128 << 16) + weighed(m.vOf, rgb[0], rgb[1], rgb[2]));
    }
}

} // namespace

void toRgb(const base::Frame& frame, RgbPicture& picture) {
    picture.resize(frame.width, frame.height);
    const Packed packed = packedOf(frame.format);
    const Matrix matrix = matrixOf(frame.matrix, frame.fullRange);
    for (int y = 0; y < frame.height; y++) {
        std::uint8_t* out = picture.bytes.data() + std::ptrdiff_t{3} * y * frame.width;
        if (!packed.step) {
            yuvRowToRgb(frame, y, matrix, out);
            continue;
        }
        const std::uint8_t* in = frame.planes[0] + y * frame.strides[0];
        for (int x = 0; x < frame.width; x++, in += packed.step, out += 3) {
            out[0] = in[packed.red];
            out[1] = in[1];
            out[2] = in[2 - packed.red];
        }
    }
}

void fromRgb(const RgbPicture& picture, base::WritableFrame& frame) {
    const Packed packed = packedOf(frame.format);
    const Matrix matrix = matrixOf(frame.matrix, frame.fullRange);
    const std::ptrdiff_t row = std::ptrdiff_t{3} * frame.width;
    for (int y = 0; y < frame.height; y++) {
        const std::uint8_t* in = picture.bytes.data() + y * row;
        std::uint8_t* out = frame.planes[0] + y * frame.strides[0];
        if (!packed.step) {
            lumaFromRgb(in, frame.width, matrix, out);
            if (y % 2 == 0)
                chromaFromRgb(in, y + 1 < frame.height ? in + row : in, frame.width, matrix,
                              chromaRow(frame, y));
            continue;
        }
        for (int x = 0; x < frame.width; x++, in += 3, out += packed.step) {
            out[packed.red] = in[0];
            out[1] = in[1];
            out[2 - packed.red] = in[2];
        }
    }
}

} // namespace dnnfilter
