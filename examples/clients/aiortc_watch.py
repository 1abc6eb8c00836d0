#!/usr/bin/python3
"""Who else can watch over WebRTC? Any program that speaks WHEP: this one with aiortc.

    aiortc_watch.py http://127.0.0.1:8080/whep

aiortc decodes VP8 and H.264, not VP9. A second argument ends it after so many pictures. Needs Debian's
python3-aiortc.
"""
import asyncio
import sys
import urllib.error
import urllib.request

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError


def ask(endpoint, offer):
    """Posts the offer; returns the answer and the address at which the session is ended."""
    request = urllib.request.Request(endpoint, offer.encode(), {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode(), urllib.request.urljoin(endpoint, answer.headers["Location"])


def leave(session):
    urllib.request.urlopen(urllib.request.Request(session, method="DELETE"), timeout=20).close()


async def watch(endpoint, pictures):
    connection = RTCPeerConnection()
    video = connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    answer, session = await asyncio.to_thread(ask, endpoint, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    try:
        number = 0
        while number == 0 or number != pictures:
            picture = await video.receiver.track.recv()
            number += 1
            print(f"picture {number} at {picture.time:.3f} s: {picture.width}x{picture.height}", flush=True)
    finally:
        await asyncio.to_thread(leave, session)
        await connection.close()


def main(endpoint, pictures=0):
    try:
        asyncio.run(watch(endpoint, int(pictures)))
    except urllib.error.URLError as error:
        sys.exit(f"{endpoint} did not take the offer: {error}")
    except MediaStreamError:
        sys.exit("The stream ended.")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(f"use: {sys.argv[0]} ENDPOINT [PICTURES]")
    main(*sys.argv[1:])
