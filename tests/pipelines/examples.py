"""The programs of examples/, as a user runs them, in front of the virtual camera's drawn scene."""

import os
import re
import subprocess

from harness import BUILD, SHAPES, SOURCE, program, run_tests, virtual_camera

CPP = [os.path.join(BUILD, "examples", "camera_boxes")]
PYTHON = ["/usr/bin/python3", "-B", os.path.join(SOURCE, "examples", "read_detections.py")]
ANALYTICS = ["/usr/bin/python3", "-B", os.path.join(SOURCE, "examples", "read_analytics.py")]
NAMES = os.path.join(SOURCE, "models", "shapes.names")
WIDTH, HEIGHT = 640, 360


def camera():
    size = ["--width", str(WIDTH), "--height", str(HEIGHT)]
    return virtual_camera("--quiet", "--no-discovery", *size)


def onvif(url):
    return url.replace("http://", "onvif://")


def line(url):
    return (
        f"onvifsrc location={onvif(url)} ! decodebin ! queue ! "
        f"yolodetect name=detect model={SHAPES} ! fakesink"
    )


def assert_finds_shapes(*command):
    """Every shape of the scene is named, and every box lies within the frame."""
    with program(*command) as example:
        for shape in ("circle", "square", "triangle"):
            example.wait_for(rf"\b{shape} \d+% at ")
        printed = example.output.splitlines()
    found = [re.search(r" (\w+) (\d+)% at (\d+),(\d+) size (\d+)x(\d+)$", text) for text in printed]
    assert all(found), printed
    for score, x, y, width, height in ([int(g) for g in match.groups()[1:]] for match in found):
        assert 0 < score <= 100 and width > 0 and height > 0, printed
        assert x + width <= WIDTH and y + height <= HEIGHT, printed


def assert_refuses(reason, *command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 1 and reason in done.stderr, done


def cpp_program_takes_a_camera():
    with camera() as url:
        assert_finds_shapes(*CPP, onvif(url), SHAPES, NAMES)


def cpp_program_takes_a_pipeline():
    with camera() as url:
        assert_finds_shapes(*CPP, line(url))


def cpp_program_says_what_is_wrong():
    assert_refuses("use:", *CPP)
    assert_refuses("nonsense", *CPP, "videotestsrc ! nonsense")
    assert_refuses("No element is called detect.", *CPP, "videotestsrc ! fakesink")
    assert_refuses("127.0.0.1", *CPP, "onvif://127.0.0.1:9", SHAPES)


def python_program_reads_detections():
    with camera() as url:
        assert_finds_shapes(*PYTHON, line(url))


def python_program_says_what_is_wrong():
    assert_refuses("use:", *PYTHON)
    assert_refuses("nonsense", *PYTHON, "videotestsrc ! nonsense")
    assert_refuses("No element is called detect.", *PYTHON, "videotestsrc ! fakesink")


def python_program_reads_analytics():
    with camera() as url:
        assert_finds_shapes(*ANALYTICS, line(url))


def python_program_says_what_analytics_need():
    if have_gi("GstAnalytics"):
        assert_refuses("use:", *ANALYTICS)
        assert_refuses("No element is called detect.", *ANALYTICS, "videotestsrc ! fakesink")
    else:
        assert_refuses("GStreamer 1.24", *ANALYTICS, line("http://127.0.0.1:9"))


def have_gi(namespace):
    probe = [PYTHON[0], "-c", f"import gi; gi.require_version('{namespace}', '1.0')"]
    return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0


tests = [cpp_program_takes_a_camera, cpp_program_takes_a_pipeline, cpp_program_says_what_is_wrong]
if have_gi("GstVideo"):
    tests += [python_program_reads_detections, python_program_says_what_is_wrong]
    tests += [python_program_says_what_analytics_need]
else:
    print("skipped: the Python example; install python3-gi and gir1.2-gst-plugins-base-1.0")
if have_gi("GstAnalytics"):
    tests += [python_program_reads_analytics]
else:
    print("skipped: the analytics' metadata in Python; it comes with GStreamer 1.24")
run_tests(tests)
