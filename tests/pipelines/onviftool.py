"""onvif-tool as a user runs it, against the virtual camera: what it prints, writes and returns."""

import json
import os
import subprocess
import tempfile

from harness import BUILD, run_tests, virtual_camera

TOOL = os.path.join(BUILD, "plugins", "onvif", "tool", "onvif-tool")
PASSWORD = "s3cret"
SMALL = ["--width", "320", "--height", "240", "--fps", "5"]
QUIET = [*SMALL, "--no-discovery"]


def tool(*arguments, status=0, password=PASSWORD):
    """What it printed; the password is in its environment, and never in what it says."""
    env = {**os.environ, "ONVIF_PASSWORD": password}
    if password is None:
        del env["ONVIF_PASSWORD"]
    # A session of its own has no terminal to ask for a password at.
    ran = subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=120, env=env,
                         start_new_session=True, check=False)
    said = f"{ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    assert ran.returncode == status, f"{arguments}: {said}"
    assert PASSWORD not in said, said
    return ran.stdout if status == 0 else ran.stderr


def result(*arguments):
    return json.loads(tool(*arguments, "--json"))


def finds_the_camera():
    with virtual_camera(*SMALL, "--interfaces", "lo", "--name", "Tor 1") as camera:
        found = result("discover", "--interfaces", "lo")["cameras"]
        assert [c for c in found if c["address"] == camera and c["name"] == "Tor 1"], found
        assert camera in tool("discover", "127.0.0.1"), "not found by its address"


def tells_what_it_is():
    for mode in ("none", "digest", "wsse", "digest-sha256"):
        with virtual_camera(*QUIET, "--auth", mode, "--password", PASSWORD) as camera:
            info = result("info", camera, "--user", "admin")
            assert info["model"] and info["address"] == camera, info
            assert (mode == "none") == (info["authentication"] == "none"), info


def names_streams_and_their_addresses():
    with virtual_camera(*QUIET) as camera:
        profiles = result("profiles", camera)["profiles"]
        assert [p["token"] for p in profiles] == ["main", "sub"], profiles
        assert profiles[0]["width"] == 320 and profiles[0]["encoding"] == "H264", profiles
        uri = tool("uri", camera, "--profile", "sub").strip()
        assert uri.startswith("rtsp://127.0.0.1:") and uri.endswith("/sub"), uri
        assert "sub" in tool("uri", camera, "--profile", "nosuch", status=3)


def takes_a_picture():
    with virtual_camera(*QUIET, "--auth", "digest", "--password", PASSWORD) as camera, \
            tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "picture.jpg")
        told = result("snapshot", camera, path, "--user", "admin")
        with open(path, "rb") as file:
            written = file.read()
        assert told["width"] == 320 and told["bytes"] == len(written), told
        assert written[:3] == b"\xff\xd8\xff" and written[-2:] == b"\xff\xd9"
        piped = subprocess.run([TOOL, "snapshot", camera, "--user", "admin"], capture_output=True,
                               timeout=60, env={**os.environ, "ONVIF_PASSWORD": PASSWORD}, check=True)
        assert piped.stdout[:3] == b"\xff\xd8\xff", piped.stderr
        assert "cannot be written" in tool("snapshot", camera, "/nowhere/x.jpg", "--user", "admin", status=2)


def takes_the_password_where_it_can():
    with virtual_camera(*QUIET, "--auth", "digest", "--password", PASSWORD) as camera, \
            tempfile.NamedTemporaryFile("w") as file:
        file.write(PASSWORD + "\n")
        file.flush()
        tool("profiles", camera, "--user", "admin", "--password-file", file.name, password=None)
        assert "ONVIF_PASSWORD" in tool("info", camera, "--user", "admin", password=None, status=2)
        assert "--user" in tool("profiles", camera, password=None, status=4)
        assert "refused" in tool("profiles", camera, "--user", "admin", password="wrong", status=4)


def tells_what_is_wrong():
    for arguments, words, status in (
        ([], "Say what to do", 2),
        (["dance"], "no command 'dance'", 2),
        (["info"], "wants a camera", 2),
        (["info", "rtsp://127.0.0.1/x"], "rtspsrc", 2),
        (["info", f"http://a:{PASSWORD}@127.0.0.1:1/"], "on and reachable", 3),
        (["uri", "127.0.0.1", "--transport", "pigeon"], "--transport is", 2),
        (["ptz", "127.0.0.1", "dance"], "does not know 'dance'", 2),
        (["imaging", "127.0.0.1", "hue=1"], "does not know 'hue=1'", 2),
    ):
        said = tool(*arguments, status=status)
        assert words in said, said
    assert "usage: onvif-tool" in tool("--help")
    assert tool("--version").startswith("onvif-tool 0")


run_tests([finds_the_camera, tells_what_it_is, names_streams_and_their_addresses, takes_a_picture,
           takes_the_password_where_it_can, tells_what_is_wrong])
