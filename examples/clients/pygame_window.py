#!/usr/bin/python3
"""How do I show a camera in a game or a kiosk? Shows moving JPEGs in a Pygame window.

    pygame_window.py http://127.0.0.1:8080/camera/mjpeg

A second argument ends it after so many pictures. Needs Debian's python3-pygame.
"""
import io
import itertools
import sys
import urllib.error
import urllib.request

import pygame


def jpegs(stream):
    """Each part of the multipart stream: header lines, one of which tells its size, then the picture."""
    size = 0
    while line := stream.readline(1000):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
        elif line == b"\r\n" and size:
            yield stream.read(size)
            size = 0


def main(url, pictures=0):
    try:
        stream = urllib.request.urlopen(url, timeout=20)
    except urllib.error.URLError as error:
        sys.exit(f"{url} cannot be opened: {error}")
    pygame.display.init()
    window = None
    for number, jpeg in zip(itertools.count(1), jpegs(stream)):
        picture = pygame.image.load(io.BytesIO(jpeg), "picture.jpg")
        if window is None:
            window = pygame.display.set_mode(picture.get_size(), pygame.RESIZABLE)
        window.blit(pygame.transform.scale(picture, window.get_size()), (0, 0))
        pygame.display.set_caption(f"{url}: picture {number}")
        pygame.display.flip()
        print(f"picture {number}: {picture.get_width()}x{picture.get_height()}", flush=True)
        if number == int(pictures) or any(event.type == pygame.QUIT for event in pygame.event.get()):
            return
    sys.exit("The stream ended.")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(f"use: {sys.argv[0]} URL [PICTURES]")
    main(*sys.argv[1:])
