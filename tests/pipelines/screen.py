"""Windows, screens and webcams: on an X server without a screen, whose picture is looked at."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request

from harness import BUILD, SHAPES, launch, program, run_tests, until, virtual_camera

WIDTH, HEIGHT = 640, 360


@contextlib.contextmanager
def screen(width=WIDTH, height=HEIGHT):
    """The display's name, in the environment for what is started meanwhile."""
    with tempfile.TemporaryFile() as told:
        server = subprocess.Popen(["Xvfb", "-displayfd", str(told.fileno()), "-screen", "0", f"{width}x{height}x24",
                                   "-nolisten", "tcp"], pass_fds=[told.fileno()], stderr=subprocess.DEVNULL)

        def number():
            told.seek(0)
            return told.read().strip().decode()

        before = os.environ.get("DISPLAY")
        try:
            os.environ["DISPLAY"] = ":" + until(number)
            yield os.environ["DISPLAY"]
        finally:
            os.environ.pop("DISPLAY") if before is None else os.environ.update(DISPLAY=before)
            server.terminate()
            server.wait(180)


def pixels(display):
    """What is on the screen: RGB, a byte each."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-f", "x11grab", "-draw_mouse", "0", "-video_size", f"{WIDTH}x{HEIGHT}", "-i", display,
                           "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                          capture_output=True, timeout=180)
    assert len(done.stdout) == WIDTH * HEIGHT * 3, done.stderr
    return done.stdout


def keep(picture, name):
    """For people, in the build folder."""
    folder = os.path.join(BUILD, "screenshots")
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}",
                    "-i", "-", os.path.join(folder, name + ".png")], input=picture, check=True, timeout=180)


def colours(picture):
    return len({picture[at:at + 3] for at in range(0, len(picture), 3)})


def camera_in_a_window():
    """The scene fills the window, and moves."""
    with screen() as display, virtual_camera("--no-discovery", "--width", str(WIDTH), "--height", str(HEIGHT)) as location:
        assert colours(pixels(display)) == 1, "there is something on the screen before the window"
        with launch("camera-to-window.launch", LOCATION=location, MODEL=SHAPES, SINK="ximagesink") as running:
            until(lambda: colours(pixels(display)) > 100, lambda: running.output)
            first = pixels(display)
            until(lambda: pixels(display) != first, lambda: running.output)
            keep(pixels(display), "camera-to-window")
            assert running.stop() == 0, running.output


def live(page):
    with urllib.request.urlopen(page + "status", timeout=180) as answer:
        status = json.load(answer)
    return status if status["live"] else None


def screen_to_browser():
    with screen() as display:
        with program("gst-launch-1.0", "-q", "videotestsrc", "pattern=ball", "!", "ximagesink"):
            with launch("screen-to-browser.launch", PORT=0, DISPLAY=display) as running:
                page = running.wait_for(r"^Open (\S+)").group(1)
                status = until(lambda: live(page), lambda: running.output)
                assert status["codecs"] == ["VP9"], status
                assert running.stop() == 0, running.output


def no_screen():
    with launch("screen-to-browser.launch", PORT=0, DISPLAY=":4711") as running:
        assert running.finish() != 0
        assert "display" in running.output.lower(), running.output


def webcam_to_browser():
    """A machine without a webcam can tell only that it says so; with one, its picture is served."""
    device = "/dev/video0"
    with launch("webcam-to-browser.launch", PORT=0, MODEL=SHAPES, DEVICE=device) as running:
        if os.path.exists(device):
            page = running.wait_for(r"^Open (\S+)").group(1)
            assert until(lambda: live(page), lambda: running.output)
            assert running.stop() == 0, running.output
        else:
            assert running.finish() != 0 and device in running.output, running.output
            print("skipped: the picture of a webcam; there is none here")


if __name__ == "__main__":
    tests = [webcam_to_browser, no_screen]
    if shutil.which("Xvfb"):
        tests += [camera_in_a_window, screen_to_browser]
    else:
        print("skipped: windows and screens; install xvfb")
    run_tests(tests)
