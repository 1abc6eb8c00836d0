"""Every launch file once, from the virtual camera to what its first line promises."""

import contextlib
import glob
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from harness import BUILD, PATIENCE, SHAPES, SKIP, SOURCE, free_port, launch, program, run_tests, until, virtual_camera

FOLDER = os.path.join(SOURCE, "pipelines")
PUBLISHER = os.path.join(SOURCE, "tests", "pipelines", "whippublisher.py")


def get(url):
    with urllib.request.urlopen(url, timeout=180) as answer:
        return answer.read().decode()


def served(running):
    """The page's address, once video has come as far as the server."""
    url = running.wait_for(r"^Open (\S+)").group(1)
    assert "<video" in get(url), "the page has no <video>"
    return url


def ends_well(running):
    status = running.stop()
    assert status == 0, f"exit status {status}:\n{running.output}"
    assert not re.search("error|CRITICAL", running.output, re.I), running.output


@contextlib.contextmanager
def drawn_clip(name, seconds):
    """Its path. Ten pictures a second: of a long one, too, there is little to draw."""
    with tempfile.TemporaryDirectory(prefix="a folder ") as folder:
        path = os.path.join(folder, name)
        subprocess.run(
            ["gst-launch-1.0", "-q", "videotestsrc", f"num-buffers={10 * seconds}", "!",
             "video/x-raw,width=320,height=240,framerate=10/1", "!", "vp8enc", "deadline=1", "cpu-used=16", "!",
             "webmmux", "!", "filesink", f"location={path}"],
            check=True, timeout=180)
        yield path


def browser_file(name, **settings):
    with launch(name, PORT=0, **settings) as running:
        url = served(running)
        until(lambda: json.loads(get(url + "status")).get("live"), lambda: running.output)
        ends_well(running)


def camera_to_browser_with_boxes():
    with virtual_camera() as location:
        browser_file("camera-to-browser-with-boxes.launch", LOCATION=location, MODEL=SHAPES)


def camera_to_browser():
    with virtual_camera() as location:
        browser_file("camera-to-browser.launch", LOCATION=location)


def camera_style_to_browser():
    network = os.path.join(BUILD, "models", "filters", "negative.onnx")
    with virtual_camera() as location:
        browser_file("camera-style-to-browser.launch", LOCATION=location, STYLE=network)


def is_jpeg(data):
    return data[:3] == b"\xff\xd8\xff" and data[-2:] == b"\xff\xd9"


def camera_to_mjpeg():
    with virtual_camera() as location, \
            launch("camera-to-mjpeg.launch", PORT=0, NAME="yard", LOCATION=location, MODEL=SHAPES) as running:
        url = running.wait_for(r"^Open (\S+/yard/mjpeg)").group(1)
        # The stock player for such addresses decodes it.
        subprocess.run(["ffmpeg", "-v", "error", "-f", "mpjpeg", "-i", url, "-frames:v", "5", "-f", "null", "-"],
                       check=True, timeout=180)
        with urllib.request.urlopen(url.replace("mjpeg", "snapshot.jpg"), timeout=180) as answer:
            assert answer.headers["Content-Type"] == "image/jpeg"
            assert is_jpeg(answer.read()), "the snapshot is no JPEG"
        ends_well(running)


def played(url, seconds=2):
    """What ffmpeg says of a stream when it has decoded that much of it."""
    done = subprocess.run(["ffmpeg", "-hide_banner", "-i", url, "-t", str(seconds), "-f", "null", "-"],
                          stderr=subprocess.PIPE, text=True, timeout=180, check=False)
    assert done.returncode == 0 and re.search(r"frame= *[1-9]", done.stderr), done.stderr
    return done.stderr


def segments_ready(url):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return get(url)
        except urllib.error.HTTPError as error:
            assert error.code == 503 and time.monotonic() < end, error
        time.sleep(0.3)


def says(url, part):
    until(lambda: part in get(url), lambda: get(url))


def camera_to_hls():
    for sound, container, part in (("pcma", "fmp4", 400), ("none", "ts", 0)):
        with virtual_camera("--audio", sound) as location, \
                launch("camera-to-hls.launch", PORT=0, NAME="yard", LOCATION=location, CONTAINER=container,
                       SEGMENT=2000, PART=part) as running:
            url = running.wait_for(r"^Open (\S+/yard/hls/index.m3u8)").group(1)
            segments_ready(url)
            says(url, "avc1.")
            if sound != "none":
                says(url, "mp4a.")
            said = played(url)
            assert bool(re.search("Audio: aac", said)) == (sound != "none"), said
            ends_well(running)


def camera_to_dash():
    with virtual_camera() as location, \
            launch("camera-to-dash.launch", PORT=0, NAME="yard", LOCATION=location) as running:
        url = running.wait_for(r"^Open (\S+)hls/index.m3u8").group(1) + "dash/manifest.mpd"
        segments_ready(url)
        for track in ("video_0", "video_1", "audio_0"):
            says(url, f'<Representation id="{track}"')
        assert "Audio: aac" in played(url)
        ends_well(running)


def camera_to_flv():
    for sound in ("aac", "none"):
        with virtual_camera("--audio", sound) as location, \
                launch("camera-to-flv.launch", PORT=0, NAME="yard", LOCATION=location) as running:
            url = running.wait_for(r"^Open (\S+/yard/flv)").group(1)
            said = played(url)
            assert re.search("Video: h264", said), said
            assert bool(re.search("Audio: aac", said)) == (sound != "none"), said
            # Said once, and not of the branch for the other format.
            assert running.output.count("it sends") == (sound == "none"), running.output
            ends_well(running)


def file_to_flv():
    with drawn_clip("silent clip.webm", 120) as clip, launch("file-to-flv.launch", PORT=0, FILE=clip) as running:
        said = played(running.wait_for(r"^Open (\S+/file/flv)").group(1))
        assert "Video: h264" in said and "Audio" not in said, said
        assert running.stop() == 0, running.output
    with drawn_clip("short.webm", 1) as clip, launch("file-to-flv.launch", PORT=0, FILE=clip) as running:
        assert running.finish() == 0, running.output


def browser_as_camera():
    port = free_port()
    with launch("browser-as-camera.launch", PORT=port, MODEL=SHAPES) as running:
        running.wait_for(rf"^Open http://127.0.0.1:{port}/share/")
        assert "Share camera" in get(f"http://127.0.0.1:{port}/share/")
        assert "<video" in get(f"http://127.0.0.1:{port}/watch/")
        # Any publisher will do; a browser's picture is the browser test's.
        with program(PUBLISHER, f"http://127.0.0.1:{port}/share/whip") as publisher:
            try:
                publisher.wait_for("^published")
            except AssertionError:
                if publisher.process.poll() != SKIP:
                    raise
                print("skipped: publishing; install python3-aiortc")
                return
            running.wait_for("somebody shares a camera")
            end = time.monotonic() + PATIENCE
            while not json.loads(get(f"http://127.0.0.1:{port}/watch/status"))["live"]:
                assert time.monotonic() < end, f"no video came\n{running.output}"
                time.sleep(0.2)
            publisher.process.kill()
        running.wait_for("the camera is not shared any more")
        ends_well(running)


def camera_passthrough_with_boxes():
    with virtual_camera() as location:
        browser_file("camera-passthrough-with-boxes.launch", LOCATION=location, MODEL=SHAPES)


ZMQ = r"""
import json, sys, zmq
socket = zmq.Context().socket(zmq.SUB if sys.argv[1] == "take" else zmq.PUB)
socket.linger = 0
if sys.argv[1] == "take":
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.rcvtimeo = 180000
    socket.connect(sys.argv[2])
    while True:
        head, data = socket.recv_multipart()
        found = json.loads(head).get("detections")
        if found:
            break
    print(json.loads(head)["msg"], data[:3] == b"\xff\xd8\xff", found[0]["label"])
else:
    import time
    socket.bind("tcp://127.0.0.1:*")
    print("at", socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:
        socket.send_json({"msg": "yard", "dtype": "uint8", "shape": (120, 160, 3)}, zmq.SNDMORE)
        socket.send(bytes(range(240)) * 240)
        time.sleep(0.04)
"""


def imagezmq_peer(*arguments):
    """A Python program with python3-zmq, which is the system's."""
    return program("/usr/bin/python3", "-c", ZMQ, *arguments)


def camera_to_imagezmq():
    with virtual_camera() as location, launch("camera-to-imagezmq.launch", ENDPOINT="tcp://127.0.0.1:*", NAME="yard",
                                              LOCATION=location, MODEL=SHAPES) as running:
        url = running.wait_for(r"pictures go over (tcp://\S+)\.$").group(1)
        with imagezmq_peer("take", url) as peer:
            peer.wait_for(r"^yard True (circle|square|triangle)$")
        ends_well(running)


def imagezmq_to_browser():
    with imagezmq_peer("give") as peer:
        endpoint = peer.wait_for(r"^at (\S+)").group(1)
        browser_file("imagezmq-to-browser.launch", ENDPOINT=endpoint)
        peer.process.kill()  # it never ends, and says so on Ctrl-C


def camera_to_window():
    with virtual_camera() as location:
        # A window that counts: it ends the pipeline after 50 pictures.
        with launch("camera-to-window.launch", LOCATION=location, MODEL=SHAPES,
                    SINK="fakevideosink num-buffers=50") as running:
            status = running.finish()
            assert status == 0, running.output


def file_to_browser():
    with drawn_clip("my clip.webm", 120) as clip:  # spaces, as people have them
        browser_file("file-to-browser.launch", FILE=clip, MODEL=SHAPES)


def every_file_says_what_one_sees():
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith(".launch"):
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                first = file.readline()
            assert re.match(r"# [A-Z].{20,}\.$", first), f"{name} begins with {first!r}"


def every_file_is_run():
    files = {name[:-7] for name in os.listdir(FOLDER) if name.endswith(".launch")}
    tested = set()
    for path in glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "*.py")):
        with open(path, encoding="utf-8") as file:
            tested |= {name.replace("_", "-") for name in re.findall(r"^def (\w+)", file.read(), re.M)}
    assert files <= tested, f"not run by any test: {files - tested}"


def the_list_names_them_all():
    with program(os.path.join(FOLDER, "run"), "--list") as running:
        assert running.finish() == 0
        for name in os.listdir(FOLDER):
            if name.endswith(".launch"):
                assert name[:-7] in running.output


if __name__ == "__main__":
    run_tests([
        every_file_says_what_one_sees,
        every_file_is_run,
        the_list_names_them_all,
        camera_to_browser_with_boxes,
        camera_to_browser,
        camera_style_to_browser,
        camera_to_mjpeg,
        camera_to_hls,
        camera_to_dash,
        camera_to_flv,
        file_to_flv,
        camera_to_imagezmq,
        imagezmq_to_browser,
        browser_as_camera,
        camera_passthrough_with_boxes,
        camera_to_window,
        file_to_browser,
    ])
