"""Sources that are not there yet, die and come back: the page stays, and its pictures go on."""

import contextlib
import re
import socket

from harness import SHAPES, free_port, launch, pictures, program, run_tests, until, virtual_camera
from rtmp import live, nginx

ENCODED = ["-c:a", "aac", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p"]


def goes_on(file, source, codecs, **settings):
    """`source` is there for the time of a context, and killed at its end."""
    with launch(file, PORT=0, **settings) as running:
        page = running.wait_for(r"^Open (\S+)").group(1)
        for visit in (1, 2):
            until(lambda: running.output.count("not connected") >= visit, lambda: running.output)
            # Of the sources with sound, one picture of 25 is a key frame.
            counted, more = ("keyframes_total", 1) if "OPUS" in codecs else ("frames_total", 25)
            before = pictures(page, counted)
            with source() as peer:
                until(lambda: pictures(page, counted) > before + more, lambda: f"{running.output}\n{peer.output}")
                until(lambda: (live(page) or {}).get("codecs") == codecs, lambda: running.output)
                # A loss before that would be the same loss still.
                until(lambda: running.output.count(": connected") >= visit, lambda: running.output)
        until(lambda: running.output.count("not connected") >= 3, lambda: running.output)
        assert running.stop() == 0, running.output
        assert not re.search("Error|CRITICAL|k3y", running.output), running.output


@contextlib.contextmanager
def killed(*arguments):
    with program(*arguments) as child:
        yield child
        child.process.kill()


def sends(*output):
    """ffmpeg, as a camera that pushes."""
    return killed("ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25",
                  "-re", "-f", "lavfi", "-i", "sine", *ENCODED, *output)


def listens(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def rtmp_is_back():
    """The server dies, and the publisher with it."""
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/k3y"

    @contextlib.contextmanager
    def source():
        with nginx(port) as server:
            until(lambda: listens(port), lambda: server.output)
            with sends("-f", "flv", url) as publisher:
                yield publisher
            server.process.kill()
    goes_on("rtmp-to-browser.launch", source, ["H264", "OPUS"], RTMP=url)


def srt_to_browser():
    """We listen, and a sender calls."""
    port = free_port()
    ours, theirs = (f"srt://127.0.0.1:{port}?mode={mode}&passphrase=k3y0123456789" for mode in ("listener", "caller"))
    goes_on("srt-to-browser.launch", lambda: sends("-f", "mpegts", theirs + "&connect_timeout=120000"), ["H264", "OPUS"], SRT=ours)


def mjpeg_is_back():
    """A camera that is asked."""
    port = free_port()
    with virtual_camera("--no-discovery", "--width", "320", "--height", "240") as location:
        @contextlib.contextmanager
        def source():
            with launch("camera-to-mjpeg.launch", PORT=port, LOCATION=location, MODEL=SHAPES) as camera:
                yield camera
                camera.process.kill()
        goes_on("mjpeg-to-browser.launch", source, ["VP9"], URL=f"http://127.0.0.1:{port}/camera/mjpeg?token=k3y", MODEL=SHAPES)


if __name__ == "__main__":
    run_tests([rtmp_is_back, srt_to_browser, mjpeg_is_back])
