#!/usr/bin/env python3
"""Tiny networks that end as the exports of each family of YOLO do, node by node.

    layouts.py STAMP

The folder `layouts` beside the file STAMP gets them, and STAMP their names.

Their weights are drawn by lot, so they find nothing in particular; but what they answer depends on
the picture, goes through real convolutions, and is put together by the operators that the family's
own exporter writes. That tests what reads such files: every engine has to answer the same.
Input: 1x3x64x64. Three classes, grids of 8x8, 4x4 and 2x2 cells.
"""
import os
import random
import sys

from onnxwriter import Graph

SIZE = 64
STRIDES = (8, 16, 32)
CELLS = [SIZE // s for s in STRIDES]
COUNT = sum(c * c for c in CELLS)
CLASSES = 3
BINS = 16
NAMES = "{0: 'circle', 1: 'square', 2: 'triangle'}"
FAR = (1 << 63) - 1  # to the end, in a Slice


class Net(Graph):
    """A graph with the few shapes that all families share."""

    def __init__(self, name, seed, opset, inputs=True, white=1.0):
        super().__init__(name)
        self.random = random.Random(seed)
        self.opset = opset
        self.white = white  # what the picture has for it
        self.features = []
        if inputs:
            self.features = [self.feature(s) for s in STRIDES]

    def lot(self, scale):
        return lambda *_: self.random.uniform(-scale, scale)

    def pointwise(self, source, outs, ins, scale=1.0, bias=0.0):
        return self.conv(source, outs, ins, (1, 1), self.lot(scale), lambda o: self.random.uniform(-1, 1) + bias)

    def silu(self, source):
        return self.node("Mul", [source, self.node("Sigmoid", [source])])

    def feature(self, stride):
        pooled = self.node("AveragePool", ["images"], kernel_shape=[stride] * 2, strides=[stride] * 2)
        return self.silu(self.pointwise(pooled, 8, 3, 4.0 / self.white))

    def split(self, source, sizes, axis):
        """As an attribute before opset 13, as an operand since."""
        if self.opset < 13:
            return self.node("Split", [source], outputs=len(sizes), axis=axis, split=sizes)
        return self.node("Split", [source, self.ints(sizes)], outputs=len(sizes), axis=axis)

    def slice(self, source, start, end, axis, output=None):
        return self.node("Slice", [source, self.ints([start]), self.ints([end]), self.ints([axis])], output)

    def reshape(self, source, shape, output=None):
        return self.node("Reshape", [source, self.ints(shape)], output)

    def transpose(self, source, order, output=None):
        return self.node("Transpose", [source], output, perm=order)

    def number(self, value):
        return self.floats([], [value])


def centres():
    """The middle of each cell in cells, x then y."""
    xs = [c + 0.5 for n in CELLS for _ in range(n) for c in range(n)]
    ys = [r + 0.5 for n in CELLS for r in range(n) for _ in range(n)]
    return xs + ys


def strides():
    return [float(s) for s, n in zip(STRIDES, CELLS) for _ in range(n * n)]


def joined(net, parts, shape):
    """Maps of all grids as one table; shape(k) is that of the k-th."""
    return net.node("Concat", [net.reshape(p, shape(k)) for k, p in enumerate(parts)], axis=2)


def distances(net, boxes, bins=BINS, pictures=1):
    """[1, 4 * bins, n] -> [1, 4, n]: a distribution over distances, and its mean. pictures=0: any number."""
    if bins == 1:
        return boxes
    table = net.transpose(net.reshape(boxes, [pictures, 4, bins, COUNT]), [0, 2, 1, 3])
    likely = net.node("Softmax", [table], axis=1)
    mean = net.conv_of(likely, net.floats([1, bins, 1, 1], [float(b) for b in range(bins)]))
    return net.reshape(mean, [pictures, 4, COUNT])


def conv_of(self, source, weight):
    return self.node("Conv", [source, weight], kernel_shape=[1, 1], strides=[1, 1], pads=[0, 0, 0, 0],
                     dilations=[1, 1], group=1)


Net.conv_of = conv_of


def around(net, sides, corners=False):
    """Distances to the four sides -> boxes in pixels."""
    anchors = net.floats([1, 2, COUNT], centres())
    near, far = net.split(sides, [2, 2], 1)
    first = net.node("Sub", [anchors, near])
    last = net.node("Add", [anchors, far])
    if corners:
        box = net.node("Concat", [first, last], axis=1)
    else:
        middle = net.node("Div", [net.node("Add", [first, last]), net.number(2.0)])
        box = net.node("Concat", [middle, net.node("Sub", [last, first])], axis=1)
    return net.node("Mul", [box, net.floats([1, COUNT], strides())])


def decoupled(net, extra=0, bins=BINS):
    """Heads of v8 and its successors: boxes and scores of all cells, and what more there is."""
    maps = []
    for feature in net.features:
        box = net.pointwise(feature, 4, 8, 0.3, 3.0) if bins == 1 else net.pointwise(feature, 4 * bins, 8, 2.0)
        maps.append(net.node("Concat", [box, net.pointwise(feature, CLASSES, 8, 3.0, -1.0)], axis=1))
    table = joined(net, maps, lambda k: [1, 4 * bins + CLASSES, -1])
    box, scores = net.split(table, [4 * bins, CLASSES], 1)
    more = None
    if extra:
        maps = [net.pointwise(f, extra, 8, 2.0) for f in net.features]
        more = joined(net, maps, lambda k: [1, extra, -1])
    return distances(net, box, bins), net.node("Sigmoid", [scores]), more


def v8(net):
    sides, scores, _ = decoupled(net)
    net.node("Concat", [around(net, sides), scores], "output0", axis=1)
    return [("output0", [1, 4 + CLASSES, COUNT])]


def dynamic(net, pictures=1):
    """Nearly as with dynamic=True: shapes are taken from what flows, but one picture is written down."""
    maps = []
    for feature in net.features:
        box = net.pointwise(feature, 4 * BINS, 8, 2.0)
        both = net.node("Concat", [box, net.pointwise(feature, CLASSES, 8, 3.0, -1.0)], axis=1)
        batch = net.node("Gather", [net.node("Shape", [both]), net.weight([], [0], "q")], axis=0)
        shape = net.node("Concat", [net.node("Unsqueeze", [batch, net.ints([0])]),
                                    net.ints([4 * BINS + CLASSES]), net.ints([-1])], axis=0)
        maps.append(net.node("Reshape", [both, shape]))
    box, scores = net.split(net.node("Concat", maps, axis=2), [4 * BINS, CLASSES], 1)
    net.node("Concat", [around(net, distances(net, box, pictures=pictures)), net.node("Sigmoid", [scores])],
             "output0", axis=1)
    return [("output0", ["batch", 4 + CLASSES, "anchors"])]


def batch(net):
    """As with dynamic=True: any number of pictures at once."""
    return dynamic(net, pictures=0)


def segment(net):
    sides, scores, more = decoupled(net, 32)
    net.node("Concat", [around(net, sides), scores, more], "output0", axis=1)
    source = net.node("AveragePool", ["images"], kernel_shape=[4, 4], strides=[4, 4])
    plain = net.pointwise(source, 32, 3, 2.0)
    net.node("Mul", [plain, net.node("Sigmoid", [plain])], "output1")
    return [("output0", [1, 4 + CLASSES + 32, COUNT]), ("output1", [1, 32, 16, 16])]


def pose(net):
    points = 5
    sides, scores, more = decoupled(net, 3 * points)
    scores = net.slice(scores, 0, 1, 1)
    table = net.reshape(more, [1, points, 3, COUNT])
    place = net.slice(table, 0, 2, 2)
    doubled = net.node("Mul", [place, net.number(2.0)])
    shifted = net.floats([1, 1, 2, COUNT], [c - 0.5 for c in centres()])
    at = net.node("Mul", [net.node("Add", [doubled, shifted]), net.floats([1, 1, 1, COUNT], strides())])
    seen = net.node("Sigmoid", [net.slice(table, 2, 3, 2)])
    flat = net.reshape(net.node("Concat", [at, seen], axis=2), [1, 3 * points, COUNT])
    net.node("Concat", [around(net, sides), scores, flat], "output0", axis=1)
    return [("output0", [1, 5 + 3 * points, COUNT])]


def turned(net):
    sides, scores, more = decoupled(net, 1)
    angle = net.node("Mul", [net.node("Sub", [net.node("Sigmoid", [more]), net.number(0.25)]),
                             net.number(3.14159265)])
    near, far = net.split(sides, [2, 2], 1)
    half = net.node("Div", [net.node("Sub", [far, near]), net.number(2.0)])
    x, y = net.split(half, [1, 1], 1)
    c, s = net.node("Cos", [angle]), net.node("Sin", [angle])
    over = net.node("Sub", [net.node("Mul", [x, c]), net.node("Mul", [y, s])])
    down = net.node("Add", [net.node("Mul", [x, s]), net.node("Mul", [y, c])])
    middle = net.node("Add", [net.node("Concat", [over, down], axis=1), net.floats([1, 2, COUNT], centres())])
    box = net.node("Concat", [middle, net.node("Add", [near, far])], axis=1)
    box = net.node("Mul", [box, net.floats([1, COUNT], strides())])
    net.node("Concat", [box, scores, angle], "output0", axis=1)
    return [("output0", [1, 5 + CLASSES, COUNT])]


def end_to_end(net, bins=BINS):
    """v10 and 26: the best few are picked within the network."""
    best = 20
    sides, scores, _ = decoupled(net, bins=bins)
    box = net.transpose(around(net, sides, corners=True), [0, 2, 1])
    scores = net.transpose(scores, [0, 2, 1])
    most = net.node("ReduceMax", [scores], axes=[-1], keepdims=0)
    _, cells = net.node("TopK", [most, net.ints([best])], outputs=2, axis=-1, largest=1, sorted=1)
    cells = net.node("Unsqueeze", [cells, net.ints([-1])])
    box = net.node("GatherElements", [box, net.node("Tile", [cells, net.ints([1, 1, 4])])], axis=1)
    scores = net.node("GatherElements", [scores, net.node("Tile", [cells, net.ints([1, 1, CLASSES])])], axis=1)
    flat = net.node("Flatten", [scores], axis=1)
    values, places = net.node("TopK", [flat, net.ints([best])], outputs=2, axis=-1, largest=1, sorted=1)
    classes = net.weight([], [CLASSES], "q")
    kind = net.node("Mod", [places, classes])
    cell = net.node("Unsqueeze", [net.node("Div", [places, classes]), net.ints([-1])])
    box = net.node("GatherElements", [box, net.node("Tile", [cell, net.ints([1, 1, 4])])], axis=1)
    values = net.node("Unsqueeze", [values, net.ints([-1])])
    kind = net.node("Cast", [net.node("Unsqueeze", [kind, net.ints([-1])])], to=1)
    net.node("Concat", [box, values, kind], "output0", axis=2)
    return [("output0", [1, best, 6])]


def yolo26(net):
    return end_to_end(net, bins=1)


def anchors_of(k):
    table = [10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326]
    return [a / 8 for a in table[6 * k:6 * k + 6]]


def v5(net):
    parts = []
    for k, (feature, cells, stride) in enumerate(zip(net.features, CELLS, STRIDES)):
        head = net.pointwise(feature, 3 * (5 + CLASSES), 8, 2.0)
        table = net.transpose(net.reshape(head, [1, 3, 5 + CLASSES, cells, cells]), [0, 1, 3, 4, 2])
        place, side, rest = net.split(net.node("Sigmoid", [table]), [2, 2, 1 + CLASSES], 4)
        grid = [v for _ in range(3) for r in range(cells) for c in range(cells) for v in (c - 0.5, r - 0.5)]
        place = net.node("Add", [net.node("Mul", [place, net.number(2.0)]),
                                 net.floats([1, 3, cells, cells, 2], grid)])
        place = net.node("Mul", [place, net.number(float(stride))])
        doubled = net.node("Pow", [net.node("Mul", [side, net.number(2.0)]), net.number(2.0)])
        anchors = [v for a in range(3) for _ in range(cells * cells) for v in anchors_of(k)[2 * a:2 * a + 2]]
        side = net.node("Mul", [doubled, net.floats([1, 3, cells, cells, 2], anchors)])
        whole = net.node("Concat", [place, side, rest], axis=4)
        parts.append(net.reshape(whole, [1, 3 * cells * cells, 5 + CLASSES]))
    net.node("Concat", parts, "output0", axis=1)
    return [("output0", [1, 3 * COUNT, 5 + CLASSES])]


def v7_raw(net):
    outputs = []
    for feature, cells in zip(net.features, CELLS):
        head = net.pointwise(feature, 3 * (5 + CLASSES), 8, 2.0)
        shaped = net.reshape(head, [1, 3, 5 + CLASSES, cells, cells])
        net.transpose(shaped, [0, 1, 3, 4, 2], f"head{cells}")
        outputs.append((f"head{cells}", [1, 3, cells, cells, 5 + CLASSES]))
    return outputs


def v6(net):
    sides, scores, _ = decoupled(net, bins=1)
    ones = net.floats([1, 1, COUNT], [1.0] * COUNT)
    whole = net.node("Concat", [around(net, sides), ones, scores], axis=1)
    net.transpose(whole, [0, 2, 1], "outputs")
    return [("outputs", [1, COUNT, 5 + CLASSES])]


def yolox(net):
    maps = []
    for feature in net.features:
        box = net.pointwise(feature, 4, 8, 0.5)
        sure = net.node("Sigmoid", [net.pointwise(feature, 1, 8, 3.0, 1.0)])
        kind = net.node("Sigmoid", [net.pointwise(feature, CLASSES, 8, 3.0)])
        maps.append(net.node("Concat", [box, sure, kind], axis=1))
    table = joined(net, maps, lambda k: [1, 5 + CLASSES, -1])
    net.transpose(table, [0, 2, 1], "output")
    return [("output", [1, COUNT, 5 + CLASSES])]


def nas(net):
    sides, scores, _ = decoupled(net)
    net.transpose(around(net, sides, corners=True), [0, 2, 1], "boxes")
    net.transpose(scores, [0, 2, 1], "scores")
    return [("boxes", [1, COUNT, 4]), ("scores", [1, COUNT, CLASSES])]


def v9_dual(net):
    """Exported as its project does, with the head that helps in training before the one that counts."""
    for k in range(2):
        sides, scores, _ = decoupled(net)
        net.node("Concat", [around(net, sides), scores], f"output{k}", axis=1)
    return [(f"output{k}", [1, 4 + CLASSES, COUNT]) for k in range(2)]


def attention(net):
    """v12: a Softmax spelled out between two products of matrices."""
    side, depth = CELLS[0] ** 2, 8
    flat = net.reshape(net.features[0], [1, depth, side])
    likeness = net.node("Mul", [net.node("MatMul", [net.transpose(flat, [0, 2, 1]), flat]), net.number(0.35)])
    most = net.node("ReduceMax", [likeness], axes=[-1], keepdims=1)
    power = net.node("Exp", [net.node("Sub", [likeness, most])])
    total = net.node("ReduceSum", [power, net.ints([-1])], keepdims=1)
    part = net.node("Div", [power, total])
    mixed = net.node("MatMul", [flat, net.transpose(part, [0, 2, 1])])
    net.features[0] = net.reshape(mixed, [1, depth, CELLS[0], CELLS[0]])
    return v8(net)


def quantised(net):
    """QDQ: what is computed is float32, what is stored is int8."""
    scale, zero = net.number(0.04), net.weight([], [0], "b")
    for k, feature in enumerate(net.features):
        small = net.node("QuantizeLinear", [feature, scale, zero])
        values = [net.random.randint(-127, 127) for _ in range(64)]
        scales = net.floats([8], [0.01 + 0.001 * i for i in range(8)])
        zeros = net.weight([8], [0] * 8, "b")
        weight = net.node("DequantizeLinear", [net.weight([8, 8, 1, 1], values, "b"), scales, zeros], axis=0)
        net.features[k] = net.silu(net.conv_of(net.node("DequantizeLinear", [small, scale, zero]), weight))
    return v8(net)


def half(net):
    """All in float16, picture and answer included."""
    head = net.node("Conv", ["images", net.weight([8, 3, 1, 1], [net.random.uniform(-2, 2) for _ in range(24)], "e")],
                    kernel_shape=[1, 1], strides=[8, 8], pads=[0, 0, 0, 0], dilations=[1, 1], group=1)
    table = net.reshape(net.node("Sigmoid", [head]), [1, 8, 64])
    box, scores = net.split(table, [4, 4], 1)
    box = net.node("Mul", [box, net.weight([], [64.0], "e")])
    net.node("Concat", [box, scores], "output0", axis=1)
    return [("output0", [1, 8, 64])]


def not_numbers(net):
    """A damaged network: what it answers are no numbers."""
    sides, scores, _ = decoupled(net)
    nothing = net.node("Div", [scores, net.number(0.0)])
    none = net.node("Sub", [nothing, nothing])
    net.node("Concat", [around(net, sides), none], "output0", axis=1)
    return [("output0", [1, 4 + CLASSES, COUNT])]


# Name -> maker, opset, what the metadata says beside the names.
LAYOUTS = {
    "v8-opset11": (v8, 11, {"task": "detect"}),
    "v8-opset17": (v8, 17, {"task": "detect"}),
    "v8-opset21": (v8, 21, {"task": "detect"}),
    "v8-dynamic": (dynamic, 13, {"task": "detect", "imgsz": "[64, 64]"}),
    "v8-batch": (batch, 13, {"task": "detect", "imgsz": "[64, 64]"}),
    "v8-nameless": (v8, 13, None),
    "segment": (segment, 17, {"task": "segment"}),
    "pose": (pose, 17, {"task": "pose", "kpt_shape": "[5, 3]", "names": "{0: 'person'}"}),
    "turned": (turned, 17, {"task": "obb"}),
    "end-to-end": (end_to_end, 17, {"task": "detect", "end2end": "True"}),
    "yolo26": (yolo26, 17, {"task": "detect", "end2end": "True"}),
    "v5": (v5, 13, {"stride": "32"}),
    "v6": (v6, 12, None),
    "v7-raw": (v7_raw, 12, None),
    "v9-dual": (v9_dual, 13, None),
    "v12-attention": (attention, 13, {"task": "detect"}),
    "yolox": (yolox, 11, None),
    "nas": (nas, 14, None),
    "quantised": (quantised, 13, {"task": "detect"}),
    "half": (half, 13, {"task": "detect", "names": "['a', 'b', 'c', 'd']"}),
    "not-numbers": (not_numbers, 13, {"task": "detect"}),
}


def network(name):
    maker, opset, says = LAYOUTS[name]
    net = Net(name, sum(name.encode()), opset, inputs=maker is not half,
              white=255.0 if maker is yolox else 1.0)
    outputs = maker(net)
    metadata = {"names": NAMES, **says} if says is not None else {}
    kind = "e" if maker is half else "f"
    shape = ["batch", 3, "height", "width"] if maker in (dynamic, batch) else [1, 3, SIZE, SIZE]
    return net.bytes([("images", shape, kind)], [(*o, kind) for o in outputs], metadata, opset=opset,
                     ir_version=8)


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "layouts")
    os.makedirs(folder, exist_ok=True)
    for name in LAYOUTS:
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(network(name))
    with open(sys.argv[1], "w") as file:
        file.write("\n".join(LAYOUTS) + "\n")


if __name__ == "__main__":
    sys.exit(main())
