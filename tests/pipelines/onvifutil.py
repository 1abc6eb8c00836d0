"""A client that nobody here wrote finds the virtual camera and works it: Debian's onvif-util (libonvif).

It closes its ears to multicast from its own machine, so the camera gets a network of its own at the other
end of a cable. It makes the same nonce twice within a second and is refused then, rightly: only what it
asks first is asked with a login."""

import contextlib
import os
import re
import shutil
import subprocess
import sys

from harness import SKIP, Program, run_tests, until

CAMERA = os.environ["VIRTUAL_CAMERA"]
ADDRESS = "10.77.0.2"
PASSWORD = "a secret"


def prepare():
    """Whether this test has the network that tests/support/own-network makes, and the client."""
    if not shutil.which("onvif-util"):
        skip("onvif-util is not here: apt-get install onvif-tools")
    if subprocess.run(["ip", "link", "show", "outer"], capture_output=True, check=False).returncode:
        skip("network namespaces are not allowed here")
    # It looks for its own address where the way out of the machine would be.
    subprocess.run(["ip", "route", "replace", "default", "dev", "inner"], check=True)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIP)


@contextlib.contextmanager
def camera(*options):
    """The camera behind the cable; the cable's end comes back when it is gone."""
    script = ("ip link set lo up; until ip addr add " + ADDRESS + "/24 dev outer 2>/dev/null; do sleep 0.1; done; "
              "ip link set outer up; exec \"$@\"")
    started = Program(["unshare", "--net", "sh", "-c", script, "camera", CAMERA, "--address", ADDRESS, "--port", "80",
                       "--interfaces", "outer", "--width", "640", "--height", "360", "--fps", "10", "--no-motion",
                       "--name", "Gate", "--quiet", *options], env={"VIRTUAL_CAMERA_PASSWORD": PASSWORD})
    try:
        ours = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{started.process.pid}/ns/net") != ours, lambda: started.output)
        subprocess.run(["ip", "link", "set", "outer", "netns", str(started.process.pid)], check=True)
        started.wait_for(r"^ready ")
        yield
    finally:
        started.process.terminate()
        started.finish()
        # With its network went our cable.
        subprocess.run(["ip", "link", "del", "inner"], capture_output=True, check=False)
        subprocess.run("ip link add inner type veth peer name outer && ip addr add 10.77.0.1/24 dev inner && "
                       "ip link set inner up && ip route replace default dev inner", shell=True, check=True)


def util(*arguments, commands=()):
    """What onvif-util says to these commands. Its patience with an answer to its probe is half a second, so
    it may try again."""
    def said():
        done = subprocess.run(["onvif-util", *arguments], input="".join(f"{line}\n" for line in commands),
                              capture_output=True, text=True, timeout=180, check=False)
        return done.stdout if ADDRESS in done.stdout and done.returncode == 0 else None
    return until(said, lambda: "It never found the camera.")


def finds_and_works_it():
    with camera():
        found = util("-a")
        assert re.search(rf"^{ADDRESS} .*\(Gate ", found, re.M), found
        said = util("-u", "admin", "-p", PASSWORD, ADDRESS, commands=[
            "get time", "get profiles", "get rtsp", "get video", "set brightness 61", "get imaging", "get network", "quit"])
        # Another second may have begun between the two clocks' readings.
        assert re.search(r"Time Offset: (0|-?1) seconds", said), said
        for words in ("Token 0: main", "Token 1: sub", f"rtsp://{ADDRESS}:", "640 x 360",
                      "Brightness: 61", f"IP Address: {ADDRESS}"):
            assert words in said, f"{words}: {said}"
        assert "ERROR" not in said, said


def logs_in():
    for mode in ("wsse", "both"):
        with camera("--auth", mode):
            said = util("-u", "admin", "-p", PASSWORD, ADDRESS, commands=["quit"])
            assert "successfully connected" in said and "Gate" in said, said


prepare()
run_tests([finds_and_works_it, logs_in])
