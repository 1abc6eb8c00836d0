#!/usr/bin/env python3
"""yolodetect beside GStreamer's own way to find objects, which came with 1.28:

    peer.py [--rounds N] [--cpus LIST] [--model FILE] [--footage FILE]

    ours    decoder ! yolodetect
    theirs  decoder ! videoconvertscale ! 640x640 RGB ! onnxinference ! yolov8tensordec

Same network, same footage, same library (ONNX Runtime) with its own choice of threads, in turns, so that
other work on the machine falls on both. Each is run over a few frames and over many, and what lies
between is the cost of a frame: loading counts for neither. `theirs` runs twice, with all optimisations
of the library on, as ours does, and as it comes, with none.

Where those elements are not installed this says so and ends with 77. --cpus 0 keeps both on one core.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SHARED = pathlib.Path(os.environ.get("VIDEO_STREAM_SHARED_DIR", ""))
FEW, MANY = 8, 38
SIDE = 640
# What a network's tensors mean has to stand in a file beside it, for the elements of GStreamer.
MODELINFO = """[modelinfo]
version=1.0
group-id=yolo-v8-out

[images]
id=images
type=float32
dims=1,3,{side},{side}
dir=input
ranges=0.0,1.0

[output0]
id=yolo-v8-out
type=float32
dims=1,-1,-1
dims-order=col-major
dir=output
"""


def there(element):
    return subprocess.run(["gst-inspect-1.0", "--exists", element], check=False).returncode == 0


def cost(footage, detector, frames, cpus):
    """Seconds of the processor and of the clock."""
    line = (f"filesrc location={footage} ! qtdemux ! h264parse ! avdec_h264 max-threads=1 ! "
            f"identity eos-after={frames + 1} ! {detector} ! fakesink sync=false")
    start = time.monotonic()
    process = subprocess.Popen(["gst-launch-1.0", "-q", *line.split()], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: gst-launch-1.0 {line}")
    return used.ru_utime + used.ru_stime, time.monotonic() - start


def of_a_frame(footage, detector, cpus):
    few = cost(footage, detector, FEW, cpus)
    many = cost(footage, detector, MANY, cpus)
    return [(b - a) / (MANY - FEW) for a, b in zip(few, many)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpus", default="", help="0 or 0,1: the cores to stay on (default: all)")
    parser.add_argument("--model", type=pathlib.Path, default=SHARED / f"models/yolov8n-{SIDE}.onnx",
                        help="a YOLOv8 or 11 for 640x640, as Ultralytics exports it")
    parser.add_argument("--footage", type=pathlib.Path, default=SHARED / "media/road-1280x720.mp4",
                        help=f"H.264 in MP4, {MANY} frames at least")
    options = parser.parse_args()
    missing = [e for e in ("onnxinference", "yolov8tensordec", "yolodetect") if not there(e)]
    missing += [str(f) for f in (options.model, options.footage) if not f.is_file()]
    if missing:
        print("skipped: not here:", ", ".join(missing))
        return 77
    cpus = {int(c) for c in options.cpus.split(",")} if options.cpus else os.sched_getaffinity(0)

    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "network.onnx"
        model.symlink_to(options.model.resolve())
        pathlib.Path(f"{model}.modelinfo").write_text(MODELINFO.format(side=SIDE), encoding="ascii")
        theirs = (f"videoconvertscale add-borders=true ! video/x-raw,format=RGB,width={SIDE},height={SIDE},"
                  f"pixel-aspect-ratio=1/1 ! onnxinference model-file={model} "
                  "optimization-level={} ! yolov8tensordec")
        ways = {
            "yolodetect": f"yolodetect engine=onnxruntime model={model}",
            "onnxinference ! yolov8tensordec, optimised": theirs.format("enable-all"),
            "onnxinference ! yolov8tensordec, as it comes": theirs.format("disable-all"),
        }
        seen = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, detector in ways.items():
                seen[name].append(of_a_frame(options.footage, detector, cpus))
    print(f"{options.footage.name}, {options.model.name}, {len(cpus)} cores; medians of {options.rounds} rounds")
    medians = {n: [statistics.median(v) for v in zip(*values)] for n, values in seen.items()}
    ours = medians["yolodetect"]
    for name, (cpu, wall) in medians.items():
        print(f"  {name:46} {1e3 * cpu:7.1f} ms of CPU a frame, {1 / wall:6.1f} frames a second; "
              f"{cpu / ours[0]:.2f} times our CPU, {wall / ours[1]:.2f} times our time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
