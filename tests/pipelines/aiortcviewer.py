"""A viewer that nobody here wrote: aiortc, whose WebRTC shares no code with GStreamer's or a browser's,
asks a whepsink for its picture and decodes it."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request

from harness import SKIP, free_port, program, run_tests

try:
    from aiortc import RTCPeerConnection, RTCSessionDescription
except ImportError:
    # Debian's package is for Debian's Python, and another one may come before that in the path.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])
    print("SKIP: no aiortc here: apt-get install python3-aiortc")
    sys.exit(SKIP)

PICTURE = "videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=320,height=180,framerate=25/1"
VP8 = "vp8enc deadline=1 cpu-used=8 target-bitrate=400000 keyframe-max-dist=3000"
H264 = "x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=250"


def ask(method, url, body=None, kind=None):
    """Status, headers and text of the answer."""
    request = urllib.request.Request(url, body and body.encode(), {"Content-Type": kind} if kind else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=180) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read().decode()


async def post(endpoint, offer):
    """A camera that starts answers 409 for a moment."""
    for _ in range(360):
        answer = await asyncio.to_thread(ask, "POST", endpoint, offer, "application/sdp")
        if answer[0] != 409:
            return answer
        await asyncio.sleep(0.5)
    return answer


async def join(connection, endpoint, kinds):
    """Its session's address, once the peers are connected."""
    connected = asyncio.Event()
    connection.add_listener(
        "connectionstatechange", lambda: connection.connectionState == "connected" and connected.set())
    for kind in kinds:
        connection.addTransceiver(kind, direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    status, headers, text = await post(endpoint, connection.localDescription.sdp)
    assert status == 201, f"answered {status}: {text}"
    await connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
    await asyncio.wait_for(connected.wait(), 180)
    return urllib.parse.urljoin(endpoint, headers["Location"])


async def watch(endpoint, kinds, frames):
    """Session, pictures and sounds of somebody who looks at so many frames and closes."""
    connection = RTCPeerConnection()
    tracks = {}
    connection.add_listener("track", lambda track: tracks.update({track.kind: track}))
    session = await join(connection, endpoint, kinds)
    seen = [await asyncio.wait_for(tracks["video"].recv(), 180) for _ in range(frames)]
    heard = [await asyncio.wait_for(tracks["audio"].recv(), 180) for _ in range(frames if "audio" in kinds else 0)]
    await connection.close()
    return session, seen, heard


def second_bar(frame):
    """Its colour: the second bar of the test picture is yellow."""
    picture = frame.reformat(format="rgb24").planes[0]
    at = 30 * picture.line_size + int(frame.width * 0.21) * 3
    return tuple(bytes(picture)[at:at + 3])


def plays(encoder, sound="", settings=""):
    kinds = ["video", "audio"] if sound else ["video"]
    description = f"{PICTURE} ! {encoder} ! whepsink name=w port=0 {settings} {sound}"
    with program("gst-launch-1.0", "-m", *description.split()) as pipeline:
        page = pipeline.wait_for(r'whepsink-ready.*?url=\(string\)"?([^",;]+)').group(1).replace("\\", "")
        session, seen, heard = asyncio.run(watch(urllib.parse.urljoin(page, "whep"), kinds, 50))
        assert (seen[-1].width, seen[-1].height) == (320, 180), f"{seen[-1]}"
        red, green, blue = second_bar(seen[-1])
        assert red > 140 and green > 140 and blue < 90, f"the second bar is {(red, green, blue)}"
        times = [frame.pts for frame in seen]
        assert times == sorted(set(times)), f"frames come in order: {times}"
        assert not sound or any(bytes(frame.planes[0]).strip(b"\0") for frame in heard), "the sound is silent"
        status = ask("DELETE", session)[0]
        assert status in (200, 404), f"leaving was answered with {status}"  # closing may have told it already
        assert pipeline.stop() == 0, pipeline.output


def vp8_is_decoded():
    plays(VP8)


def h264_is_decoded():
    plays(H264)


def sound_comes_too():
    plays(VP8, "audiotestsrc is-live=true ! opusenc perfect-timestamp=true ! w.")


@contextlib.contextmanager
def relay(address):
    port = free_port()
    with program(
        "turnserver", "-n", "-v", "--log-file", "stdout", "--pidfile", "/dev/null", "--no-tls", "--no-dtls", "--no-cli",
        "--fingerprint", "--realm", "yard", "--lt-cred-mech", "--user", "ann:secret-7",
        "--listening-ip", address, "--relay-ip", address, "--listening-port", str(port),
    ) as turn:
        turn.wait_for(r"(?i)listener opened on")
        yield turn, f"turn://ann:secret-7@{address}:{port}"


def own_address():
    """None on a machine without a network. (Connecting sends nothing; own-network has such a neighbour.)"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("10.77.0.2", 9))
        return probe.getsockname()[0]


def by_a_relay_without_trickle():
    """All candidates are in the offer, as of players that know no PATCH: the relay lets them in by those."""
    with relay(own_address()) as (turn, url):
        plays(VP8, settings=f"turn-server={url} ice-transport-policy=relay")
        turn.wait_for("CREATE_PERMISSION processed, success")


TESTS = [vp8_is_decoded, h264_is_decoded, sound_comes_too]
if shutil.which("turnserver") and own_address():
    TESTS.append(by_a_relay_without_trickle)
else:
    print("skipped: the relay; install coturn, and give this machine a network")
run_tests(TESTS)
