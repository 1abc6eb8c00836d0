"""Python programs that speak imagezmq's format by python3-zmq and numpy alone: two parts, JSON and bytes, as
its documentation has them; and the pipelines that they speak with."""

import json
import os
import sys
import time

SYSTEM = "/usr/bin/python3"
try:
    import gi
    import numpy
    import zmq

    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
except ImportError:
    if os.path.realpath(sys.executable) != os.path.realpath(SYSTEM):
        os.execv(SYSTEM, [SYSTEM, "-B", *sys.argv])
    print("skipped: python3-zmq, python3-numpy or python3-gi is not here")
    sys.exit(77)

Gst.init(None)
CONTEXT = zmq.Context()
PATIENCE = 120


class Hub:
    """Receives as ImageHub does: SUB connects, REP binds."""

    def __init__(self, kind, address, **options):
        self.socket = CONTEXT.socket(kind)
        self.socket.linger = 0
        self.socket.rcvtimeo = PATIENCE * 1000
        for name, value in options.items():
            setattr(self.socket, name, value)
        if kind == zmq.SUB:
            self.socket.setsockopt(zmq.SUBSCRIBE, b"")
            self.socket.connect(address)
            self.address = address
        else:
            self.socket.bind(address)
            self.address = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def parts(self):
        parts = self.socket.recv_multipart()
        assert len(parts) == 2, f"{len(parts)} parts"
        return parts

    def image(self):
        head, data = self.parts()
        meta = json.loads(head)
        return meta["msg"], numpy.frombuffer(data, dtype=meta["dtype"]).reshape(meta["shape"])

    def jpeg(self):
        head, data = self.parts()
        return json.loads(head), data

    def ok(self):
        self.socket.send(b"OK")


class Sender:
    """Sends as ImageSender does: PUB binds, REQ connects."""

    def __init__(self, kind, address):
        self.socket = CONTEXT.socket(kind)
        self.socket.linger = 0
        self.socket.rcvtimeo = PATIENCE * 1000
        if kind == zmq.PUB:
            self.socket.bind(address)
            self.address = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        else:
            self.socket.connect(address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def image(self, msg, image):
        self.socket.send_json({"msg": msg, "dtype": str(image.dtype), "shape": image.shape}, zmq.SNDMORE)
        self.socket.send(numpy.ascontiguousarray(image), copy=False)

    def jpeg(self, msg, data):
        self.socket.send_json({"msg": msg}, zmq.SNDMORE)
        self.socket.send(data)


class Pipeline:
    def __init__(self, text):
        self.pipeline = Gst.parse_launch(text)
        self.wire = self.pipeline.get_by_name("z")

    def __enter__(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        until(lambda: self.wire.props.url or self.error(), "the element does not start")
        assert self.wire.props.url, self.error()
        return self

    def __exit__(self, *_):
        self.pipeline.set_state(Gst.State.NULL)

    @property
    def url(self):
        return self.wire.props.url

    def stat(self, name):
        return self.wire.props.stats.get_value(name)

    def error(self):
        message = self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        return message.parse_error().gerror.message if message else None

    def pull(self):
        sink = self.pipeline.get_by_name("out")
        sample = sink.emit("try-pull-sample", PATIENCE * Gst.SECOND)
        assert sample, f"no picture came: {self.error()}"
        return sample


def until(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


CHANNELS = {"GRAY8": 1, "BGR": 3, "RGB": 3, "BGRA": 4}
WIDTH, HEIGHT = 321, 121  # rows that are no multiple of four bytes


def caps(form):
    return f"video/x-raw,format={form},width={WIDTH},height={HEIGHT},framerate=25/1"


def pixels(sample):
    """A sample's picture without what lies between its rows."""
    s = sample.get_caps().get_structure(0)
    width, height = s.get_value("width"), s.get_value("height")
    channels = CHANNELS[s.get_value("format")]
    buffer = sample.get_buffer()
    data = buffer.extract_dup(0, buffer.get_size())
    stride = (width * channels + 3) // 4 * 4
    rows = numpy.frombuffer(data, dtype="uint8").reshape(height, stride)[:, : width * channels]
    return rows.reshape((height, width) if channels == 1 else (height, width, channels))


def drawn(form):
    """What the pipelines under test are shown."""
    pipeline = Gst.parse_launch(f"videotestsrc pattern=gradient num-buffers=1 ! {caps(form)} ! appsink name=out sync=false")
    pipeline.set_state(Gst.State.PLAYING)
    sample = pipeline.get_by_name("out").emit("try-pull-sample", PATIENCE * Gst.SECOND)
    picture = pixels(sample).copy()
    pipeline.set_state(Gst.State.NULL)
    return picture


def noise(*shape):
    return numpy.random.default_rng(7).integers(0, 256, shape, dtype="uint8")


def camera(form="BGR", tail="imagezmqsink name=z endpoint=tcp://127.0.0.1:* msg=yard"):
    return f"videotestsrc is-live=true pattern=gradient ! {caps(form)} ! {tail}"


OUT = "appsink name=out sync=false max-buffers=1 drop=true"


def publish(receiver, send, form):
    """Sends until a picture of that form comes out: subscribing takes its time."""
    sink = receiver.pipeline.get_by_name("out")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        send()
        sample = sink.emit("try-pull-sample", Gst.SECOND // 5)
        if sample and sample.get_caps().get_structure(0).get_string("format") == form:
            return sample
    raise AssertionError(f"no {form} came: {receiver.error()}")
