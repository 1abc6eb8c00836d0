#!/usr/bin/env python3
"""Tiny networks that make a picture of a picture, and a few that do not quite, for tests.

    filters.py STAMP

The folder `filters` beside the file STAMP gets them, and STAMP their names.
"""
import os
import sys

from onnxwriter import Graph

SIZE = 64


def pointwise(graph, source, weight, output=None, outs=3):
    """Each answer a sum of the three channels."""
    values = [float(weight(o, i)) for o in range(outs) for i in range(3)]
    weights = graph.floats([outs, 3, 1, 1], values)
    return graph.node("Conv", [source, weights], output, kernel_shape=[1, 1], strides=[1, 1],
                      pads=[0, 0, 0, 0], dilations=[1, 1], group=1)


def identity(graph):
    """0 to 255, of any size."""
    pointwise(graph, "input", lambda o, i: o == i, "output")


def swap(graph):
    """Red and blue change places, 0 to 1."""
    swapped = pointwise(graph, "input", lambda o, i: o == 2 - i)
    graph.node("Clip", [swapped], "output", min=0.0, max=1.0)


def negative(graph):
    """-1 to 1, as tanh ends."""
    turned = pointwise(graph, "input", lambda o, i: -1.0 if o == i else 0.0)
    graph.node("Clip", [turned], "output", min=-1.0, max=1.0)


def blur(graph):
    """The mean of five by five, 0 to 255."""
    middle = graph.conv("input", 3, 3, (5, 5), lambda o, i, r, c: 1 / 25 if o == i else 0.0, pads=(2, 2, 2, 2))
    graph.node("Relu", [middle], "output")


def wild(graph):
    """Far too bright red, far too dark green, and blue that is no number."""
    bright = pointwise(graph, "input", lambda o, i: o == i == 0 and 1e9 or (o == i == 1 and -1e9) or 0.0)
    # The logarithm of what is below 0, where it is blue.
    below = graph.conv("input", 3, 3, (1, 1), lambda *_: 0.0, lambda o: -1.0 if o == 2 else 1.0)
    graph.node("Add", [bright, graph.node("Log", [below])], "output")


def grey(graph):
    """One channel of answer."""
    pointwise(graph, "input", lambda o, i: 1 / 3, "output", outs=1)


def half(graph):
    """A picture of half the size."""
    graph.node("AveragePool", ["input"], "output", kernel_shape=[2, 2], strides=[2, 2])


FIXED = [1, 3, SIZE, SIZE]
OPEN = [1, 3, "height", "width"]
NETWORKS = {
    "identity": (identity, OPEN, OPEN),
    "swap": (swap, FIXED, FIXED),
    "negative": (negative, FIXED, FIXED),
    "blur": (blur, FIXED, FIXED),
    "wild": (wild, FIXED, FIXED),
    "grey": (grey, FIXED, [1, 1, SIZE, SIZE]),
    "half": (half, FIXED, [1, 3, SIZE // 2, SIZE // 2]),
}


def main():
    stamp = sys.argv[1]
    folder = os.path.join(os.path.dirname(stamp), "filters")
    os.makedirs(folder, exist_ok=True)
    for name, (make, takes, answers) in NETWORKS.items():
        graph = Graph(name)
        make(graph)
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(graph.bytes([("input", takes)], [("output", answers)], {}))
    with open(stamp, "w", encoding="utf-8") as file:
        file.write("\n".join(NETWORKS) + "\n")


if __name__ == "__main__":
    sys.exit(main())
