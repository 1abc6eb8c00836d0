"""imagezmqsink and imagezmqsrc against Python programs, which come, go, die and stop reading."""

import time

from imagezmqpeer import (CHANNELS, HEIGHT, OUT, PATIENCE, WIDTH, Gst, Hub, Pipeline, Sender, camera, caps, drawn, noise,
                          numpy, pixels, publish, until, zmq)
from harness import run_tests


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
    ])
