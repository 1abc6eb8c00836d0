"""VLC receives RTP over UDP: as a transport stream by its address, and all else by its session description."""

import os
import tempfile

from harness import virtual_camera
from udp import GROUP, interface, sdp, sent
from vlc import plays, run_with_vlc

# Debian's VLC is built without live555, and reads session descriptions with ffmpeg's library.
WITH_DESCRIPTION = ["--demux=avformat", "--avformat-format=sdp"]


def receives(file, url, *options, **settings):
    """Where what `url` makes of the port and a folder is shown."""
    with virtual_camera("--width", "320", "--height", "240", "--no-discovery") as location:
        sender, ports = sent(file, location, **settings)
        with sender as running, tempfile.TemporaryDirectory() as folder:
            plays(url(ports["UDP_PORT"], folder), folder, *options)
            assert running.stop() == 0, running.output


def described(codec, host):
    def write(port, folder):
        path = os.path.join(folder, "camera.sdp")
        with open(path, "w", encoding="ascii", newline="") as file:
            file.write(sdp(codec, host, port))
        return path
    return write


def camera_to_udp_ts():
    receives("camera-to-udp-ts.launch", lambda port, _: f"rtp://@127.0.0.1:{port}")


def a_group_hears_the_transport_stream():
    receives("camera-to-udp-ts.launch", lambda port, _: f"rtp://@{GROUP}:{port}", f"--miface={interface()}",
             HOST=GROUP, IFACE=interface())


def a_description_of_h264():
    receives("camera-to-udp.launch", described("H264", "127.0.0.1"), *WITH_DESCRIPTION)


def a_description_of_vp9():
    receives("camera-to-udp-with-boxes.launch", described("VP9", "127.0.0.1"), *WITH_DESCRIPTION)


if __name__ == "__main__":
    run_with_vlc([camera_to_udp_ts, a_group_hears_the_transport_stream, a_description_of_h264, a_description_of_vp9])
