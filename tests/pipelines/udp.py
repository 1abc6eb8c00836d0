"""RTP over UDP: to ffmpeg by its session description, to a multicast group, and over a bad link."""

import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import urllib.request

from harness import SHAPES, SOURCE, free_port, launch, pictures, run_tests, until, virtual_camera
from lossylink import LossyLink

SDP = os.path.join(SOURCE, "pipelines", "sdp")
GROUP = "239.77.7.7"


def camera():
    return virtual_camera("--width", "640", "--height", "360", "--no-discovery")


def free_ports(count):
    """Different ones, free for UDP, of which each next one is free too."""
    ports = []
    while len(ports) < count:
        port = free_port()
        if free_port() == port + 1:
            ports.append(port)
    return ports


def sdp(*arguments):
    done = subprocess.run([SDP, *map(str, arguments)], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ffmpeg_receives(description, frames=25):
    """What it says of so many pictures."""
    here = ["-localaddr", "10.77.0.1" if interface() == "inner" else "127.0.0.1"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "camera.sdp")
        with open(path, "w", encoding="ascii", newline="") as file:
            file.write(description)
        done = subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "info", "-protocol_whitelist", "file,udp,rtp",
                               *here, "-i", path, "-frames:v", str(frames), "-f", "null", "-"],
                              capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    counts = re.findall(r"frame=\s*(\d+)", done.stderr)
    assert counts and int(counts[-1]) == frames, done.stderr
    return done.stderr


def sent(name, location, **more):
    """The sender's launch, and what the receiver has to be told."""
    to, answers, control = free_ports(3)
    settings = {"LOCATION": location, "UDP_PORT": to, "RTCP_TO": control, "RTCP_PORT": answers, **more}
    if "boxes" in name:
        settings["MODEL"] = SHAPES
    return launch(name, **settings), {"UDP_PORT": to, "RTCP_TO": control, "RTCP_PORT": answers}


def camera_to_udp():
    """The camera's own H.264, to ffmpeg alone."""
    with camera() as location:
        sender, ports = sent("camera-to-udp.launch", location)
        with sender as running:
            said = ffmpeg_receives(sdp("H264", "127.0.0.1", ports["UDP_PORT"]))
            assert re.search(r"Video: h264 .*640x360", said), said
            assert running.stop() == 0, running.output


def camera_to_udp_with_boxes():
    """VP9 to a group: two players hear the same packets."""
    with camera() as location:
        sender, ports = sent("camera-to-udp-with-boxes.launch", location, HOST=GROUP, IFACE=interface())
        with sender as running:
            description = sdp("VP9", GROUP, ports["UDP_PORT"])
            said = ffmpeg_receives(description)
            assert re.search(r"Video: vp9 .*640x360", said), said
            with listening(ports["UDP_PORT"]) as heard:
                ffmpeg_receives(description)
                assert len(heard.recv(2000)) > 100
            assert running.stop() == 0, running.output


def interface():
    """One that multicast can leave by; in a network of its own a test has "inner"."""
    names = os.listdir("/sys/class/net")
    return "inner" if "inner" in names else "lo"


@contextlib.contextmanager
def listening(port):
    """Another member of the group, on the same port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as member:
        member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        member.bind((GROUP, port))
        index = socket.if_nametoindex(interface())
        member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                          socket.inet_aton(GROUP) + b"\0\0\0\0" + index.to_bytes(4, "little"))
        member.settimeout(180)
        yield member


def live(page):
    with urllib.request.urlopen(page + "status", timeout=180) as answer:
        status = json.load(answer)
    return status if status["live"] else None


def udp_to_browser():
    for file, codec in (("camera-to-udp.launch", "H264"), ("camera-to-udp-with-boxes.launch", "VP9")):
        with camera() as location:
            sender, ports = sent(file, location)
            with sender as running, launch("udp-to-browser.launch", CODEC=codec, PORT=0, **ports) as shown:
                page = shown.wait_for(r"^Open (\S+)").group(1)
                status = until(lambda: live(page), lambda: shown.output + running.output)
                assert status["codecs"] == [codec], status
                until(lambda: pictures(page) > 25, lambda: shown.output + running.output)
                assert shown.stop() == 0, shown.output


def shown_over(pictures, file="camera-to-udp-with-boxes.launch", settings=None, **ills):
    """A window that ends after so many pictures, behind a link with such ills. It leaves none out that is late: a busy
    machine's are."""
    here, there, answers = free_ports(3)
    with camera() as location:
        sender, ports = sent(file, location)
        ways = [(ports["UDP_PORT"], here, True), (ports["RTCP_TO"], there, False), (answers, ports["RTCP_PORT"], False)]
        with LossyLink(ways, **ills) as link, launch(
                "udp-to-window.launch", UDP_PORT=here, RTCP_TO=there, RTCP_PORT=answers,
                SINK=f"fakevideosink sync=false num-buffers={pictures}", **(settings or {})) as shown, sender as running:
            status = shown.finish()
            assert status == 0, f"{shown.output} {running.output}"
            return link


def udp_to_window():
    """Packets that come late are put in their places: nothing is missed, no key frame asked for."""
    link = shown_over(100, settings={"JITTER": 2000}, lose=0, delay=0.05)
    assert link.delayed > 5 and link.pleas == 0, vars(link)


def every_twentieth_packet_is_lost():
    """It is asked for and sent again, and the pictures go on: of VP9, which without it stood still."""
    for file, codec in (("camera-to-udp.launch", "H264"), ("camera-to-udp-with-boxes.launch", "VP9")):
        settings = {"CODEC": codec, "DEPAY": f"rtp{codec.lower()}depay", "JITTER": 1000}
        link = shown_over(100, file, settings, lose=0.05, delay=0.05)
        assert link.lost > 5 and link.delayed > 5 and link.resent > link.lost / 2, vars(link)
        # Where nothing is sent again VP9 stands still, and some three thousand pass by.
        assert link.pictures < 1000, f"{link.pictures} were sent, and 100 seen: {vars(link)}"


def the_sender_is_started_anew():
    """The receiver goes on with what it sends then."""
    with camera() as location:
        sender, ports = sent("camera-to-udp.launch", location)
        with launch("udp-to-browser.launch", PORT=0, **ports) as shown:
            page = shown.wait_for(r"^Open (\S+)").group(1)
            again, _ = sent("camera-to-udp.launch", location, **ports)
            for each in (sender, again):
                before = pictures(page)
                with each as running:
                    until(lambda: pictures(page) > before + 25, lambda: shown.output + running.output)
                    running.process.kill()
            assert shown.stop() == 0, shown.output


def descriptions_are_refused():
    for arguments in ([], ["THEORA"], ["VP9", "a b"], ["VP9", "127.0.0.1", "0"], ["VP9", "::1", "70000"]):
        done = subprocess.run([SDP, *arguments], capture_output=True, text=True, timeout=180)
        assert done.returncode == 1 and done.stderr and not done.stdout, done


if __name__ == "__main__":
    run_tests([camera_to_udp, camera_to_udp_with_boxes, udp_to_browser, udp_to_window,
               every_twentieth_packet_is_lost, the_sender_is_started_anew,
               descriptions_are_refused])
