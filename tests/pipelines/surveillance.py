"""Surveillance programs that people run: motion, with what each of its ways in is given."""

import os
import shutil
import sys
import tempfile

from harness import SHAPES, SKIP, frames_of, launch, program, run_tests, until, virtual_camera

# What the README says, and what a test needs: no ports, short movies.
CONFIGURATION = """
netcam_url {url}
width 640
height 360
framerate 25
movie_output on
movie_codec mkv
picture_output off
target_dir {folder}
daemon off
webcontrol_port 0
stream_port 0
threshold 200
event_gap 2
movie_max_time 3
"""


def motion_records(url):
    """Two movies, which ffprobe can read: it has seen what moves in the scene, boxes and all."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "motion.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(url=url, folder=folder))

        def movies():
            return sorted(name for name in os.listdir(folder) if name.endswith(".mkv"))

        with program("motion", "-n", "-c", path) as motion:
            until(lambda: len(movies()) >= 2, lambda: motion.output)
            motion.stop()
        counts = {name: frames_of([os.path.join(folder, name)]) for name in movies()}
        assert max(counts.values()) > 5, f"{counts} {motion.output}"


def camera():
    return virtual_camera("--no-discovery", "--width", "640", "--height", "360")


def motion_over_rtsp():
    with camera() as location, launch("camera-to-rtsp-with-boxes.launch", PORT=0, LOCATION=location,
                                      MODEL=SHAPES) as running:
        motion_records(running.wait_for(r"^Watch (rtsp://\S+)").group(1))
        assert running.stop() == 0, running.output


def motion_over_mjpeg():
    with camera() as location, launch("camera-to-mjpeg.launch", PORT=0, LOCATION=location,
                                      MODEL=SHAPES) as running:
        motion_records(running.wait_for(r"^Open (\S+/mjpeg)").group(1))
        assert running.stop() == 0, running.output


if __name__ == "__main__":
    if not shutil.which("motion"):
        print("skipped: install motion")
        sys.exit(SKIP)
    run_tests([motion_over_rtsp, motion_over_mjpeg])
