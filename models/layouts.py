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
import sys

import darknet
from heads import BINS, CELLS, COUNT, SIZE, STRIDES, Net, around, centres, decoupled, distances, joined, strides

NAMES = "{0: 'circle', 1: 'square', 2: 'triangle'}"
FAR = (1 << 63) - 1  # to the end, in a Slice


def v8(net):
    sides, scores, _ = decoupled(net)
    net.node("Concat", [around(net, sides), scores], "output0", axis=1)
    return [("output0", [1, 4 + net.classes, COUNT])]


def dynamic(net, pictures=1):
    """Nearly as with dynamic=True: shapes are taken from what flows, but one picture is written down."""
    maps = []
    for feature in net.features:
        box = net.pointwise(feature, 4 * BINS, 8, 2.0)
        both = net.node("Concat", [box, net.pointwise(feature, net.classes, 8, 3.0, -1.0)], axis=1)
        batch = net.node("Gather", [net.node("Shape", [both]), net.weight([], [0], "q")], axis=0)
        shape = net.node("Concat", [net.node("Unsqueeze", [batch, net.ints([0])]),
                                    net.ints([4 * BINS + net.classes]), net.ints([-1])], axis=0)
        maps.append(net.node("Reshape", [both, shape]))
    box, scores = net.split(net.node("Concat", maps, axis=2), [4 * BINS, net.classes], 1)
    net.node("Concat", [around(net, distances(net, box, pictures=pictures)), net.node("Sigmoid", [scores])],
             "output0", axis=1)
    return [("output0", ["batch", 4 + net.classes, "anchors"])]


def batch(net):
    """As with dynamic=True: any number of pictures at once."""
    return dynamic(net, pictures=0)


def segment(net):
    sides, scores, more = decoupled(net, 32)
    net.node("Concat", [around(net, sides), scores, more], "output0", axis=1)
    source = net.node("AveragePool", ["images"], kernel_shape=[4, 4], strides=[4, 4])
    plain = net.pointwise(source, 32, 3, 2.0)
    net.node("Mul", [plain, net.node("Sigmoid", [plain])], "output1")
    return [("output0", [1, 4 + net.classes + 32, COUNT]), ("output1", [1, 32, 16, 16])]


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
    return [("output0", [1, 5 + net.classes, COUNT])]


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
    scores = net.node("GatherElements", [scores, net.node("Tile", [cells, net.ints([1, 1, net.classes])])], axis=1)
    flat = net.node("Flatten", [scores], axis=1)
    values, places = net.node("TopK", [flat, net.ints([best])], outputs=2, axis=-1, largest=1, sorted=1)
    classes = net.weight([], [net.classes], "q")
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


def anchored(net, output=None):
    """v5 and v7: a table of three boxes a cell."""
    parts = []
    for k, (feature, cells, stride) in enumerate(zip(net.features, CELLS, STRIDES)):
        head = net.pointwise(feature, 3 * (5 + net.classes), 8, 2.0)
        table = net.transpose(net.reshape(head, [1, 3, 5 + net.classes, cells, cells]), [0, 1, 3, 4, 2])
        place, side, rest = net.split(net.node("Sigmoid", [table]), [2, 2, 1 + net.classes], 4)
        grid = [v for _ in range(3) for r in range(cells) for c in range(cells) for v in (c - 0.5, r - 0.5)]
        place = net.node("Add", [net.node("Mul", [place, net.number(2.0)]),
                                 net.floats([1, 3, cells, cells, 2], grid)])
        place = net.node("Mul", [place, net.number(float(stride))])
        doubled = net.node("Pow", [net.node("Mul", [side, net.number(2.0)]), net.number(2.0)])
        anchors = [v for a in range(3) for _ in range(cells * cells) for v in anchors_of(k)[2 * a:2 * a + 2]]
        side = net.node("Mul", [doubled, net.floats([1, 3, cells, cells, 2], anchors)])
        whole = net.node("Concat", [place, side, rest], axis=4)
        parts.append(net.reshape(whole, [1, 3 * cells * cells, 5 + net.classes]))
    return net.node("Concat", parts, output, axis=1)


def v5(net):
    return [(anchored(net, "output0"), [1, 3 * COUNT, 5 + net.classes])]


def suppressed(net, corners, scores, output, score_first):
    """The boxes [1, n, 4] and scores [1, n, classes] that are left, as rows of seven."""
    scores = net.transpose(scores, [0, 2, 1])
    most, overlap, least = net.ints([20]), net.floats([1], [0.6]), net.floats([1], [0.2])
    left = net.node("NonMaxSuppression", [corners, scores, most, overlap, least])
    boxes = net.node("GatherND", [corners, net.node("Gather", [left, net.ints([0, 2])], axis=1)])
    score = net.reshape(net.node("GatherND", [scores, left]), [-1, 1])
    batch, kind = (net.node("Cast", [net.slice(left, k, k + 1, 1)], to=1) for k in range(2))
    net.node("Concat", [batch, boxes, *((score, kind) if score_first else (kind, score))], output, axis=1)
    return [(output, ["count", 7])]


def v7_end_to_end(net):
    """As v7's own exporter joins its suppression: corners by a product of matrices."""
    table = anchored(net)
    to_corners = net.floats([4, 4], [1, 0, 1, 0, 0, 1, 0, 1, -0.5, 0, 0.5, 0, 0, -0.5, 0, 0.5])
    corners = net.node("MatMul", [net.slice(table, 0, 4, 2), to_corners])
    scores = net.node("Mul", [net.slice(table, 4, 5, 2), net.slice(table, 5, FAR, 2)])
    return suppressed(net, corners, scores, "output", score_first=False)


def v7_raw(net):
    outputs = []
    for feature, cells in zip(net.features, CELLS):
        head = net.pointwise(feature, 3 * (5 + net.classes), 8, 2.0)
        shaped = net.reshape(head, [1, 3, 5 + net.classes, cells, cells])
        net.transpose(shaped, [0, 1, 3, 4, 2], f"head{cells}")
        outputs.append((f"head{cells}", [1, 3, cells, cells, 5 + net.classes]))
    return outputs


def v6(net):
    sides, scores, _ = decoupled(net, bins=1)
    ones = net.floats([1, 1, COUNT], [1.0] * COUNT)
    whole = net.node("Concat", [around(net, sides), ones, scores], axis=1)
    net.transpose(whole, [0, 2, 1], "outputs")
    return [("outputs", [1, COUNT, 5 + net.classes])]


def yolox(net):
    maps = []
    for feature in net.features:
        box = net.pointwise(feature, 4, 8, 0.5)
        sure = net.node("Sigmoid", [net.pointwise(feature, 1, 8, 3.0, 1.0)])
        kind = net.node("Sigmoid", [net.pointwise(feature, net.classes, 8, 3.0)])
        maps.append(net.node("Concat", [box, sure, kind], axis=1))
    table = joined(net, maps, lambda k: [1, 5 + net.classes, -1])
    net.transpose(table, [0, 2, 1], "output")
    return [("output", [1, COUNT, 5 + net.classes])]


def nas(net):
    sides, scores, _ = decoupled(net)
    net.transpose(around(net, sides, corners=True), [0, 2, 1], "boxes")
    net.transpose(scores, [0, 2, 1], "scores")
    return [("boxes", [1, COUNT, 4]), ("scores", [1, COUNT, net.classes])]


def nas_flat(net):
    sides, scores, _ = decoupled(net)
    corners = net.transpose(around(net, sides, corners=True), [0, 2, 1])
    return suppressed(net, corners, net.transpose(scores, [0, 2, 1]), "graph2_flat_predictions", score_first=True)


def v9_dual(net):
    """Exported as its project does, with the head that helps in training before the one that counts."""
    for k in range(2):
        sides, scores, _ = decoupled(net)
        net.node("Concat", [around(net, sides), scores], f"output{k}", axis=1)
    return [(f"output{k}", [1, 4 + net.classes, COUNT]) for k in range(2)]


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
    return [("output0", [1, 4 + net.classes, COUNT])]


# Name -> maker, opset, what the metadata says beside the names.
LAYOUTS = {
    **{f"v8-opset{opset}": (v8, opset, {"task": "detect"}) for opset in range(11, 22)},
    "v8-dynamic": (dynamic, 13, {"task": "detect", "imgsz": "[64, 64]"}),
    "v8-batch": (batch, 13, {"task": "detect", "imgsz": "[64, 64]"}),
    "v8-nameless": (v8, 13, None),
    "v8-coco": (v8, 13, None),
    "segment": (segment, 17, {"task": "segment"}),
    "pose": (pose, 17, {"task": "pose", "kpt_shape": "[5, 3]", "names": "{0: 'person'}"}),
    "turned": (turned, 17, {"task": "obb"}),
    "end-to-end": (end_to_end, 17, {"task": "detect", "end2end": "True"}),
    "yolo26": (yolo26, 17, {"task": "detect", "end2end": "True"}),
    "v5": (v5, 13, {"stride": "32"}),
    "v6": (v6, 12, None),
    "v7": (v5, 12, None),
    "v7-raw": (v7_raw, 12, None),
    "v7-end-to-end": (v7_end_to_end, 12, None),
    "v9-dual": (v9_dual, 13, None),
    "v12-attention": (attention, 13, {"task": "detect"}),
    "yolox": (yolox, 11, None),
    "nas": (nas, 14, None),
    "nas-flat": (nas_flat, 14, None),
    "quantised": (quantised, 13, {"task": "detect"}),
    "half": (half, 13, {"task": "detect", "names": "['a', 'b', 'c', 'd']"}),
    "not-numbers": (not_numbers, 13, {"task": "detect"}),
}


def network(name):
    maker, opset, says = LAYOUTS[name]
    net = Net(name, sum(name.encode()), opset, inputs=maker is not half,
              white=255.0 if maker is yolox else 1.0, classes=80 if name == "v8-coco" else 3)
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
    for name in darknet.NETWORKS:
        cfg, weights = darknet.network(name)
        with open(os.path.join(folder, name + ".cfg"), "w") as file:
            file.write(cfg)
        with open(os.path.join(folder, name + ".weights"), "wb") as file:
            file.write(weights)
    with open(sys.argv[1], "w") as file:
        file.write("\n".join([*LAYOUTS, *darknet.NETWORKS]) + "\n")


if __name__ == "__main__":
    sys.exit(main())
