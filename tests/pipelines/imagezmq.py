"""imagezmqsink and imagezmqsrc against Python programs that speak imagezmq's format by python3-zmq and
numpy alone: two parts, JSON and bytes, as its documentation has them."""

import json
import os
import socket
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

from harness import program, run_tests  # noqa: E402

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


def a_hub_subscribes_to_raw_pictures():
    for form in CHANNELS:
        with Pipeline(camera(form)) as sender, Hub(zmq.SUB, sender.url) as hub:
            msg, image = hub.image()
            assert msg == "yard", msg
            assert image.flags["C_CONTIGUOUS"] and numpy.array_equal(image, drawn(form)), form


def the_first_part_is_as_published():
    wanted = {
        "GRAY8": b'{"msg":"yard","dtype":"uint8","shape":[121,321]}',
        "BGR": b'{"msg":"yard","dtype":"uint8","shape":[121,321,3]}',
        "BGRA": b'{"msg":"yard","dtype":"uint8","shape":[121,321,4]}',
        "RGB": b'{"msg":"yard","dtype":"uint8","shape":[121,321,3],"format":"RGB"}',
    }
    for form, head in wanted.items():
        with Pipeline(camera(form)) as sender, Hub(zmq.SUB, sender.url) as hub:
            parts = hub.parts()
            assert parts[0] == head, parts[0]
            assert len(parts[1]) == WIDTH * HEIGHT * CHANNELS[form]


def a_hub_subscribes_to_jpegs():
    tail = "jpegenc ! imagezmqsink name=z endpoint=tcp://127.0.0.1:* msg=yard"
    with Pipeline(camera("I420", tail)) as sender, Hub(zmq.SUB, sender.url) as hub:
        meta, data = hub.jpeg()
        assert meta == {"msg": "yard"}, meta
        assert data[:3] == b"\xff\xd8\xff" and data[-2:] == b"\xff\xd9"


def a_hub_replies():
    for tail in ("", "jpegenc ! "):
        with Hub(zmq.REP, "tcp://127.0.0.1:*") as hub:
            tail += f"imagezmqsink name=z mode=req endpoint={hub.address} msg=gate"
            with Pipeline(camera("I420" if "jpegenc" in tail else "BGR", tail)) as sender:
                for _ in range(5):
                    if "jpegenc" in tail:
                        meta, data = hub.jpeg()
                        assert meta == {"msg": "gate"} and data[:2] == b"\xff\xd8"
                    else:
                        msg, image = hub.image()
                        assert msg == "gate" and numpy.array_equal(image, drawn("BGR"))
                    hub.ok()
                until(lambda: sender.stat("replies") >= 4, "the replies are not counted")
                # The pictures go on while the hub thinks; the newest is next.
                frames = sender.stat("frames")
                until(lambda: sender.stat("frames") > frames + 10, "a slow hub holds up the pictures")
                assert sender.stat("drops") > 0 and sender.stat("timeouts") == 0


def names_change_while_playing():
    with Pipeline(camera()) as sender, Hub(zmq.SUB, sender.url) as hub:
        assert hub.image()[0] == "yard"
        sender.wire.props.msg = "g\u00e4rten \"1\""
        until(lambda: hub.image()[0] == "g\u00e4rten \"1\"", "the name stays")


OUT = "appsink name=out sync=false max-buffers=1 drop=true"


def a_sender_publishes():
    shapes = {"GRAY8": (HEIGHT, WIDTH), "BGR": (HEIGHT, WIDTH, 3), "BGRA": (HEIGHT, WIDTH, 4)}
    with Sender(zmq.PUB, "tcp://127.0.0.1:*") as sender, \
            Pipeline(f"imagezmqsrc name=z endpoint={sender.address} ! {OUT}") as receiver:
        until(lambda: receiver.stat("peers") == 1, "nobody connects")
        for form, shape in shapes.items():
            image = noise(*shape)
            sample = publish(receiver, lambda: sender.image("yard", image), form)
            assert sample.get_caps().get_structure(0).get_value("format") == form
            assert numpy.array_equal(pixels(sample), image), form
        assert receiver.stat("msg") == "yard"
        assert receiver.stat("damaged") == 0 and receiver.stat("refused") == 0


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


def jpeg_file():
    pipeline = Gst.parse_launch(f"videotestsrc num-buffers=1 ! {caps('I420')} ! jpegenc ! appsink name=out")
    pipeline.set_state(Gst.State.PLAYING)
    buffer = pipeline.get_by_name("out").emit("try-pull-sample", PATIENCE * Gst.SECOND).get_buffer()
    data = buffer.extract_dup(0, buffer.get_size())
    pipeline.set_state(Gst.State.NULL)
    return data


def a_sender_requests():
    with Pipeline(f"imagezmqsrc name=z mode=rep endpoint=tcp://127.0.0.1:* ! "
                  "appsink name=out sync=false max-buffers=100") as receiver, \
            Sender(zmq.REQ, receiver.url) as sender:
        for number in range(5):  # each of them comes, in order
            image = noise(HEIGHT, WIDTH, 3) // (number + 1)
            sender.image("yard", image)
            assert sender.socket.recv() == b"OK"
            assert numpy.array_equal(pixels(receiver.pull()), image)
        data = jpeg_file()
        for send in (lambda: sender.jpeg("gate", data),
                     # as cv2.imencode gives it
                     lambda: sender.image("gate", numpy.frombuffer(data, dtype="uint8").reshape(-1, 1))):
            send()
            assert sender.socket.recv() == b"OK"
            sample = receiver.pull()
            s = sample.get_caps().get_structure(0)
            assert s.get_name() == "image/jpeg"
            assert s.get_value("width") == WIDTH and s.get_value("height") == HEIGHT
            buffer = sample.get_buffer()
            assert buffer.extract_dup(0, buffer.get_size()) == data


def one_name_of_many():
    with Pipeline(f"imagezmqsrc name=z mode=rep endpoint=tcp://127.0.0.1:* msg=gate ! {OUT}") as receiver, \
            Sender(zmq.REQ, receiver.url) as yard, Sender(zmq.REQ, receiver.url) as gate:
        dark, bright = noise(HEIGHT, WIDTH, 3) // 4, noise(HEIGHT, WIDTH, 3)
        for _ in range(3):
            yard.image("yard", dark)
            assert yard.socket.recv() == b"OK"
            gate.image("gate", bright)
            assert gate.socket.recv() == b"OK"
            assert numpy.array_equal(pixels(receiver.pull()), bright)
        assert receiver.stat("ignored") == 3


def a_subscriber_stops_reading():
    big = "video/x-raw,format=BGR,width=640,height=480,framerate=100/1"
    with Pipeline(f"videotestsrc is-live=true ! {big} ! imagezmqsink name=z endpoint=tcp://127.0.0.1:*") as sender, \
            Hub(zmq.SUB, sender.url, rcvhwm=1, rcvbuf=65536) as sleeper, Hub(zmq.SUB, sender.url) as reader:
        reader.image()
        until(lambda: sender.stat("peers") == 2, "two are not there")
        until(lambda: (reader.image(), sender.stat("drops") > 20)[1], "nothing is dropped for the sleeper")
        sent = sender.stat("sent")
        until(lambda: (reader.image(), sender.stat("sent") > sent + 50)[1], "the pictures stood still")
        assert sleeper.image()[0] == "camera"
        started = time.monotonic()
        sender.pipeline.set_state(Gst.State.NULL)
        assert time.monotonic() - started < PATIENCE / 2, "the sleeper holds up the end"


def a_hub_dies_and_returns():
    hub = Hub(zmq.REP, "tcp://127.0.0.1:*")
    address = hub.address
    with Pipeline(camera(tail=f"imagezmqsink name=z mode=req endpoint={address} timeout=500")) as sender:
        hub.image()  # and dies before it answers
        hub.socket.close()
        until(lambda: sender.stat("timeouts") > 0, "the lost answer is waited for without end")
        frames = sender.stat("frames")
        until(lambda: sender.stat("frames") > frames + 10, "the pictures stood still")
        end = time.monotonic() + PATIENCE
        while True:
            try:
                hub = Hub(zmq.REP, address)
                break
            except zmq.ZMQError:
                assert time.monotonic() < end, "the port stays in use"
                time.sleep(0.1)
        for _ in range(3):
            assert numpy.array_equal(hub.image()[1], drawn("BGR"))
            hub.ok()
        assert sender.error() is None
        hub.socket.close()


def a_publisher_dies_and_returns():
    first = Sender(zmq.PUB, "tcp://127.0.0.1:*")
    address = first.address
    with Pipeline(f"imagezmqsrc name=z endpoint={address} ! {OUT}") as receiver:
        image = noise(HEIGHT, WIDTH, 3)
        publish(receiver, lambda: first.image("one", image), "BGR")
        first.socket.close()
        until(lambda: receiver.stat("peers") == 0, "the loss is not seen")
        with Sender(zmq.PUB, address) as second:
            until(lambda: (second.image("two", image), receiver.stat("msg") == "two")[1], "it stays lost")
        assert receiver.error() is None


GOOD = {"msg": "yard", "dtype": "uint8", "shape": [2, 2, 3]}
BAD = [
    [b""],
    [b"{}"],
    [b"", b""],
    [b"{}", b""],
    [b"[]", b"\xff\xd8\xff"],
    [b"null", b"x"],
    [b"{\"msg\":", b"x"],
    [b"\xff\xfe\x00", b"x"],
    [b"[" * 100000, b"x"],
    [b'{"msg":' + b"[" * 5000 + b"]" * 5000 + b"}", b"x"],
    [b'{"msg":/*"*/' + b"[" * 60000, b"x"],
    [json.dumps({**GOOD, "msg": "x" * 2000000}).encode(), bytes(12)],
    [json.dumps(GOOD).encode(), bytes(11)],
    [json.dumps(GOOD).encode(), bytes(13)],
    [json.dumps(GOOD).encode(), bytes(12), b"one more"],
    [json.dumps({**GOOD, "dtype": "float64"}).encode(), bytes(96)],
    [json.dumps({**GOOD, "dtype": 8}).encode(), bytes(12)],
    [json.dumps({**GOOD, "dtype": "O"}).encode(), bytes(12)],
    *[[json.dumps({**GOOD, "shape": shape}).encode(), bytes(12)] for shape in (
        [], [12], [2, 2, 3, 1], [-2, -2, 3], [0, 0, 3], [2, 2, -3], [2.0, 2, 3], ["2", 2, 3], [[2], 2, 3],
        [4294967298, 2, 3], [9223372036854775807, 9223372036854775807, 3], [2**63, 2, 3], [1e300, 2, 3], [2, 2, 2],
        [None, 2, 3], "2x2", None, {"2": 2})],
    [b'{"msg":"a","dtype":"uint8"}', bytes(12)],
    [b'{"msg":"a","shape":[2,2,3]}', bytes(12)],
    [b'{"msg":"a"}', b"GIF89a"],
    [b'{"msg":"a"}', b"\xff\xd8\xff"],
    [b'{"msg":"a"}', b"\xff\xd8\xff\xe0\x00\x00" + b"\xff" * 50],
    [b'{"msg":"a"}', b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(20)],  # 65535 squared
]


def bad_messages_are_left_out():
    with Pipeline(f"imagezmqsrc name=z mode=rep endpoint=tcp://127.0.0.1:* ! {OUT}") as receiver, \
            Sender(zmq.REQ, receiver.url) as sender:
        for parts in BAD:
            sender.socket.send_multipart(parts)
            reply = sender.socket.recv()
            assert reply.startswith(b"A message is no picture: "), (parts[0][:80], reply)
        assert receiver.stat("damaged") == len(BAD) == receiver.stat("received")
        image = noise(HEIGHT, WIDTH, 3)
        sender.image("yard", image)
        assert sender.socket.recv() == b"OK"
        assert numpy.array_equal(pixels(receiver.pull()), image)
        warning = receiver.pipeline.get_bus().pop_filtered(Gst.MessageType.WARNING)
        assert warning and "is no picture" in warning.parse_warning().gerror.message
        assert receiver.error() is None


def what_the_pipeline_does_not_take():
    with Pipeline("imagezmqsrc name=z mode=rep endpoint=tcp://127.0.0.1:* max-size=100000 ! "
                  f"video/x-raw,format=BGR,width=64 ! {OUT}") as receiver:
        image = noise(32, 64, 3)
        with Sender(zmq.REQ, receiver.url) as sender:
            for other in (noise(32, 64), noise(32, 60, 3), image):
                sender.image("yard", other)
                assert sender.socket.recv() == b"OK"
            assert numpy.array_equal(pixels(receiver.pull()), image)
            assert receiver.stat("refused") == 2
        # libzmq hangs up on one whose part is longer than may be.
        with Sender(zmq.REQ, receiver.url) as greedy, Sender(zmq.REQ, receiver.url) as sender:
            greedy.image("yard", noise(1000, 1000, 3))
            sender.image("yard", image)
            assert sender.socket.recv() == b"OK"
            assert greedy.socket.poll(300) == 0
        assert receiver.error() is None


def strangers_on_the_port():
    with Pipeline(camera()) as sender, \
            Pipeline(f"imagezmqsrc name=z mode=rep endpoint=tcp://127.0.0.1:* ! {OUT}") as receiver:
        for url in (sender.url, receiver.url):
            port = int(url.rsplit(":", 1)[1])
            for words in (b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 40, b"\xff" * 10 + b"\x7f" + bytes(53), b""):
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as stranger:
                    stranger.sendall(words)
        with Hub(zmq.SUB, sender.url) as hub, Sender(zmq.REQ, receiver.url) as honest:
            assert hub.image()[0] == "yard"
            honest.image("gate", noise(8, 8, 3))
            assert honest.socket.recv() == b"OK"
        # They are gone: nothing is kept of them.
        until(lambda: sender.stat("peers") == 0 and receiver.stat("peers") == 0, "strangers stay")


def errors_say_what_to_do():
    def error(text):
        pipeline = Gst.parse_launch(text)
        assert pipeline.set_state(Gst.State.PAUSED) == Gst.StateChangeReturn.FAILURE, text
        message = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        pipeline.set_state(Gst.State.NULL)
        return message.parse_error().gerror.message

    with Pipeline(camera()) as sender:
        assert "already listens" in error(f"imagezmqsrc mode=rep endpoint={sender.url} ! fakesink")
        assert "already listens" in error(f"videotestsrc ! imagezmqsink endpoint={sender.url}")
    for element in ("imagezmqsrc ! fakesink", "fakesrc ! image/jpeg ! imagezmqsink"):
        for endpoint in ("", "127.0.0.1:5555", "http://127.0.0.1", "tcp://", "inproc://x"):
            head, _, tail = element.rpartition("imagezmqs")
            text = f"{head}imagezmqs{tail}".replace("imagezmqsrc", f'imagezmqsrc endpoint="{endpoint}"')
            text = text.replace("imagezmqsink", f'imagezmqsink endpoint="{endpoint}"')
            assert "tcp://ADDRESS:PORT" in error(text), endpoint
    hidden = error('imagezmqsrc endpoint="tcp://me:secret@127.0.0.1:1" ! fakesink')
    assert "secret" not in hidden and "no user" in hidden, hidden
    assert "no address" in error("fakesrc ! image/jpeg ! imagezmqsink endpoint=tcp://192.0.2.1:5555")


ONE_ERROR = """
import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
pipeline = Gst.parse_launch("imagezmqsrc endpoint=nowhere ! fakesink")
assert pipeline.set_state(Gst.State.PAUSED) == Gst.StateChangeReturn.FAILURE
print(pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR).parse_error().gerror.message)
pipeline.set_state(Gst.State.NULL)
"""


def errors_whichever_library_comes_first():
    # GStreamer brings libunwind into a Python program, and pyzmq may have brought libstdc++ before.
    for first in ("", "import zmq"):
        with program(SYSTEM, "-c", first + ONE_ERROR) as child:
            status = child.finish()
            assert status == 0 and "no endpoint" in child.output, f"{first!r}: {status}\n{child.output}"


if __name__ == "__main__":
    run_tests([
        the_first_part_is_as_published,
        a_hub_subscribes_to_raw_pictures,
        a_hub_subscribes_to_jpegs,
        a_hub_replies,
        names_change_while_playing,
        a_sender_publishes,
        a_sender_requests,
        one_name_of_many,
        a_subscriber_stops_reading,
        a_hub_dies_and_returns,
        a_publisher_dies_and_returns,
        bad_messages_are_left_out,
        what_the_pipeline_does_not_take,
        strangers_on_the_port,
        errors_say_what_to_do,
        errors_whichever_library_comes_first,
    ])
