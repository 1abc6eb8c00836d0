#!/usr/bin/python3
"""What is in my video? Runs a pipeline and prints every object that its detector finds.

    read_detections.py 'filesrc location=street.mp4 ! decodebin ! videoconvert !
        yolodetect name=detect model=yolox_nano.onnx labels=coco.names ! fakesink'

Needs Debian's python3-gi and gir1.2-gst-plugins-base-1.0.
"""
import itertools
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, Gst, GstVideo  # noqa: E402


def regions(buffer):
    """The regions of interest of a frame: the elements number them from 1."""
    for number in itertools.count(1):
        region = GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, number)
        if region is None:
            return
        yield region


def on_frame(_pad, info):
    """Called in the streaming thread for each frame that leaves the detector: be quick here."""
    buffer = info.get_buffer()
    for region in regions(buffer):
        label = GLib.quark_to_string(region.roi_type)
        detection = region.get_param("detection")
        confidence = detection.get_double("confidence").value if detection else 0
        track = region.get_param("object_id")
        number = f" track {track.get_int('id').value}" if track else ""
        print(
            f"{buffer.pts / Gst.SECOND:.3f} s: {label} {confidence:.0%} "
            f"at {region.x},{region.y} size {region.w}x{region.h}{number}",
            flush=True,
        )
    return Gst.PadProbeReturn.OK


def main():
    Gst.init(None)
    if len(sys.argv) != 2:
        sys.exit(f"use: {sys.argv[0]} PIPELINE, in which the detector has name=detect")
    try:
        pipeline = Gst.parse_launch(sys.argv[1])
    except GLib.Error as error:
        sys.exit(error.message)
    detector = pipeline.get_by_name("detect") if isinstance(pipeline, Gst.Bin) else None
    if detector is None:
        sys.exit("No element is called detect.")
    detector.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, on_frame)
    pipeline.set_state(Gst.State.PLAYING)
    try:
        # In slices, so that Ctrl-C is heard.
        message = None
        while message is None:
            message = pipeline.get_bus().timed_pop_filtered(
                Gst.SECOND // 5, Gst.MessageType.ERROR | Gst.MessageType.EOS
            )
    except KeyboardInterrupt:
        return
    finally:
        pipeline.set_state(Gst.State.NULL)
    if message.type == Gst.MessageType.ERROR:
        sys.exit(message.parse_error()[0].message)


if __name__ == "__main__":
    main()
