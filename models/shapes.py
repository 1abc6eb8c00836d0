#!/usr/bin/env python3
"""A very small network of our own that truly finds circles, squares and triangles.

    shapes.py OUTPUT.onnx [--layout v8|v5|yolox]

It needs no training, because what it looks for can be written down: the shapes of the drawn scene are
a red circle, a green square and a blue upright triangle, of up to 110 of the 320 pixels, before a grey
background; of each class one in any 128x128 pixels. Every step is an ordinary operator that OpenCV 4.6 and ONNX Runtime compute alike:

  colour     how red, green or blue a pixel is beyond its own grey: a 1x1 convolution and a clip.
  opening    what is thinner than six pixels goes (lines, text, the outlines of an overlay): MaxPool.
  moments    around each cell of a 20x20 grid: area, and the sums of x, y, x^2, y^2 in a window. The
             window is a product of a row and a column, so two thin convolutions do.
  box        the centroid gives the place; the second moments give the sides, because
             var(x) = w^2/16 for an ellipse, w^2/12 for a rectangle, w^2/24 and h^2/18 for an isosceles
             triangle, whose box centre lies h/6 above its centroid.
  score      1 where the centroid falls into the cell, the sides are plausible, and the area fills
             the box as that shape does: pi/4, 1, 1/2. A line, a ring or scattered specks do not.

Which of the three it is, the colour says; the moments say where, how large, and whether it is one
filled thing at all.

Input: 1x3x320x320, RGB 0..1, letterboxed with grey 114 (yolox: BGR 0..255).
Outputs: v8    [1,7,1200]  cx, cy, w, h, circle, square, triangle in columns (Ultralytics' names in the
               metadata, so that labels need no file)
         v5    [1,1200,8]  cx, cy, w, h, objectness, three classes in rows
         yolox [1,2100,8]  the same, boxes still relative to the cells of strides 8, 16 and 32
"""
import argparse
import math
import os
import sys

from onnxwriter import Graph

SIZE = 320          # pixels, both sides
STRIDE = 16         # of the grid, pixels
CELLS = SIZE // STRIDE
REACH = 64          # pixels from a cell's middle to the edge of its window: shapes up to 110 fit in
NAMES = ["circle", "square", "triangle"]

# How a pixel's excess of colour (red - (green + blue) / 2 and so on) becomes 0..1: nothing up to the
# first number, all from the second. A background with max(RGB) - min(RGB) <= 40 of 255 stays under
# 0.2, also when BT.601 was taken for BT.709; half of each shape's own colour lies between the two.
RAMPS = [(0.22, 0.47), (0.20, 0.29), (0.22, 0.39)]

# Second moments to sides, and the share of its box that the shape fills.
WIDTH_OF_VARIANCE = [16, 12, 24]
HEIGHT_OF_VARIANCE = [16, 12, 18]
FILL = [math.pi / 4, 1.0, 0.5]
FILL_TOLERANCE = 0.3   # relative: the score is 0 there
SMALLEST = 12           # pixels, side: the score is 0 there and 1 at SMALLEST + 3


def diagonal(values):
    """Weights of a 1x1 convolution that scales each channel."""
    return lambda o, i, r, c: float(values[o]) if o == i else 0.0


def scaled(graph, source, factors, offsets=(0.0, 0.0, 0.0)):
    return graph.conv(source, 3, 3, (1, 1), diagonal(factors), lambda o: float(offsets[o]))


def colour_masks(graph, pixels, blue_first, scale):
    """[1,3,320,320] -> [1,3,160,160] in 0..1: how much of each 2x2 pixels is red, green, blue."""
    def weight(o, i, r, c):
        channel = 2 - i if blue_first else i
        low, high = RAMPS[o]
        return (1.0 if channel == o else -0.5) / scale / (high - low)

    excess = graph.conv(pixels, 3, 3, (1, 1), weight, lambda o: -RAMPS[o][0] / (RAMPS[o][1] - RAMPS[o][0]))
    return graph.node("AveragePool", [graph.clip(excess)], kernel_shape=[2, 2], strides=[2, 2])


def without_lines(graph, mask):
    """Keeps what lies within 8 pixels of a place where 6x6 pixels are filled."""
    def widest(source, side):
        return graph.node("MaxPool", [source], kernel_shape=[side, side], strides=[1, 1],
                          pads=[side // 2] * 4)

    inverse = scaled(graph, mask, [-1] * 3, [1] * 3)
    core = scaled(graph, widest(inverse, 3), [-1] * 3, [1] * 3)
    return graph.node("Mul", [mask, widest(core, 9)])


def moments(graph, mask):
    """[1,3,160,160] -> five of [1,3,20,20]: area in square pixels, and its sums of x, y, x^2 and y^2,
    in pixels from the middle of each cell."""
    step = STRIDE // 2            # mask pixels are two pixels wide
    before = REACH // 2 - step // 2
    taps = REACH                  # mask pixels in the window
    at = [2.0 * k + 1 - REACH for k in range(taps)]
    power = [lambda t: 1.0, lambda t: t, lambda t: t * t]
    # Channel 3 * p + k: class k times x^p.
    rows = graph.conv(mask, 9, 3, (1, taps),
                      lambda o, i, r, c: power[o // 3](at[c]) if o % 3 == i else 0.0,
                      stride=(1, step), pads=(0, before, 0, before))

    def column(px, py):
        return graph.conv(rows, 3, 9, (taps, 1),
                          lambda o, i, r, c: 4 * power[py](at[r]) if i == 3 * px + o else 0.0,
                          stride=(step, 1), pads=(before, 0, before, 0))

    return column(0, 0), column(1, 0), column(0, 1), column(2, 0), column(0, 2)


def spread(graph, total, mean, area, factors):
    """A side from its second moment: sqrt(factor * variance)."""
    square = graph.node("Mul", [mean, mean])
    variance = graph.node("Sub", [graph.node("Div", [total, area]), square])
    # 1/3: a mask pixel is not a point but two pixels wide. Relu: rounding may leave less than nothing.
    positive = graph.node("Relu", [scaled(graph, variance, factors, [f / 3 for f in factors])])
    return graph.node("Sqrt", [positive])


def falling(graph, squared, full, none):
    """1 while the squared distance is under full^2, 0 from none^2 on."""
    slope = 1.0 / (none * none - full * full)
    return graph.clip(scaled(graph, squared, [-slope] * 3, [none * none * slope] * 3))


def shapes(graph, pixels, blue_first=False, scale=1.0):
    """The middle of the box from the middle of each cell, its sides, and the score: [1,3,20,20] each."""
    mask = without_lines(graph, colour_masks(graph, pixels, blue_first, scale))
    sum0, sum_x, sum_y, sum_xx, sum_yy = moments(graph, mask)
    area = scaled(graph, sum0, [1] * 3, [0.01] * 3)  # never 0: it divides
    x = graph.node("Div", [sum_x, area])
    y = graph.node("Div", [sum_y, area])
    width = spread(graph, sum_xx, x, area, WIDTH_OF_VARIANCE)
    height = spread(graph, sum_yy, y, area, HEIGHT_OF_VARIANCE)

    near_x = falling(graph, graph.node("Mul", [x, x]), STRIDE / 2, STRIDE / 2 + 1)
    near_y = falling(graph, graph.node("Mul", [y, y]), STRIDE / 2, STRIDE / 2 + 1)
    wide = graph.clip(scaled(graph, width, [1 / 3] * 3, [-SMALLEST / 3] * 3))
    tall = graph.clip(scaled(graph, height, [1 / 3] * 3, [-SMALLEST / 3] * 3))
    box = scaled(graph, graph.node("Mul", [width, height]), FILL, [1.0] * 3)
    fill = scaled(graph, graph.node("Div", [area, box]), [1] * 3, [-1] * 3)
    right = falling(graph, graph.node("Mul", [fill, fill]), 0.0, FILL_TOLERANCE)
    score = right
    for gate in (near_x, near_y, wide, tall):
        score = graph.node("Mul", [score, gate])

    y = graph.node("Add", [y, scaled(graph, height, [0, 0, -1 / 6])])
    return x, y, width, height, score


def one_hot(graph, score):
    """[1,3,20,20] -> [1,9,20,20]: for each class, its score in the candidates of that class."""
    return graph.conv(score, 9, 3, (1, 1), lambda o, i, r, c: 1.0 if o // 3 == o % 3 == i else 0.0)


def in_picture(graph, offset, horizontal):
    """From the middle of a cell to the picture's corner."""
    middles = [STRIDE * ((c if horizontal else r) + 0.5)
               for _ in range(3) for r in range(CELLS) for c in range(CELLS)]
    return graph.node("Add", [offset, graph.floats([1, 3, CELLS, CELLS], middles)])


def columns(graph):
    x, y, width, height, score = shapes(graph, "images")
    parts = [in_picture(graph, x, True), in_picture(graph, y, False), width, height, one_hot(graph, score)]
    whole = graph.node("Concat", parts, axis=1)
    count = 3 * CELLS * CELLS
    graph.node("Reshape", [whole, graph.ints([1, 7, count])], "output0")
    return "output0", [1, 7, count]


def rows(graph):
    x, y, width, height, score = shapes(graph, "images")
    classes = graph.conv(score, 9, 3, (1, 1), lambda o, i, r, c: 0.0,
                         lambda o: 1.0 if o // 3 == o % 3 else 0.0)
    parts = [in_picture(graph, x, True), in_picture(graph, y, False), width, height, score, classes]
    whole = graph.node("Concat", parts, axis=1)
    count = 3 * CELLS * CELLS
    flat = graph.node("Reshape", [whole, graph.ints([1, 8, count])])
    graph.node("Transpose", [flat], "output0", perm=[0, 2, 1])
    return "output0", [1, count, 8]


def cells(graph):
    """YOLOX has one candidate in each cell, so the shape that is there speaks for the cell; the cells
    of the other two strides answer that nothing is there."""
    offset_x, offset_y, width, height, score = shapes(graph, "images", blue_first=True, scale=255.0)
    # Which class: shapes do not overlap, so at most one score of a cell is above 0.
    present = graph.clip(scaled(graph, score, [1e6] * 3))

    def chosen(values, offset=0.0):
        picked = graph.node("Mul", [values, present])
        return graph.conv(picked, 1, 3, (1, 1), lambda o, i, r, c: 1.0 / STRIDE, lambda o: offset)

    def logarithm(side):
        # Under 1 pixel only where nothing is: clip below so that there is a logarithm.
        ratio = graph.node("Relu", [chosen(side, -1.0 / STRIDE)])
        shifted = graph.conv(ratio, 1, 1, (1, 1), lambda *_: 1.0, lambda o: 1.0 / STRIDE)
        return graph.node("Log", [shifted])

    found = graph.conv(score, 1, 3, (1, 1), lambda *_: 1.0)
    whole = graph.node("Concat", [chosen(offset_x, 0.5), chosen(offset_y, 0.5), logarithm(width),
                                  logarithm(height), found, present], axis=1)

    def nothing(stride):
        small = graph.node("AveragePool", ["images"], kernel_shape=[stride] * 2, strides=[stride] * 2)
        return graph.conv(small, 8, 3, (1, 1), lambda *_: 0.0)

    parts = [graph.node("Reshape", [source, graph.ints([1, 8, (SIZE // stride) ** 2])])
             for stride, source in ((8, nothing(8)), (16, whole), (32, nothing(32)))]
    flat = graph.node("Concat", parts, axis=2)
    graph.node("Transpose", [flat], "output", perm=[0, 2, 1])
    return "output", [1, sum((SIZE // s) ** 2 for s in (8, 16, 32)), 8]


LAYOUTS = {"v8": columns, "v5": rows, "yolox": cells}


def network(layout):
    graph = Graph("shapes")
    output = LAYOUTS[layout](graph)
    metadata = {
        "description": "circles, squares and triangles of the drawn scene",
        "license": "LGPL-2.1-or-later",
        "task": "detect",
        "stride": str(STRIDE),
        "imgsz": f"[{SIZE}, {SIZE}]",
        "names": str(dict(enumerate(NAMES))),
    }
    # A YOLOX export says nothing of itself.
    return graph.bytes([("images", [1, 3, SIZE, SIZE])], [output], {} if layout == "yolox" else metadata)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output")
    parser.add_argument("--layout", choices=sorted(LAYOUTS), default="v8")
    options = parser.parse_args()
    temporary = options.output + ".part"
    with open(temporary, "wb") as file:
        file.write(network(options.layout))
    os.replace(temporary, options.output)


if __name__ == "__main__":
    sys.exit(main())
