"""RTSP out, to programs that nobody here wrote."""

import json
import os
import re
import subprocess

from harness import SHAPES, launch, program, run_tests, until, virtual_camera

SERVER = ["gst-launch-1.0", "-m", "videotestsrc", "is-live=true", "!",
          "video/x-raw,format=I420,width=320,height=240,framerate=25/1", "!",
          "x264enc", "tune=zerolatency", "key-int-max=500", "!", "h264parse", "!",
          "rtspserversink", "name=s", "port=0", "path=yard",
          "audiotestsrc", "is-live=true", "!", "opusenc", "!", "s."]


def url_of(running):
    return running.wait_for(r'rtspserversink-ready.*url=\(string\)"?([^\s";]+)').group(1)


def tried(arguments, unharmed=lambda done: True):
    """A server that has no picture yet says 503: players try again, and so does this."""
    last = []

    def run():
        last[:] = [subprocess.run(arguments, capture_output=True, text=True, timeout=180)]
        return last[0].returncode == 0 and unharmed(last[0])
    until(run, lambda: f"{arguments[0]}: {last[0].stderr}")
    return last[0]


def is_clean(done):
    return not re.search("corrupt|error|missed", done.stderr, re.I)


def ffmpeg_plays(url, transport, frames=40):
    """Without a fault; by UDP a busy machine may lose a packet, and not each time."""
    done = tried(["ffmpeg", "-loglevel", "warning", "-rtsp_transport", transport, "-i", url,
                  "-map", "0:v", "-frames:v", str(frames), "-f", "null", "-"],
                 is_clean if transport == "udp" else lambda done: True)
    assert is_clean(done), done.stderr


def ffmpeg_over_tcp_and_udp():
    with program(*SERVER) as server:
        url = url_of(server)
        for transport in ("tcp", "udp"):
            ffmpeg_plays(url, transport)


def ffprobe_sees_picture_and_sound():
    with program(*SERVER) as server:
        done = tried(["ffprobe", "-v", "error", "-show_streams", "-of", "json", url_of(server)])
        streams = {s["codec_type"]: s["codec_name"] for s in json.loads(done.stdout)["streams"]}
        assert streams == {"video": "h264", "audio": "opus"}, streams


def camera_to_rtsp_with_boxes():
    password = {"RTSP_USER": "anna", "RTSP_PASSWORD": "s3cret"}
    with virtual_camera() as location:
        with launch("camera-to-rtsp-with-boxes.launch", PORT=0, LOCATION=location, MODEL=SHAPES,
                    **password) as running:
            url = running.wait_for(r"^Watch (rtsp://\S+)").group(1)
            ffmpeg_plays(url.replace("rtsp://", "rtsp://anna:s3cret@"), "tcp", 20)
            refused = subprocess.run(["ffprobe", "-v", "error", url], capture_output=True, text=True,
                                     timeout=180)
            assert refused.returncode != 0 and "401" in refused.stderr, refused.stderr
            assert running.stop() == 0, running.output
            assert "s3cret" not in running.output


if __name__ == "__main__":
    run_tests([
        ffmpeg_over_tcp_and_udp,
        ffprobe_sees_picture_and_sound,
        camera_to_rtsp_with_boxes,
    ])
