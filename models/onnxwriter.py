"""Writes ONNX files with nothing but Python: the few protobuf messages that a small network needs.

Field numbers are those of onnx/onnx.proto. Only a few types of tensors, and attributes that are
numbers or lists of numbers.
"""
import struct


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    if isinstance(value, str):
        value = value.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


# Letters of the struct module, and TensorProto.DataType.
KINDS = {"f": 1, "B": 2, "b": 3, "q": 7, "e": 10}


def tensor(name, shape, values, kind):
    """kind: 'f' float32, 'e' float16, 'q' int64, 'b' int8, 'B' uint8."""
    values = list(values)
    count = 1
    for size in shape:
        count *= size
    assert len(values) == count, (name, shape, len(values))
    dims = b"".join(number(1, size) for size in shape)
    packed = struct.pack(f"<{count}{kind}", *values)
    return dims + number(2, KINDS[kind]) + data(8, name) + data(9, packed)


def attribute(name, value):
    out = data(1, name)
    if isinstance(value, float):
        return out + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, int):
        return out + number(3, value) + number(20, 2)
    if all(isinstance(v, int) for v in value):
        return out + b"".join(number(8, v) for v in value) + number(20, 7)
    raise TypeError(name)


def value_info(name, shape, kind="f"):
    """A size that is a name is open."""
    dims = b"".join(data(1, data(2, size) if isinstance(size, str) else number(1, size)) for size in shape)
    return data(1, name) + data(2, data(1, number(1, KINDS[kind]) + data(2, dims)))


class Graph:
    """A network in the making. Every method adds one node and returns the name of what it answers."""

    def __init__(self, name):
        self.name = name
        self.nodes = []
        self.weights = []
        self.count = 0

    def floats(self, shape, values):
        return self.weight(shape, values, "f")

    def ints(self, values):
        return self.weight([len(values)], values, "q")

    def weight(self, shape, values, kind):
        name = f"w{len(self.weights)}"
        self.weights.append(tensor(name, shape, values, kind))
        return name

    def node(self, operator, inputs, output=None, outputs=1, **attributes):
        """The name of what it answers, or a list of several."""
        self.count += 1
        names = [output or f"t{self.count}"]
        names += [f"t{self.count}_{i}" for i in range(1, outputs)]
        self.nodes.append(
            b"".join(data(1, i) for i in inputs) + b"".join(data(2, n) for n in names)
            + data(3, f"{operator}_{self.count}") + data(4, operator)
            + b"".join(data(5, attribute(k, v)) for k, v in attributes.items()))
        return names if outputs > 1 else names[0]

    def conv(self, source, outs, ins, kernel, weight, bias=None, stride=(1, 1), pads=(0, 0, 0, 0)):
        """weight(out, in, row, column) and bias(out) give the numbers."""
        rows, columns = kernel
        values = [weight(o, i, r, c) for o in range(outs) for i in range(ins)
                  for r in range(rows) for c in range(columns)]
        inputs = [source, self.floats([outs, ins, rows, columns], values)]
        inputs.append(self.floats([outs], [bias(o) if bias else 0.0 for o in range(outs)]))
        return self.node("Conv", inputs, kernel_shape=[rows, columns], strides=list(stride),
                         pads=list(pads), dilations=[1, 1], group=1)

    def clip(self, source):
        """To 0..1."""
        return self.node("Clip", [source], min=0.0, max=1.0)

    def bytes(self, inputs, outputs, metadata, opset=10, ir_version=5):
        """The whole file. inputs, outputs: (name, shape) pairs. Opset 10 is the last whose Clip has
        its bounds as attributes, and OpenCV 4.6 reads no other."""
        graph = (b"".join(data(1, n) for n in self.nodes) + data(2, self.name)
                 + b"".join(data(5, w) for w in self.weights)
                 + b"".join(data(11, value_info(*i)) for i in inputs)
                 + b"".join(data(12, value_info(*o)) for o in outputs))
        return (number(1, ir_version) + data(2, "video-stream") + data(7, graph)
                + data(8, data(1, "") + number(2, opset))
                + b"".join(data(14, data(1, k) + data(2, v)) for k, v in metadata.items()))
