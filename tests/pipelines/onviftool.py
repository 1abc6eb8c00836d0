"""onvif-tool as a user runs it, against the virtual camera: what it prints, writes and returns."""

import json
import os
import subprocess
import tempfile

from harness import BUILD, program, run_tests, until, virtual_camera

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
    ran = subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=180, env=env,
                         start_new_session=True, check=False)
    said = f"{ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    assert ran.returncode == status, f"{arguments}: {said}"
    assert PASSWORD not in said, said
    return ran.stdout if status == 0 else ran.stderr


def result(*arguments):
    return json.loads(tool(*arguments, "--json"))


def said_by_discovery(*arguments):
    """It waits for answers no longer than a second or two, which a camera on a busy machine may miss."""
    ran = subprocess.run([TOOL, "discover", *arguments], capture_output=True, text=True, timeout=180, check=False)
    assert ran.returncode in (0, 3), ran
    return ran.stdout


def finds_the_camera():
    with virtual_camera(*SMALL, "--interfaces", "lo", "--name", "Tor 1") as camera:
        said = until(lambda: said_by_discovery("--interfaces", "lo", "--json"))
        found = json.loads(said)["cameras"]
        assert [c for c in found if c["address"] == camera and c["name"] == "Tor 1"], found
        until(lambda: camera in said_by_discovery("127.0.0.1"))


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
                               timeout=180, env={**os.environ, "ONVIF_PASSWORD": PASSWORD}, check=True)
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


def steers_the_head():
    with virtual_camera(*QUIET, "--ill", "ptz-no-stop") as camera:
        assert result("ptz", camera)["home"] is True
        tool("ptz", camera, "to", "0.05", "-", "0.1")
        until(lambda: result("ptz", camera, "status")["moving"] is False)
        now = result("ptz", camera, "status")
        assert abs(now["pan"] - 0.05) < 0.001 and abs(now["zoom"] - 0.1) < 0.001, now
        token = result("ptz", camera, "set", "Door")["token"]
        presets = result("ptz", camera, "presets")["presets"]
        assert [p for p in presets if p["token"] == token and p["name"] == "Door"], presets
        tool("ptz", camera, "move", "-1", "0", "0", "--for", "60")
        tool("ptz", camera, "stop")
        assert result("ptz", camera, "status")["moving"] is False
        tool("ptz", camera, "move", "-0.5", "0", "0", "--for", "0.1")  # less than the camera allows
        assert result("ptz", camera, "status")["moving"] is False
        tool("ptz", camera, "goto", "door", "--speed", "1")
        tool("ptz", camera, "remove", "door")
        assert "it has:" in tool("ptz", camera, "goto", "door", status=3)


def adjusts_the_picture():
    with virtual_camera(*QUIET) as camera:
        tool("imaging", camera, "brightness=70", "ir-cut=off", "focus=manual")
        tool("imaging", camera, "focus-speed=0.5")
        now = result("imaging", camera)
        assert (now["brightness"], now["ir-cut"], now["focus"]) == (70, "off", "manual"), now
        assert now["can-be"]["brightness"] == {"min": 0, "max": 100}, now
        assert "it takes:" in tool("imaging", camera, "ir-cut=purple", status=2)


def switches_and_listens():
    with virtual_camera(*QUIET, "--no-motion", "--auth", "digest", "--password", PASSWORD) as camera, \
            program(TOOL, "events", camera, "--user", "admin", "--json",
                    env={"ONVIF_PASSWORD": PASSWORD}) as listener:
        listener.wait_for(r'"kind":"relay","active":false')
        token = result("relay", camera, "--user", "admin")["relays"][0]["token"]
        tool("relay", camera, token, "on", "--user", "admin")
        told = json.loads(listener.wait_for(r'^(.*"kind":"relay","active":true.*)$').group(1))
        assert told["source"]["RelayToken"] == token, told
        assert listener.stop() == 0, listener.output
        few = tool("events", camera, "--user", "admin", "--count", "2").splitlines()
        assert len(few) == 2, few


def restarts_the_camera():
    def there():
        asked = subprocess.run([TOOL, "info", camera], capture_output=True, timeout=180, check=False)
        assert asked.returncode in (0, 3), asked
        return asked.returncode == 0

    with virtual_camera(*QUIET, "--reboot-time", "5000") as camera:
        assert there()
        assert "message: " in tool("reboot", camera)
        until(lambda: not there())
        until(there)


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
           takes_the_password_where_it_can, steers_the_head, adjusts_the_picture,
           switches_and_listens, restarts_the_camera, tells_what_is_wrong])
