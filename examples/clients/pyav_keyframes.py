#!/usr/bin/python3
"""When do key frames come? Reads a stream with PyAV, FFmpeg's libraries in Python.

    pyav_keyframes.py rtsp://127.0.0.1:8554/camera

A second argument ends it after so many pictures. Needs Debian's python3-av.
"""
import sys

import av


def main(url, pictures=0):
    # FFmpeg asks for UDP first; over TCP no packet is lost, and no firewall has to know.
    options = {"rtsp_transport": "tcp"} if url.startswith("rtsp:") else {}
    try:
        stream = av.open(url, options=options, timeout=20)
    except av.AVError as error:
        sys.exit(f"{url} cannot be opened ({error}): is it being served?")
    with stream:
        for number, picture in enumerate(stream.decode(video=0), 1):
            kind = "key frame" if picture.key_frame else "picture"
            # The camera's clock is told now and then, not with the first picture.
            time = "an unknown time" if picture.time is None else f"{picture.time:.3f} s"
            print(f"{kind} {number} at {time}: {picture.width}x{picture.height}", flush=True)
            if number == int(pictures):
                return
    sys.exit("The stream ended.")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(f"use: {sys.argv[0]} URL [PICTURES]")
    main(*sys.argv[1:])
