"""Tiny Darknet networks, a .cfg and its .weights, with the layers that YOLOv3, v4 and their tiny
forms are made of. The weights are drawn by lot, as those of layouts.py.
"""
import random
import struct

SIZE = 64
CLASSES = 3
ANCHORS = "4,5, 7,9, 9,6, 12,14, 18,11, 15,21, 26,24, 33,40, 50,46"


class Darknet:
    """A network in the making. Every method adds a layer and returns its number."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.text = ["[net]", f"width={SIZE}", f"height={SIZE}", "channels=3"]
        self.weights = [struct.pack("<iiiq", 0, 2, 5, 0)]
        self.channels = []

    def layer(self, kind, channels=None, **settings):
        self.text += ["", f"[{kind}]"] + [f"{key}={value}" for key, value in settings.items()]
        self.channels.append(channels or self.channels[-1])
        return len(self.channels) - 1

    def numbers(self, count, low, high):
        self.weights.append(struct.pack(f"<{count}f", *(self.random.uniform(low, high) for _ in range(count))))

    def conv(self, filters, size=3, stride=1, activation="leaky", normal=True):
        ins = self.channels[-1] if self.channels else 3
        self.numbers(filters, -0.5, 0.5)
        if normal:
            self.numbers(filters, 0.8, 1.2)  # scale
            self.numbers(filters, -0.1, 0.1)  # mean
            self.numbers(filters, 0.8, 1.2)  # variance
        spread = (6 / (ins * size * size)) ** 0.5
        self.numbers(filters * ins * size * size, -spread, spread)
        norm = {"batch_normalize": 1} if normal else {}
        return self.layer("convolutional", filters, **norm, filters=filters, size=size, stride=stride, pad=1,
                          activation=activation)

    def pool(self, size=2, stride=2):
        return self.layer("maxpool", size=size, stride=stride)

    def route(self, *layers, **settings):
        channels = sum(self.channels[i] for i in layers) // settings.get("groups", 1)
        return self.layer("route", channels, layers=",".join(map(str, layers)), **settings)

    def head(self, mask, **settings):
        self.conv(3 * (5 + CLASSES), 1, activation="linear", normal=False)
        return self.layer("yolo", mask=mask, anchors=ANCHORS, classes=CLASSES, num=9, **settings)

    def residual(self, activation="leaky"):
        start = len(self.channels) - 1
        self.conv(4, 1, activation=activation)
        self.conv(self.channels[start], 3, activation=activation)
        return self.layer("shortcut", **{"from": start, "activation": "linear"})


def v3_tiny(net):
    net.conv(8)
    for _ in range(4):
        net.pool()
        middle = net.conv(8)
    net.pool()
    neck = net.conv(8, 1)
    net.head("3,4,5")
    net.route(neck)
    net.conv(4, 1)
    net.layer("upsample", stride=2)
    net.route(len(net.channels) - 1, middle)
    net.head("0,1,2")


def v3(net):
    net.conv(6, stride=2)
    net.conv(8, stride=2)
    steps = []
    for _ in range(3):
        net.conv(8, stride=2)
        steps.append(net.residual())
    for k, mask in ((2, "6,7,8"), (1, "3,4,5"), (0, "0,1,2")):
        neck = net.conv(8, 1)
        net.head(mask)
        if k:
            net.route(neck)
            net.conv(4, 1)
            net.layer("upsample", stride=2)
            net.route(len(net.channels) - 1, steps[k - 1])


def v4_tiny(net):
    net.conv(6, stride=2)
    net.conv(8, stride=2)
    for _ in range(3):
        whole = net.conv(8)
        net.route(whole, groups=2, group_id=1)
        part = net.conv(4)
        other = net.conv(4)
        net.route(other, part)
        last = net.conv(8, 1)
        net.route(whole, last)
        net.pool()
    neck = net.conv(8, 1)
    net.head("3,4,5", scale_x_y=1.05)
    net.route(neck)
    net.conv(4, 1)
    net.layer("upsample", stride=2)
    net.route(len(net.channels) - 1, last)
    net.head("1,2,3", scale_x_y=1.05)


def v4(net):
    net.conv(6, stride=2, activation="mish")
    net.conv(8, stride=2, activation="mish")
    steps = []
    for _ in range(3):
        net.conv(8, stride=2, activation="mish")
        steps.append(net.residual("mish"))
    start = net.conv(4, 1)
    pools = []
    for size in (5, 9, 13):
        if pools:
            net.route(start)
        pools.append(net.pool(size, 1))
    net.route(*reversed(pools), start)
    middle = net.conv(8, 1)
    net.layer("upsample", stride=2)
    net.route(len(net.channels) - 1, steps[1])
    net.conv(8, 1)
    net.layer("upsample", stride=2)
    net.route(len(net.channels) - 1, steps[0])
    fine = net.conv(8)
    net.head("0,1,2", scale_x_y=1.2)
    net.route(fine)
    down = net.conv(8, stride=2)
    net.head("3,4,5", scale_x_y=1.1)
    net.route(down)
    net.conv(8, stride=2)
    net.route(len(net.channels) - 1, middle)
    net.head("6,7,8", scale_x_y=1.05)


NETWORKS = {"v3": v3, "v3-tiny": v3_tiny, "v4": v4, "v4-tiny": v4_tiny}


def network(name):
    """The text of the .cfg and the bytes of the .weights."""
    net = Darknet(sum(name.encode()))
    NETWORKS[name](net)
    return "\n".join(net.text) + "\n", b"".join(net.weights)
