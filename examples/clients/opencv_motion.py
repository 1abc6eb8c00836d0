#!/usr/bin/python3
"""How much of the picture moves? Reads a stream with OpenCV.

    opencv_motion.py rtsp://127.0.0.1:8554/camera          (or http://127.0.0.1:8080/camera/mjpeg)

A second argument ends it after so many pictures. Needs Debian's python3-opencv.
"""
import itertools
import sys

import cv2


def main(url, pictures=0):
    capture = cv2.VideoCapture(url)
    if not capture.isOpened():
        sys.exit(f"{url} cannot be opened: is it being served?")
    before = None
    for number in itertools.count(1):
        there, picture = capture.read()
        if not there:
            sys.exit("The stream ended.")
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        if before is not None:
            moved = (cv2.absdiff(grey, before) > 25).mean()
            print(f"picture {number}: {picture.shape[1]}x{picture.shape[0]}, {moved:.2%} of it moved", flush=True)
        before = grey
        if number == int(pictures):
            return


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(f"use: {sys.argv[0]} URL [PICTURES]")
    main(*sys.argv[1:])
