"""Recording as it is: files that ffprobe can read, and no more of them than were asked for."""

import os
import tempfile

from harness import frames_of, launch, run_tests, until, virtual_camera


def goes_round(file, ending):
    """The numbers begin again after FILES; another start leaves all alone. Ctrl-C lets the last be finished."""
    with tempfile.TemporaryDirectory(prefix="a folder ") as folder, virtual_camera(
            "--width", "320", "--height", "240") as location:
        with launch(file, LOCATION=location, FOLDER=folder, SECONDS=2, FILES=3) as running:
            until(lambda: len(files(folder)) == 3 and files(folder)[-1].endswith("-00000" + ending)
                  and frames_of(files(folder)[-1:]), lambda: f"{files(folder)} {running.output}")
            assert running.stop() == 0, running.output
        first = set(files(folder))
        with launch(file, LOCATION=location, FOLDER=folder, SECONDS=2, FILES=3) as running:
            running.wait_for("Recording into ")
            until(lambda: set(files(folder)) > first and frames_of(files(folder)[-1:]), lambda: f"{first} {files(folder)}")
            assert running.stop() == 0, running.output
        for path in files(folder):
            assert frames_of([path]) >= 1, f"{path}, {os.path.getsize(path)} bytes"


def files(folder):
    """From the oldest to the newest."""
    return sorted((os.path.join(folder, name) for name in os.listdir(folder)), key=os.path.getmtime)


def outlives_a_power_cut(file, magic):
    """What is written can be played, though nobody ended the file; and it is what its name says."""
    with tempfile.TemporaryDirectory() as folder, virtual_camera("--width", "320", "--height", "240") as location:
        with launch(file, LOCATION=location, FOLDER=folder) as running:
            until(lambda: files(folder) and frames_of(files(folder)) >= 25, lambda: running.output)
            running.process.kill()
        with open(files(folder)[-1], "rb") as clip:
            assert magic in clip.read(12), files(folder)
        assert frames_of(files(folder)) >= 25, files(folder)
        assert "unable to set" not in running.output, running.output


def camera_to_files():
    goes_round("camera-to-files.launch", ".mkv")
    outlives_a_power_cut("camera-to-files.launch", b"\x1aE\xdf\xa3")


def camera_to_mp4():
    goes_round("camera-to-mp4.launch", ".mp4")
    outlives_a_power_cut("camera-to-mp4.launch", b"ftyp")


if __name__ == "__main__":
    run_tests([camera_to_files, camera_to_mp4])
