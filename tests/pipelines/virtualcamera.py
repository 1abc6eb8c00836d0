"""The virtual camera as a program: what it prints, who can watch it, how it ends."""

import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import urllib.parse

from harness import Program, program, run_tests, until

CAMERA = os.environ["VIRTUAL_CAMERA"]
SMALL = ["--width", "640", "--height", "360", "--fps", "10", "--no-discovery"]


def ready(camera):
    """The addresses of the ready line, by name."""
    line = camera.wait_for(r"^ready (onvif=.*)$").group(1)
    return dict(part.split("=", 1) for part in line.split(" "))


def ask(url, operation, header=None):
    """The body of the answer to a call of the device service, or a header of it."""
    where = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=180)
    connection.request("POST", where.path, "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'>"
                       f"<e:Body><{operation}/></e:Body></e:Envelope>")
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.headers[header] if header else text


def ffprobe(url, transport):
    return subprocess.run(
        ["ffprobe", "-v", "error", "-rtsp_transport", transport, "-show_entries",
         "stream=codec_name,profile,width,height,has_b_frames", "-of", "compact=p=0", url],
        capture_output=True, text=True, timeout=180, check=False)


def ffprobe_reads_every_stream():
    for audio, codec in (("aac", "aac"), ("pcmu", "pcm_mulaw"), ("none", None)):
        with program(CAMERA, *SMALL, "--audio", audio) as camera:
            where = ready(camera)
            for url, transport in ((where["rtsp"], "tcp"), (where["rtsp-sub"], "udp")):
                seen = ffprobe(url, transport)
                assert seen.returncode == 0, seen.stderr
                assert "codec_name=h264|profile=Constrained Baseline|width=640|height=360|has_b_frames=0" \
                    in seen.stdout, seen.stdout
                assert (f"codec_name={codec}" in seen.stdout) == (codec is not None), seen.stdout
                # Metadata is a track too, but FFmpeg knows no codec for it.
                known = [line for line in seen.stdout.splitlines() if line and not line.startswith("codec_name=unknown")]
                assert len(known) == (1 if codec is None else 2), seen.stdout


def ends_cleanly_while_watched():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with program(CAMERA, *SMALL) as camera:
            url = ready(camera)["rtsp"]
            with program("ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url,
                         "-f", "null", "-progress", "pipe:1", "-") as viewer:
                viewer.wait_for(r"^frame=[1-9]")
                camera.process.send_signal(number)
                assert camera.finish() == 0, camera.output
                viewer.finish()


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return "State:\tZ" in file.read()
    except (FileNotFoundError, ProcessLookupError):
        return True


def ends_with_its_parent():
    with program("sh", "-c", f"{CAMERA} {' '.join(SMALL)} --die-with-parent & echo pid=$!; kill -STOP $$") as shell:
        pid = int(shell.wait_for(r"^pid=(\d+)").group(1))
        ready(shell)
        shell.process.kill()
        try:
            until(lambda: is_gone(pid), lambda: "It outlived its parent.")
        except AssertionError:
            os.kill(pid, signal.SIGKILL)
            raise


def tells_what_is_wrong():
    with program(CAMERA, *SMALL) as first:
        port = re.search(r":(\d+)/", ready(first)["onvif"]).group(1)
        for arguments, words in (
            (["--port", port], "another port"),
            (["--rtsp-port", port], "another port"),
            (["--address", "192.0.2.77"], "one of this machine's"),
            (["--address", "nowhere"], "IP address"),
            (["--colour"], "--help"),
            (["--auth", "both"], "--password"),
            (["--ill", "hiccups"], "clock-skew"),
            (["--record", "/nowhere/requests"], "/nowhere/requests"),
            (["--fps", "1000"], "from 1 to 60"),
            (["/nowhere/clip.mp4"], "/nowhere/clip.mp4"),
            ([__file__], "cannot be shown"),
        ):
            camera = Program([CAMERA, *arguments, "--password", "s3cret" if arguments != ["--auth", "both"] else ""])
            assert camera.finish() == 1, f"{arguments}: {camera.output}"
            assert words in camera.output and "s3cret" not in camera.output, camera.output


def obeys():
    """Commands on standard input: each gets one line back, and the camera does what it says."""
    with tempfile.TemporaryDirectory() as folder:
        record = os.path.join(folder, "requests")
        camera = subprocess.Popen([CAMERA, *SMALL, "--quiet", "--control", "--record", record,
                                   "--ill", "hang-up-unknown"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            where = re.search(r"onvif=(\S+)", camera.stdout.readline()).group(1)

            def tell(line):
                camera.stdin.write(line + "\n")
                camera.stdin.flush()
                return camera.stdout.readline().strip()

            assert "ill NAME[=VALUE]" in tell("help")
            assert tell("nonsense").startswith("error ")
            assert tell("ill hiccups").startswith("error There is no ill")
            assert tell("ill wrong-xaddr=elsewhere.example") == "ok"
            services = ask(where, "GetServices")
            assert "http://elsewhere.example:" in services, services
            assert tell("cure wrong-xaddr") == "ok"
            assert "http://127.0.0.1:" in ask(where, "GetServices")
            try:
                ask(where, "MakeCoffee")
                raise AssertionError("an answer came")
            except http.client.RemoteDisconnected:
                pass
            assert tell("ill redirect=http://elsewhere.example/") == "ok"
            assert "elsewhere.example" in ask(where, "GetServices", header="Location")
            assert tell("cure redirect") == "ok" and tell("bye") == "ok"
            assert tell("quit") == "ok"
            assert camera.wait(180) == 0
        finally:
            camera.kill()
            camera.communicate()
        notes = [json.loads(line) for line in open(record, encoding="utf-8")]
        assert [note["operation"] for note in notes] == ["GetServices", "GetServices", "MakeCoffee", ""], notes
        assert "<MakeCoffee" in notes[2]["body"] and notes[2]["proof"] == "none"
        assert ["Content-Length", str(len(notes[2]["body"]))] in notes[2]["headers"]
        assert os.stat(record).st_mode & 0o077 == 0


def ends_with_its_input():
    camera = subprocess.Popen([CAMERA, *SMALL, "--quiet", "--control"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert camera.stdout.readline().startswith("ready ")
        camera.stdin.close()
        assert camera.wait(180) == 0
    finally:
        camera.kill()
        camera.wait()
        camera.stdout.close()


def helps():
    for option, words in (("--help", "usage: virtual-camera"), ("--version", "virtual-camera 0")):
        camera = Program([CAMERA, option])
        assert camera.finish() == 0 and words in camera.output, camera.output


run_tests([ffprobe_reads_every_stream, ends_cleanly_while_watched, ends_with_its_parent,
           tells_what_is_wrong, obeys, ends_with_its_input, helps])
