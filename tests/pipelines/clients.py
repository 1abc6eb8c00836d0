"""The programs of examples/clients, each with the library that it is about, before one camera."""

import os
import re
import subprocess
import urllib.error
import urllib.request

from harness import SHAPES, SKIP, SOURCE, free_port, launch, run_tests, until, virtual_camera
from rtmp import nginx, plays, streams_at

PYTHON = "/usr/bin/python3"  # the one that Debian's packages are for
FOLDER = os.path.join(SOURCE, "examples", "clients")
SIZE = "640x360"


def command(name, *arguments):
    if name == "imagezmq":
        return [PYTHON, "-c", HUB, *arguments]
    return [PYTHON, "-B", os.path.join(FOLDER, name + ".py"), *arguments]


def has(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0


# What imagezmq's own ImageHub does, in zmq alone.
HUB = """
import json, sys, zmq
hub = zmq.Context().socket(zmq.SUB)
hub.subscribe(b"")
hub.connect(sys.argv[1])
for number in range(1, int(sys.argv[2]) + 1):
    told, jpeg = hub.recv_multipart()
    assert jpeg.startswith(b"\\xff\\xd8"), jpeg[:9]
    print("picture", number, json.loads(told)["msg"], flush=True)
"""


def camera_to_everything():
    """All at once, while nobody listens where it publishes; and that too, once somebody does."""
    port, rtmp_port, endpoint = free_port(), free_port(), f"tcp://127.0.0.1:{free_port()}"
    rtmp = f"rtmp://127.0.0.1:{rtmp_port}/live/camera"
    with virtual_camera("--width", "640", "--height", "360", "--no-discovery") as camera, \
            launch("camera-to-everything.launch", LOCATION=camera, MODEL=SHAPES, PORT=port, RTSP_PORT=0,
                   ENDPOINT=endpoint, RTMP=rtmp) as running:
        rtsp = running.wait_for(r"^Watch (rtsp://\S+)").group(1)
        mjpeg = running.wait_for(r"^Open (\S+/mjpeg)").group(1)
        whep = running.wait_for(rf"^Open (http://127.0.0.1:{port}/camera/) ").group(1) + "whep"
        hls = running.wait_for(r"^Open (\S+/index.m3u8)").group(1)
        until(lambda: is_answered(hls), lambda: running.output)
        running.wait_for("rtmp: not connected")
        clients = [
            ("cv2", "opencv_motion", rtsp), ("cv2", "opencv_motion", mjpeg), ("av", "pyav_keyframes", rtsp),
            ("av", "pyav_keyframes", hls),
            ("aiortc", "aiortc_watch", whep), ("pygame", "pygame_window", mjpeg), ("zmq", "imagezmq", endpoint),
        ]
        here = [client for client in clients if has(client[0])]
        started = [subprocess.Popen(command(name, url, "50"), stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True,
                                    env={**os.environ, "SDL_VIDEODRIVER": "dummy"})
                   for _, name, url in here]
        for client, process in zip(here, started):
            output, _ = process.communicate(timeout=180)
            assert process.returncode == 0, f"{client}: {output}"
            CHECKS[client[1]](output)
        for missing in sorted({client[0] for client in clients} - {client[0] for client in here}):
            print(f"skipped: {missing} is not installed")
        with nginx(rtmp_port):
            until(lambda: streams_at(rtmp) == {"h264", "aac"}, lambda: running.output)
            until(lambda: plays(rtmp), lambda: running.output)
        assert running.stop() == 0, running.output


def is_answered(url):
    """There is a playlist once there are segments to list; until then the server says 503."""
    try:
        with urllib.request.urlopen(url, timeout=180) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        assert error.code == 503, error
        return False


def pictures(output):
    """The numbers of the pictures that were told, all of the camera's size."""
    told = re.findall(r"^(?:picture|key frame) (\d+)\b.*?: (\d+x\d+)", output, re.M)
    assert {size for _, size in told} == {SIZE}, output
    return [int(number) for number, _ in told]


def times(output):
    return [float(time) for time in re.findall(r" at ([\d.]+) s:", output)]


def opencv_saw_motion(output):
    assert pictures(output) == list(range(2, 51)), output  # the first has nothing to be compared with
    moved = [float(share) for share in re.findall(r"([\d.]+)% of it moved", output)]
    assert 0 < max(moved) < 50, output


def pyav_saw_key_frames(output):
    assert pictures(output) == list(range(1, 51)), output
    assert output.startswith("key frame 1 ") or "\nkey frame " in output, output
    assert times(output) == sorted(times(output)), output


def aiortc_saw_pictures(output):
    assert pictures(output) == list(range(1, 51)), output
    assert times(output) == sorted(times(output)) and times(output)[-1] > times(output)[0], output


def pygame_showed_pictures(output):
    assert pictures(output) == list(range(1, 51)), output


def imagezmq_got_pictures(output):
    assert output.split() == " ".join(f"picture {number} camera" for number in range(1, 51)).split(), output


CHECKS = {
    "imagezmq": imagezmq_got_pictures,
    "opencv_motion": opencv_saw_motion,
    "pyav_keyframes": pyav_saw_key_frames,
    "aiortc_watch": aiortc_saw_pictures,
    "pygame_window": pygame_showed_pictures,
}


def they_say_what_is_wrong():
    nobody = f"127.0.0.1:{free_port()}"
    for module, name, url, reason in (
            ("cv2", "opencv_motion", f"rtsp://{nobody}/x", "cannot be opened"),
            ("av", "pyav_keyframes", f"rtsp://{nobody}/x", "cannot be opened"),
            ("aiortc", "aiortc_watch", f"http://{nobody}/whep", "did not take the offer"),
            ("pygame", "pygame_window", f"http://{nobody}/x/mjpeg", "cannot be opened")):
        if not has(module):
            continue
        for arguments, expected in (([], "use:"), ([url], reason)):
            done = subprocess.run(command(name, *arguments), capture_output=True, text=True, timeout=180)
            assert done.returncode == 1 and expected in done.stderr, done
            assert "Traceback" not in done.stderr, done.stderr


if __name__ == "__main__":
    if not any(has(module) for module in ("cv2", "av", "aiortc", "pygame")):
        print("skipped: none of the libraries is here; install python3-opencv, python3-av, python3-aiortc, python3-pygame")
        raise SystemExit(SKIP)
    run_tests([camera_to_everything, they_say_what_is_wrong])
