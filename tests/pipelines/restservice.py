"""examples/fastapi from outside: as an HTTP client, on its WebSocket, and with cameras that come and go."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

from harness import SHAPES, SKIP, SOURCE, free_port, program, run_tests, until, virtual_camera

PYTHON = "/usr/bin/python3"  # the one that Debian's packages are for
LISTENER = """
import asyncio, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1], **eval(sys.argv[3])) as socket:
        for _ in range(int(sys.argv[2])):
            print(await socket.recv(), flush=True)
        await asyncio.sleep(0.1)
asyncio.run(main())
"""


@contextlib.contextmanager
def service():
    """Yields its address and the program."""
    port = free_port()
    command = [PYTHON, "-B", os.path.join(SOURCE, "examples", "fastapi", "service.py")]
    with program(*command, env={"MODEL": SHAPES, "PORT": str(port), "PAGES": str(free_port())}) as running:
        running.wait_for("Uvicorn running")
        yield f"http://127.0.0.1:{port}", running
        running.stop()
        assert "Traceback" not in running.output and "CRITICAL" not in running.output, running.output


def ask(method, url, body=None, headers=None):
    """The status and what was answered."""
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None,
                                     {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=180) as answer:
            text, status = answer.read(), answer.status
    except urllib.error.HTTPError as refusal:
        text, status = refusal.read(), refusal.code
    return status, json.loads(text) if text.startswith((b"{", b"[")) else text.decode()


def listen(base, name, frames, **options):
    return [PYTHON, "-c", LISTENER, f"{base.replace('http', 'ws')}/cameras/{name}/detections", str(frames),
            repr(options)]


def states(base):
    return {camera["name"]: camera for camera in ask("GET", base + "/cameras")[1]}


def cameras_start_are_watched_and_stop():
    with virtual_camera("--no-discovery", "--width", "640", "--height", "360") as location, \
            service() as (base, running):
        order = {"name": "yard", "location": location, "user_id": "anna", "user_pw": "s3cret"}
        assert ask("POST", base + "/cameras", order)[0] == 201
        assert ask("POST", base + "/cameras", {"name": "gate", "location": location})[0] == 201
        assert ask("POST", base + "/cameras", order)[0] == 409
        for name in ("yard", "gate"):
            until(lambda: states(base)[name]["state"] == "live" and states(base)[name]["page"],
                  lambda: f"{states(base)} {running.output}")
        with urllib.request.urlopen(states(base)["yard"]["page"], timeout=180) as page:
            assert b"<video" in page.read()
        found = subprocess.run(listen(base, "yard", 60), capture_output=True, text=True, timeout=180)
        assert found.returncode == 0, found.stderr
        frames = [json.loads(line) for line in found.stdout.splitlines()]
        assert [f["time"] for f in frames] == sorted(f["time"] for f in frames)
        objects = [thing for frame in frames for thing in frame["objects"]]
        assert {"circle", "square", "triangle"} >= {o["label"] for o in objects} != set(), objects
        assert all(0 <= o["x"] and o["x"] + o["width"] <= 640 and 0 < o["confidence"] <= 1 for o in objects)
        foreign = subprocess.run(listen(base, "yard", 1, origin="http://evil.example"), capture_output=True,
                                 text=True, timeout=180)
        assert foreign.returncode != 0 and "403" in foreign.stderr, foreign
        # Whoever listens is told the end; the other camera goes on.
        with program(*listen(base, "yard", 10000)) as listener:
            listener.wait_for('"time"')
            assert ask("DELETE", base + "/cameras/yard")[0] == 204
            listener.wait_for("ConnectionClosed")
        assert list(states(base)) == ["gate"]
        before = states(base)["gate"]["frames"]
        until(lambda: states(base)["gate"]["frames"] > before)
        assert "s3cret" not in json.dumps(states(base)) + running.output


def a_camera_that_is_not_there():
    with service() as (base, running):
        order = {"name": "away", "location": f"onvif://127.0.0.1:{free_port()}"}
        assert ask("POST", base + "/cameras", order)[0] == 201
        away = until(lambda: states(base)["away"]["problem"] and states(base)["away"])
        assert away["state"] in ("offline", "failed"), away
        assert ask("DELETE", base + "/cameras/away")[0] == 204
        assert states(base) == {}, running.output


def what_does_not_fit_is_refused():
    with service() as (base, _):
        for order in ({}, {"name": "A B", "location": "onvif://x"}, {"name": "x", "location": "file:///etc"},
                      {"name": "x", "location": "onvif://" + "x" * 600}, [], {"name": "../x", "location": "onvif://x"}):
            assert ask("POST", base + "/cameras", order)[0] == 422, order
        assert ask("DELETE", base + "/cameras/nobody")[0] == 404
        # Another site, by a name that it made to point here.
        assert ask("GET", base + "/cameras", headers={"Host": "evil.example"})[0] == 400
        done = subprocess.run(listen(base, "nobody", 1), capture_output=True, text=True, timeout=180)
        assert done.returncode != 0 and "403" in done.stderr, done


def every_call_is_documented():
    with service() as (base, _):
        status, schema = ask("GET", base + "/openapi.json")
        assert status == 200
        assert {path: set(calls) for path, calls in schema["paths"].items()} == {
            "/cameras": {"get", "post"}, "/cameras/{name}": {"delete"}}, schema["paths"]


if __name__ == "__main__":
    wanted = "import fastapi, uvicorn, websockets, gi; gi.require_version('GstVideo', '1.0')"
    if subprocess.run([PYTHON, "-c", wanted], capture_output=True).returncode:
        print("skipped: install python3-fastapi, python3-uvicorn, python3-websockets, python3-gi")
        sys.exit(SKIP)
    run_tests([cameras_start_are_watched_and_stop, a_camera_that_is_not_there, what_does_not_fit_is_refused,
               every_call_is_documented])
