"""RTMP out and in, by way of nginx, with ffmpeg at the other end."""

import contextlib
import json
import os
import subprocess
import tempfile
import urllib.request

from harness import SHAPES, free_port, launch, program, run_tests, until, virtual_camera

MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
CONFIGURATION = """
load_module {module};
daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{}}
rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""


@contextlib.contextmanager
def nginx(port):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(module=MODULE, folder=folder, port=port))
        with program("nginx", "-p", folder, "-c", path) as server:
            yield server


def streams_at(url):
    done = subprocess.run(["ffprobe", "-v", "error", "-rw_timeout", "10000000", "-show_entries",
                           "stream=codec_name", "-of", "csv=p=0", url],
                          capture_output=True, text=True, timeout=180)
    return set(done.stdout.split())


def plays(url, frames=25):
    done = subprocess.run(["ffmpeg", "-v", "error", "-rw_timeout", "10000000", "-i", url, "-map",
                           "0:v", "-frames:v", str(frames), "-f", "null", "-"],
                          capture_output=True, text=True, timeout=180)
    return done.returncode == 0


def camera_to_rtmp():
    """The server is not there, comes, dies, and comes back; the camera's pipeline goes on."""
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/k3y!"
    with virtual_camera("--width", "320", "--height", "240") as location, launch(
            "camera-to-rtmp.launch", LOCATION=location, MODEL=SHAPES, RTMP=url) as running:
        running.wait_for("rtmp: not connected")
        for visit in (1, 2):
            with nginx(port) as server:
                until(lambda: running.output.count("rtmp: connected") >= visit,
                      lambda: running.output + server.output)
                until(lambda: streams_at(url) == {"h264", "aac"},
                      lambda: running.output + server.output)
                until(lambda: plays(url), lambda: running.output + server.output)
        assert running.stop() == 0, running.output
        assert "k3y" not in running.output, running.output


def published_to_browser(sound, codecs):
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/test"
    tone = ["-re", "-f", "lavfi", "-i", "sine", "-c:a", "aac"] if sound else []
    with nginx(port) as server:
        publish = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25",
                   *tone, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25",
                   "-pix_fmt", "yuv420p", "-f", "flv", url]
        with program(*publish):
            until(lambda: "h264" in streams_at(url), lambda: server.output)
            with launch("rtmp-to-browser.launch", RTMP=url, PORT=0) as running:
                page = running.wait_for(r"^Open (\S+)").group(1)
                until(lambda: (live(page) or {}).get("codecs") == codecs, lambda: running.output)
                assert running.stop() == 0, running.output


def rtmp_to_browser():
    published_to_browser(True, ["H264", "OPUS"])


def rtmp_to_browser_silently():
    published_to_browser(False, ["H264"])


def live(page):
    with urllib.request.urlopen(page + "status", timeout=180) as answer:
        status = json.load(answer)
    return status if status["live"] else None


if __name__ == "__main__":
    run_tests([camera_to_rtmp, rtmp_to_browser, rtmp_to_browser_silently])
