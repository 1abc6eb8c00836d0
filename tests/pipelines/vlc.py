"""VLC plays what is served over HTTP, and shows it."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from harness import SKIP, program, run_tests, until

CLIP = ("videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! tee name=raw "
        "raw. ! queue ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! h264parse ! tee name=h264 "
        "audiotestsrc is-live=true ! audio/x-raw,rate=48000 ! avenc_aac ! aacparse ! tee name=aac ")
BRANCHES = {
    "hls_of_fragmented_mp4": "h264. ! queue ! segmentsink name=s port=0 segment-duration=1000 aac. ! queue ! s.audio_0",
    "hls_of_mpeg_ts": "h264. ! queue ! segmentsink name=s port=0 segment-duration=1000 container=ts "
                      "aac. ! queue ! s.audio_0",
    "http_flv": "h264. ! queue ! f.video flvmux name=f streamable=true latency=300000000 ! httpflvsink port=0 "
                "aac. ! queue ! f.audio",
    "mjpeg": "raw. ! queue ! jpegenc ! mjpegsink port=0",
}


def plays(url, folder, *options):
    """VLC does not run for root; the pictures that it shows are written to the folder."""
    os.chmod(folder, 0o777)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    arguments = [*user, "cvlc", "-I", "dummy", "--ignore-config", "--vout=dummy", "--aout=dummy", "--run-time=180",
                 "--play-and-exit", "--video-filter=scene", "--scene-format=png", "--scene-ratio=5",
                 "--scene-prefix=shown", f"--scene-path={folder}", *options, url]
    with program(*arguments, env={"HOME": folder}) as player:
        until(lambda: len(glob.glob(f"{folder}/shown*.png")) >= 8, lambda: player.output)
        player.process.terminate()
        player.process.wait(180)
    third = sorted(glob.glob(f"{folder}/shown*.png"))[2]
    size = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=width", "-of", "csv=p=0", third],
                          capture_output=True, text=True, timeout=180, check=True).stdout.strip()
    # The bars are all there: pictures of a single colour are smaller.
    assert size == "320" and os.path.getsize(third) > 1000, f"{size} wide, {os.path.getsize(third)} bytes"


def is_there(url):
    try:
        with urllib.request.urlopen(url, timeout=180):
            return True
    except urllib.error.HTTPError:
        return False


def test_of(name, branch):
    def test():
        with tempfile.TemporaryDirectory() as folder, program("gst-launch-1.0", "-m", *CLIP.split(),
                                                              *branch.split()) as serving:
            url = serving.wait_for(r"sink-ready.*?url=\(string\)\"?([^\",;]+)").group(1).replace("\\", "")
            if "hls" in name:  # it asks once, and does not come again where there is nothing yet
                until(lambda: is_there(url))
            plays(url, folder)
    test.__name__ = name
    return test


def run_with_vlc(tests):
    if not shutil.which("cvlc"):
        print("skipped: install vlc-bin and vlc-plugin-base")
        sys.exit(SKIP)
    run_tests(tests)


if __name__ == "__main__":
    run_with_vlc([test_of(*each) for each in BRANCHES.items()])
