"""In from a camera that speaks MJPEG only: ours plays it, and one that nobody here wrote, ffmpeg's."""

import contextlib
import http.server
import json
import re
import threading
import urllib.request

from harness import SHAPES, free_port, launch, program, run_tests, until, virtual_camera


def status(page):
    with urllib.request.urlopen(page + "status", timeout=180) as answer:
        return json.load(answer)


def is_shown(url):
    with launch("mjpeg-to-browser.launch", URL=url, MODEL=SHAPES, PORT=0) as running:
        page = running.wait_for(r"^Open (\S+)").group(1)
        until(lambda: status(page)["live"], lambda: running.output)
        assert status(page)["codecs"] == ["VP9"], status(page)
        assert running.stop() == 0, running.output


def mjpeg_to_browser():
    with virtual_camera("--no-discovery", "--width", "320", "--height", "240") as location, launch(
            "camera-to-mjpeg.launch", PORT=0, LOCATION=location, MODEL=SHAPES) as camera:
        is_shown(camera.wait_for(r"^Open (\S+/mjpeg)").group(1))


def a_camera_that_ffmpeg_plays():
    """It serves one visitor, with its own boundary and without sizes in the headers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/video"
    with program("ffmpeg", "-nostdin", "-v", "info", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-c:v", "mjpeg",
                 "-f", "mpjpeg", "-content_type", "multipart/x-mixed-replace;boundary=ffmpeg", "-listen", "1",
                 url) as camera:
        camera.wait_for("Input #0")
        is_shown(url)
        camera.process.kill()


class Strange(http.server.BaseHTTPRequestHandler):
    """A page instead of a picture; and a door that nobody has the key of."""

    def do_GET(self):
        self.send_response(401 if self.path == "/locked" else 200)
        self.send_header("WWW-Authenticate", 'Basic realm="camera"')
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Welcome</h1>")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def strange_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def asked(url):
    return launch("mjpeg-to-browser.launch", URL=url, MODEL=SHAPES, PORT=0, HTTP_USER="anna", HTTP_PASSWORD="s3cret")


def what_is_wrong_is_said():
    """No camera there, and a page instead of a picture: it says so, and goes on trying."""
    with strange_server() as server:
        for url, why in ((f"http://127.0.0.1:{free_port()}/x", "http://127.0.0.1:.+ cannot be reached; check"),
                         (server, "what comes is nothing that this branch can read; check")):
            with asked(url) as running:
                running.wait_for(rf"^camera: not connected \({why}.+\)\. It will be tried again")
                assert running.stop() == 0, running.output
                assert "s3cret" not in running.output, running.output


def a_wrong_password_ends_it():
    with strange_server() as server, asked(server + "/locked") as running:
        assert running.finish() != 0
        assert re.search("Error from camera: .*user and password", running.output), running.output
        assert "s3cret" not in running.output, running.output


if __name__ == "__main__":
    run_tests([mjpeg_to_browser, a_camera_that_ffmpeg_plays, what_is_wrong_is_said, a_wrong_password_ends_it])
