#!/usr/bin/python3
"""Publishes a drawn picture to a WHIP endpoint with aiortc, whose WebRTC shares no code with
GStreamer's: whippublisher.py ENDPOINT [URL], with the URL what ffmpeg plays from there. Prints
"published" when connected and goes on until it is killed. Exit status 77 where aiortc is not installed."""

import asyncio
import sys
import time
import urllib.error
import urllib.request

try:
    from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
    from aiortc.contrib.media import MediaPlayer
except ImportError:
    sys.exit(77)


def post(endpoint, sdp):
    request = urllib.request.Request(endpoint, sdp.encode(), {"Content-Type": "application/sdp"})
    try:
        with urllib.request.urlopen(request, timeout=180) as answer:
            assert answer.status == 201, answer.status
            return answer.read().decode()
    except urllib.error.HTTPError as refusal:
        if refusal.code == 409:  # the pipeline does not play yet
            time.sleep(0.5)
            return post(endpoint, sdp)
        sys.exit(f"refused with {refusal.code}: {refusal.read().decode()}")


async def main(endpoint, url=None):
    connection = RTCPeerConnection()
    connected = asyncio.Event()
    connection.add_listener(
        "connectionstatechange",
        lambda: connection.connectionState == "connected" and connected.set())
    transceiver = connection.addTransceiver(MediaPlayer(url).video if url else VideoStreamTrack(), direction="sendonly")
    assert transceiver.direction == "sendonly"
    await connection.setLocalDescription(await connection.createOffer())
    answer = await asyncio.to_thread(post, endpoint, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for(connected.wait(), 180)
    print("published", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
