#!/usr/bin/env python3
"""What each launch file costs: processor seconds for a second of 1280x720 at 25 pictures a second.

    launchfiles.py [NAME …]

The tiny network of the build looks for objects, so that a network's own cost, which is another for each, is
left out. Nobody watches: that costs the sinks that serve viewers what is in the table and a few packets more.
Only the process of the launch file counts, not the camera or server that it needs beside it.
"""
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["VIDEO_STREAM_SOURCE_DIR"], "tests", "pipelines"))

from harness import BUILD, SHAPES, SOURCE, free_port, launch, pictures, program, until, virtual_camera  # noqa: E402
from rtmp import nginx, streams_at  # noqa: E402
from screen import screen  # noqa: E402

WARM, LONG = 4, 8  # seconds: before it counts, and while it does
TICK = os.sysconf("SC_CLK_TCK")


def spent(process):
    """Processor seconds so far, of all its threads."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def served(running):
    """Pictures so far of its page, if it has one."""
    page = re.search(r"^Open (\S+)", running.output, re.M)
    return pictures(page.group(1)) if page else 0


def cost(running):
    """And pictures a second: a machine that is too busy drops some, which cost nothing."""
    time.sleep(WARM)
    before, since, seen = spent(running.process), time.monotonic(), served(running)
    time.sleep(LONG)
    assert running.process.poll() is None, running.output
    seconds = time.monotonic() - since
    return (spent(running.process) - before) / seconds, (served(running) - seen) / seconds


def drawn_clip(folder, name, *encoder):
    path = os.path.join(folder, name)
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25", "-t", "30",
                    *encoder, path], check=True)
    return path


def without_webcam(name, folder):
    """A copy of the file that takes a clip's JPEGs for those of a webcam; what v4l2src itself does is little."""
    with open(os.path.join(SOURCE, "pipelines", name), encoding="utf-8") as file:
        text = file.read()
    webcam = 'v4l2src device="${DEVICE:-/dev/video0}"'
    assert webcam in text, text
    clip = drawn_clip(folder, "webcam.mkv", "-c:v", "mjpeg", "-q:v", "5")
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(webcam, f"filesrc location={clip} ! matroskademux ! clocksync"))
    return path


def settings_of(name, camera, folder):
    """Those of its settings that any file may have."""
    with open(os.path.join(SOURCE, "pipelines", name), encoding="utf-8") as file:
        text = file.read()
    known = {"LOCATION": camera, "MODEL": SHAPES, "PORT": free_port(), "RTSP_PORT": 0, "FOLDER": folder,
             "SINK": "fakevideosink", "STYLE": os.path.join(BUILD, "models", "filters", "negative.onnx"), "ENDPOINT": f"tcp://127.0.0.1:{free_port()}", "FPS": 25}
    return {key: value for key, value in known.items() if "${" + key in text and (key, "mjpeg" in name) != ("FPS", True)}


@contextlib.contextmanager
def peer_of(name, camera, folder):
    """Starts what the file needs beside it; yields the settings that this asks for."""
    with contextlib.ExitStack() as stack:
        beside = lambda file, **more: stack.enter_context(
            launch(file, **{**settings_of(file, camera, folder), **more}))
        if name in ("camera-to-rtmp.launch", "camera-to-everything.launch", "rtmp-to-browser.launch"):
            port = free_port()
            stack.enter_context(nginx(port))
            url = f"rtmp://127.0.0.1:{port}/live/camera"
            if name == "rtmp-to-browser.launch":
                beside("camera-to-rtmp.launch", RTMP=url)
                until(lambda: streams_at(url), 60)
            yield {"RTMP": url}
        elif name == "mjpeg-to-browser.launch":
            yield {"URL": beside("camera-to-mjpeg.launch").wait_for(r"^Open (\S+/mjpeg)", 60).group(1)}
        elif name == "browser-as-camera.launch":
            yield {"PUBLISHED": beside("camera-to-rtsp-with-boxes.launch").wait_for(r"^Watch (\S+)", 60).group(1)}
        elif name == "srt-to-browser.launch":
            port = free_port()
            beside("camera-to-srt.launch", SRT=f"srt://127.0.0.1:{port}?mode=listener")
            yield {"SRT": f"srt://127.0.0.1:{port}"}
        elif name == "imagezmq-to-browser.launch":
            endpoint = f"tcp://127.0.0.1:{free_port()}"
            beside("camera-to-imagezmq.launch", ENDPOINT=endpoint)
            yield {"ENDPOINT": endpoint}
        elif name == "udp-to-browser.launch":
            beside("camera-to-udp.launch")
            yield {}
        elif name == "udp-to-window.launch":
            beside("camera-to-udp-with-boxes.launch")
            yield {}
        elif name == "file-to-browser.launch":
            yield {"FILE": drawn_clip(folder, "clip.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")}
        elif name == "file-to-flv.launch":
            yield {"FILE": drawn_clip(folder, "clip.mp4", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-shortest", "-c:v",
                                      "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")}
        elif name == "screen-to-browser.launch":
            display = stack.enter_context(screen(1280, 720))
            stack.enter_context(program("gst-launch-1.0", "-q", "videotestsrc", "pattern=ball", "!", "ximagesink"))
            yield {"DISPLAY": display}
        elif name == "camera-to-srt.launch":
            yield {"SRT": f"srt://127.0.0.1:{free_port()}?mode=listener"}
        else:
            yield {}


def measure(name):
    with tempfile.TemporaryDirectory() as folder, virtual_camera("--no-discovery", "--quiet") as camera, \
            peer_of(name, camera, folder) as more:
        settings = {**settings_of(name, camera, folder), **more}
        published = settings.pop("PUBLISHED", None)
        if name == "webcam-to-browser.launch":
            name = without_webcam(name, folder)
        with launch(name, **settings) as running:
            if not published:
                return cost(running)
            endpoint = running.wait_for(r"^Open (\S+/share/)", 60).group(1) + "whip"
            with program(os.path.join(SOURCE, "tests", "pipelines", "whippublisher.py"), endpoint, published) as phone:
                phone.wait_for("^published", 60)
                running.wait_for("somebody shares a camera", 60)
                result = cost(running)
                phone.process.kill()
                return result


def main(names):
    if not os.path.exists(SHAPES):
        print("skipped: the build has no network")
        sys.exit(77)
    folder = os.path.join(SOURCE, "pipelines")
    for name in names or sorted(file for file in os.listdir(folder) if file.endswith(".launch")):
        try:
            spending, shown = measure(name)
            print(f"{name:40} {spending:.2f}   ({f'{shown:.0f} pictures a second, ' if shown else ''}"
                  f"load {os.getloadavg()[0]:.1f})", flush=True)
        except AssertionError as error:
            print(f"{name:40} failed: {error}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
