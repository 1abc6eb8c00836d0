"""What the heads of all families of YOLO share: features of three grids, boxes around their cells."""
import random

from onnxwriter import Graph

SIZE = 64
STRIDES = (8, 16, 32)
CELLS = [SIZE // s for s in STRIDES]
COUNT = sum(c * c for c in CELLS)
BINS = 16


class Net(Graph):
    """A graph with the few shapes that all families share."""

    def __init__(self, name, seed, opset, inputs=True, white=1.0, classes=3):
        super().__init__(name)
        self.random = random.Random(seed)
        self.opset = opset
        self.white = white  # what the picture has for it
        self.classes = classes
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
        maps.append(net.node("Concat", [box, net.pointwise(feature, net.classes, 8, 3.0, -1.0)], axis=1))
    table = joined(net, maps, lambda k: [1, 4 * bins + net.classes, -1])
    box, scores = net.split(table, [4 * bins, net.classes], 1)
    more = None
    if extra:
        maps = [net.pointwise(f, extra, 8, 2.0) for f in net.features]
        more = joined(net, maps, lambda k: [1, extra, -1])
    return distances(net, box, bins), net.node("Sigmoid", [scores]), more
