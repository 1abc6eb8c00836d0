"""The lines that README.md offers to copy, run as they stand but for what only a reader's home has:
the camera's address, files and networks of their own, a screen, a port."""

import json
import os
import re
import shlex
import subprocess
import tempfile
import urllib.request

from harness import SHAPES, SOURCE, program, run_tests, until, virtual_camera

with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as readme:
    LINES = re.findall(r"^(gst-launch-1\.0 .*)$", readme.read(), re.M)


def at_home(line, folder, camera):
    """The line with this machine's camera, files and port; fails on a part that is not known here."""
    swaps = {
        "onvif://192.168.1.20": camera.replace("http://", "onvif://"),
        "model=yolox_nano.onnx labels=models/coco.names": f"model={SHAPES}",
        "location=clip.mp4": f"location={folder}/clip.mkv",
        "location=street.jpg": f"location={folder}/street.jpg",
        "location=boxes.jpg": f"location={folder}/boxes.jpg",
        "autovideosink": "fakevideosink num-buffers=25",
        "port=8080": "port=0",
    }
    for shown, here in swaps.items():
        line = line.replace(shown, here)
    return ["gst-launch-1.0", "-m", *shlex.split(line)[1:]]


def record(camera, folder):
    """A clip and a picture of the drawn scene."""
    source = f"onvifsrc location={camera} profile=sub ! decodebin ! videoconvert"
    for tail in (f"identity eos-after=60 ! x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! "
                 f"matroskamux ! filesink location={folder}/clip.mkv",
                 f"jpegenc snapshot=true ! filesink location={folder}/street.jpg"):
        subprocess.run(["gst-launch-1.0", "-q", *f"{source} ! {tail}".split()], check=True, timeout=180)


def is_live(running):
    url = running.wait_for(r"whepsink-ready.*?url=\(string\)\"?([^\",;]+)").group(1).replace("\\", "")
    with urllib.request.urlopen(url + "status", timeout=180) as answer:
        return json.load(answer).get("live")


def runs(line):
    with tempfile.TemporaryDirectory() as folder, virtual_camera("--no-discovery") as camera:
        if "clip.mp4" in line or "street.jpg" in line:
            record(camera, folder)
        with program(*at_home(line, folder, camera)) as running:
            if "whepsink" in line:
                until(lambda: is_live(running), lambda: running.output)
                assert running.stop() == 0, running.output
            else:
                assert running.finish() == 0, running.output
            assert "ERROR" not in running.output, running.output
        if "boxes.jpg" in line:
            before, after = (os.path.getsize(f"{folder}/{name}.jpg") for name in ("street", "boxes"))
            assert after > 0 and after != before, "nothing was drawn"


def test_of(number, line):
    test = lambda: runs(line)
    test.__name__ = f"line {number}: {line[:70]} …"
    return test


def there_are_six():
    assert len(LINES) == 6, f"{len(LINES)} lines"


if __name__ == "__main__":
    run_tests([there_are_six, *[test_of(n + 1, line) for n, line in enumerate(LINES)]])
