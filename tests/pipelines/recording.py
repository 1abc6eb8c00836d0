"""Recordings with sound: files that ffmpeg reads to their end, and no more of them than were asked for."""

import collections
import contextlib
import os
import subprocess
import tempfile

from harness import PATIENCE, frames_of, launch, run_tests, until, virtual_camera

Track = collections.namedtuple("Track", "codec packets begin end")


@contextlib.contextmanager
def recording(file, *camera, **settings):
    """Yields a folder and what records into it."""
    with tempfile.TemporaryDirectory(prefix="a folder of 100% ") as folder, virtual_camera(
            "--width", "320", "--height", "240", *camera) as location, launch(
                file, LOCATION=location, FOLDER=folder, **settings) as running:
        yield folder, running


def files(folder):
    """From the oldest to the newest."""
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


def largest(folder):
    """A machine that stands still loses its camera, which then goes on in another file."""
    return max(files(folder), key=os.path.getsize)


def tracks(path):
    """What ffprobe finds in a file, by "video" and "audio"."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type,codec_name:packet=codec_type,pts_time",
         "-of", "compact=p=1", path], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, f"{path}: {done.stderr}"
    rows = [dict(field.split("=", 1) for field in line.split("|")[1:] if "=" in field)
            for line in done.stdout.splitlines()]
    found = {}
    for kind, codec in ((row["codec_type"], row["codec_name"]) for row in rows if "codec_name" in row):
        times = [float(row["pts_time"]) for row in rows
                 if row["codec_type"] == kind and row.get("pts_time", "N/A") != "N/A"]
        found[kind] = Track(codec, len(times), min(times, default=0), max(times, default=0))
    return found


def decodes(path):
    """ffmpeg reads it to its end."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "null", "-"], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == 0, f"{path}: {done.stderr}"


def goes_round(file):
    """The oldest makes room; another start leaves all alone. Ctrl-C lets the last be finished."""
    with recording(file, SECONDS=1, FILES=3) as (folder, running):
        first = os.path.basename(until(lambda: files(folder), lambda: running.output)[0])
        until(lambda: len(files(folder)) == 3 and first not in os.listdir(folder)
              and frames_of(files(folder)[-1:]), lambda: f"{files(folder)} {running.output}")
        assert running.stop() == 0, running.output
        assert len(files(folder)) == 3, files(folder)
        for path in files(folder):
            assert frames_of([path]) >= 1, f"{path}, {os.path.getsize(path)} bytes"
        before = {path: os.stat(path).st_mtime_ns for path in files(folder)}
        location = next(each for each in running.arguments if each.startswith("LOCATION=")).partition("=")[2]
        with launch(file, LOCATION=location, FOLDER=folder, FILES=1) as again:
            again.wait_for("Recording into ")
            assert again.stop() == 0, again.output
        assert all(os.stat(path).st_mtime_ns == time for path, time in before.items()), files(folder)


def is_whole(path, codec):
    """Picture and sound of one length. On a machine that stands still the camera misses some, or all of it."""
    found = tracks(path)
    if set(found) != {"video", "audio"}:
        return False
    video, audio = found["video"], found["audio"]
    assert video.codec == "h264" and audio.codec == codec, found
    return video.end > 0.7 and audio.begin < 0.3 and abs(audio.end - video.end) < 0.3


def has_sound(file, kind, codec):
    with recording(file, "--audio", kind, SECONDS=1) as (folder, running):
        until(lambda: [path for path in files(folder)[-4:-1] if is_whole(path, codec)],
              lambda: f"{[tracks(path) for path in files(folder)[:-1]]} {running.output}")
        assert running.stop() == 0, running.output
        for path in files(folder):
            decodes(path)


def has_no_sound(file):
    with recording(file, "--audio", "none") as (folder, running):
        running.wait_for("Recording into ")
        running.wait_for("it sends no sound")
        until(lambda: frames_of(files(folder)[-1:]) >= 25, lambda: running.output)
        assert running.stop() == 0, running.output
        assert set(tracks(files(folder)[0])) == {"video"}


def outlives_a_power_cut(file, kind, codec, magic):
    """What is written can be played, though nobody ended the file; and it is what its name says."""
    with recording(file, "--audio", kind) as (folder, running):
        def holds_both():
            path = largest(folder)
            return frames_of([path]) >= 75 and tracks(path).get("audio")

        until(lambda: files(folder) and holds_both(), lambda: running.output)
        running.process.kill()
        running.process.wait()
        last = largest(folder)
        with open(last, "rb") as clip:
            assert magic in clip.read(12), files(folder)
        decodes(last)
        found = tracks(last)
        assert found["video"].packets >= 75 and found["audio"].codec == codec, found
        assert found["audio"].packets > 1, found


def camera_to_files():
    goes_round("camera-to-files.launch")
    has_sound("camera-to-files.launch", "aac", "aac")
    has_no_sound("camera-to-files.launch")
    outlives_a_power_cut("camera-to-files.launch", "pcma", "pcm_alaw", b"\x1aE\xdf\xa3")


def camera_to_mp4():
    goes_round("camera-to-mp4.launch")
    has_sound("camera-to-mp4.launch", "pcmu", "aac")
    has_no_sound("camera-to-mp4.launch")
    outlives_a_power_cut("camera-to-mp4.launch", "aac", "aac", b"ftyp")


if __name__ == "__main__":
    run_tests([camera_to_files, camera_to_mp4])
