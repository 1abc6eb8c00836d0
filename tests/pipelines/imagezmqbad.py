"""What imagezmqsink and imagezmqsrc make of messages, strangers and settings that are wrong."""

import json
import socket
import struct
import subprocess
import tempfile

from imagezmqpeer import HEIGHT, OUT, PATIENCE, SYSTEM, WIDTH, Gst, Hub, Pipeline, Sender, camera, noise, numpy, pixels, until, zmq
from harness import program, run_tests


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


def greeted(port):
    """A connection of somebody who speaks ZMTP 3.0 (rfc.zeromq.org/spec/23) as a REQ does, and is no library."""
    stranger = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    stranger.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48))
    hears = stranger.makefile("rb")
    hears.read(64)
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 3) + b"REQ"
    stranger.sendall(b"\x04" + bytes([len(ready)]) + ready)
    hears.read(hears.read(2)[1])  # the other side is ready, too
    stranger.sendall(b"\x01\x00")  # what stands before a request
    return stranger


def is_cut_off(stranger):
    """Whether the other side hangs up, however much of what it said is unread."""
    try:
        while stranger.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def messages_without_end():
    """libzmq shows nothing of a message before its last part has come, and would keep all the others."""
    with Pipeline(f"imagezmqsrc name=z mode=rep endpoint=tcp://127.0.0.1:* max-size=1000000 ! {OUT}") as receiver:
        url = receiver.url
        part = b"\x03" + struct.pack(">Q", 1000000) + bytes(1000000)  # more follow
        with greeted(int(url.rsplit(":", 1)[1])) as stranger:
            try:
                for _ in range(300):
                    stranger.sendall(part)
            except ConnectionError:
                pass
            assert is_cut_off(stranger)
        until(lambda: receiver.stat("damaged") == 1, "nothing is told of it")
        warning = receiver.pipeline.get_bus().timed_pop_filtered(PATIENCE * Gst.SECOND, Gst.MessageType.WARNING)
        assert "without end" in warning.parse_warning().gerror.message
        assert receiver.url == url
        image = noise(HEIGHT, WIDTH, 3)
        with Sender(zmq.REQ, url) as sender:
            for _ in range(100):  # 12 MB of pictures, which are messages that end
                sender.image("yard", image)
                assert sender.socket.recv() == b"OK"
        assert receiver.stat("damaged") == 1 and receiver.error() is None


def a_host_that_becomes_known():
    """Nobody knows it, then the hosts file does, which is one of the test's own."""
    if subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        print("skipped: no /etc/hosts of one's own is allowed here")
        return
    host = "x" * 64 + ".example"  # no name server is asked for a part longer than 63 letters
    with tempfile.NamedTemporaryFile("w") as hosts, Sender(zmq.PUB, "tcp://127.0.0.1:*") as sender, program(
            "unshare", "--mount", "bash", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts.name,
            "gst-launch-1.0", "-m", "imagezmqsrc", f"endpoint=tcp://{host}:{sender.address.rsplit(':', 1)[1]}",
            "!", "identity", "eos-after=3", "!", "fakesink") as receiver:
        receiver.wait_for(f"Nobody knows the host {host}")
        hosts.write(f"127.0.0.1 {host}\n")
        hosts.flush()
        def shown():
            sender.image("yard", noise(8, 8, 3))
            return receiver.process.poll() is not None
        until(shown, "no picture came")
        assert receiver.finish() == 0, receiver.output


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
        bad_messages_are_left_out,
        what_the_pipeline_does_not_take,
        strangers_on_the_port,
        messages_without_end,
        a_host_that_becomes_known,
        errors_say_what_to_do,
        errors_whichever_library_comes_first,
    ])
