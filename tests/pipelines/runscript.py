"""pipelines/run as somebody types it: mistakes, a port that is taken, and open to the network with a login."""

import base64
import os
import ssl
import stat
import subprocess
import tempfile
import urllib.error
import urllib.request

from harness import BUILD, SHAPES, SOURCE, free_port, program, run_tests, until, virtual_camera

RUN = os.path.join(SOURCE, "pipelines", "run")


def running(*arguments, **settings):
    return program(RUN, *arguments, env={"BUILD_DIR": BUILD, "MODEL": "", "LOCATION": "", **settings})


def says(*arguments):
    """Exit status and all that is printed; the folder is not the project's."""
    done = subprocess.run([RUN, *arguments], cwd="/", env={**os.environ, "BUILD_DIR": BUILD},
                          capture_output=True, text=True, timeout=180)
    return done.returncode, done.stdout + done.stderr


def mistakes_are_told():
    for arguments, words in (
            (["--bogus"], "There is no option '--bogus'"),
            (["PRT=80"], "has no setting 'PRT'"),
            (["PORT=80", "onvif://camera"], "has no setting 'onvif://camera'"),
            (["camera-to-browsr"], "There is no launch file 'camera-to-browsr'"),
            (["camera-to-browser", "LOCTION=x"], "has no setting LOCTION"),
            (["--share", "camera-to-files", "FOLDER=/tmp"], "nothing to open")):
        status, text = says(*arguments)
        assert status != 0 and words in text, f"{arguments}: {status}\n{text}"
    status, text = says("--help")
    assert status == 0 and "--share" in text, text
    status, text = says("--list")
    assert status == 0 and "camera-to-browser " in text, text


def a_taken_port_is_told():
    port = str(free_port())
    with virtual_camera() as location, running("camera-to-browser", LOCATION=location, PORT=port) as first:
        first.wait_for("^Open http://127.0.0.1:")
        first.wait_for("on this computer only")
        with running("camera-to-browser", LOCATION=location, PORT=port) as second:
            assert second.finish() != 0
            assert "already listens" in second.output and "another port" in second.output, second.output
        assert first.stop() in (0, 130), first.output


def what_is_found_and_waited_for_is_told():
    """All that answer are named, and the address of the page comes with what it waits for."""
    def camera(name):
        return virtual_camera("--interfaces", "lo", "--name", name, "--width", "320", "--height", "240")
    with camera("Front door"), camera("Yard"), running(
            PORT="0", MODEL=SHAPES, ONVIF_INTERFACES="lo", ONVIF_WAIT="10000") as pipeline:
        page = pipeline.wait_for(r"^Open http://127.0.0.1:.*")
        address, name = pipeline.wait_for(r"^Found (http://\S+)  (Front door|Yard)$").groups()
        other = pipeline.wait_for(r"^  (http://\S+)  (Front door|Yard)$").group(2)
        assert {name, other} == {"Front door", "Yard"}, pipeline.output
        lines = pipeline.lines
        assert lines.index(f"camera: waiting for the camera at {address}.") < lines.index(page.string), pipeline.output
        pipeline.stop()


def asked(url, login=None):
    request = urllib.request.Request(url)
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, timeout=180, context=anybody) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def shared_with_a_login():
    with tempfile.TemporaryDirectory() as home, virtual_camera() as location:
        passwords = []
        for _ in range(2):
            with running("--share", "camera-to-browser", LOCATION=location, PORT="0", HOME=home,
                         XDG_DATA_HOME="") as pipeline:
                url = pipeline.wait_for(r"^Open (https://\S+)").group(1)
                assert "127.0.0.1" not in url, url
                passwords.append(pipeline.wait_for(r"Log in as camera with the password (\S+),").group(1))
                until(lambda: asked(url, f"camera:{passwords[-1]}") == 200, lambda: pipeline.output)
                assert asked(url) == 401
                assert asked(url, "camera:aaaa-bbbb-cccc") == 401
                assert "Everybody in the network" not in pipeline.output, pipeline.output
                assert pipeline.stop() in (0, 130), pipeline.output
        assert passwords[0] == passwords[1] and len(passwords[0]) == 14, passwords
        login = os.path.join(home, ".local", "share", "video-stream", "login")
        assert stat.S_IMODE(os.stat(login).st_mode) == 0o600


if __name__ == "__main__":
    run_tests([mistakes_are_told, a_taken_port_is_told, what_is_found_and_waited_for_is_told, shared_with_a_login])
