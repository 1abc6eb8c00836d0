"""Starts what a user would start, on ports nobody else has, and stops all of it."""

import contextlib
import itertools
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

BUILD = os.environ["VIDEO_STREAM_BUILD_DIR"]
SOURCE = os.environ["VIDEO_STREAM_SOURCE_DIR"]
SHARED = os.environ.get("VIDEO_STREAM_SHARED_DIR", "")
SHAPES = os.path.join(BUILD, "models", "shapes.onnx")
SKIP = 77
HARMLESS = re.compile("seqnum != GST_SEQNUM_INVALID|Sticky event misordering|has no handler with id")
PATIENCE = 180  # seconds that a busy machine may need for what a quiet one does at once


class Program:
    """A child process whose output is read as it comes, so that it never blocks on a full pipe."""

    def __init__(self, arguments, env=None):
        self.lines = []
        self.arguments = arguments
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **(env or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def output(self):
        """All that was printed, but for what GStreamer 1.22 complains of itself (elements/player.hpp)."""
        return "\n".join(line for line in list(self.lines) if not HARMLESS.search(line))

    def wait_for(self, pattern, seconds=PATIENCE):
        """The match of the first line, present or to come, that fits; fails with all that was printed."""
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self.lines:
                    found = re.search(pattern, line)
                    if found:
                        return found
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._reader.is_alive()):
                    raise AssertionError(f"{self.arguments[0]} never printed {pattern!r}:\n{self.output}")
                self._changed.wait(min(left, 0.2))

    def finish(self, seconds=PATIENCE):
        """Its exit status, once it ends by itself."""
        status = self.process.wait(seconds)
        self._reader.join(10)
        return status

    def stop(self, seconds=PATIENCE):
        """Ctrl-C, then its exit status; killing it is a failure of its own."""
        if self.process.poll() is None:
            self.process.send_signal(2)
        try:
            return self.finish(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.arguments[0]} did not end on Ctrl-C:\n{self.output}")


@contextlib.contextmanager
def program(*arguments, env=None):
    child = Program(list(arguments), env)
    try:
        yield child
    except Exception as error:
        if child.process.poll() is None:
            raise
        raise AssertionError(f"{error}\n{arguments[0]} had ended by then:\n{child.output}") from error
    finally:
        if child.process.poll() is None:
            child.stop()


@contextlib.contextmanager
def virtual_camera(*arguments):
    """Yields its device-service URL."""
    with program(os.environ["VIRTUAL_CAMERA"], "--die-with-parent", "--port", "0", *arguments) as camera:
        yield camera.wait_for(r"^ready.*\bonvif=(\S+)").group(1)


def launch(file, **settings):
    """Runs a launch file as pipelines/run does."""
    path = os.path.join(SOURCE, "pipelines", file)
    return program(
        os.path.join(BUILD, "pipelines", "video-stream-launch"),
        path,
        *[f"{name}={value}" for name, value in settings.items()],
    )


def frames_of(arguments, seconds=PATIENCE):
    """How many pictures ffprobe counts in what `arguments` name; nothing where it cannot be read."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-show_entries",
         "stream=nb_read_frames", "-of", "csv=p=0", *arguments],
        capture_output=True, text=True, timeout=seconds)
    counts = [word for word in re.split(r"[\s,]+", done.stdout) if word.isdigit()]
    return int(counts[0]) if done.returncode == 0 and counts else 0  # twice, where there is a program


def pictures(page, counter="frames_total"):
    """How many have come as far as the server of a page, where sound counts too; or "keyframes_total"."""
    with urllib.request.urlopen(urllib.parse.urljoin(page, "/metrics"), timeout=180) as answer:
        found = re.search(rf"^\w*_{counter}\{{[^}}]*\}} (\d+)", answer.read().decode(), re.M)
    return int(found.group(1)) if found else 0


def is_free(port):
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        try:
            stream.bind(("127.0.0.1", port))
            datagrams.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


# The system hands out those above by itself: one of them may be somebody's before it is used.
_ports = itertools.count(20000 + os.getpid() % 10000)


def free_port():
    return next(port for port in _ports if is_free(port))


def until(what, saying=lambda: "", seconds=PATIENCE):
    """Asks again and again; returns what is true at last."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < end, f"it never came true. {saying()}"
        time.sleep(0.3)


def run_tests(tests):
    """Runs each function, prints one line for each, and exits non-zero if one failed."""
    failed = 0
    for test in tests:
        started = time.monotonic()
        try:
            test()
            print(f"ok      {test.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
        except Exception as error:  # whatever it was, the other tests are still worth running
            failed += 1
            print(f"FAILED  {test.__name__}: {error}", flush=True)
    sys.exit(1 if failed else 0)
