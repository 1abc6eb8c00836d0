#!/usr/bin/python3
"""What is in my video? As read_detections.py asks it, where GStreamer is 1.24 or newer: reads what
the detector tells by upstream's own analytics metadata.

    read_analytics.py 'filesrc location=street.mp4 ! decodebin ! videoconvert !
        yolodetect name=detect model=yolox_nano.onnx labels=coco.names !
        ioutracker name=read ! fakesink'

Reads behind the element named read, else behind the one named detect. Needs Debian's python3-gi
and gir1.2-gst-plugins-bad-1.0.
"""
import sys

import gi

try:
    gi.require_version("GstAnalytics", "1.0")
except ValueError:
    sys.exit("No GstAnalytics: it comes with GStreamer 1.24, in gir1.2-gst-plugins-bad-1.0.")
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst, GstAnalytics  # noqa: E402


def track_of(relations, number):
    """The track that is related to an object, by number, or None."""
    for other in range(GstAnalytics.relation_get_length(relations)):
        is_track, track = relations.get_tracking_mtd(other)
        if is_track and relations.get_relation(number, other) != GstAnalytics.RelTypes.NONE:
            return track.get_info()[1]
    return None


def on_frame(_pad, info):
    """Called in the streaming thread for each frame that leaves the detector: be quick here."""
    buffer = info.get_buffer()
    relations = GstAnalytics.buffer_get_analytics_relation_meta(buffer)
    for number in range(GstAnalytics.relation_get_length(relations) if relations else 0):
        is_object, found = relations.get_od_mtd(number)
        if not is_object:
            continue
        label = GLib.quark_to_string(found.get_obj_type())
        _, x, y, width, height, score = found.get_location()
        track = track_of(relations, number)
        tracked = "" if track is None else f" track {track}"
        print(
            f"{buffer.pts / Gst.SECOND:.3f} s: {label} {score:.0%} "
            f"at {x},{y} size {width}x{height}{tracked}",
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
    is_bin = isinstance(pipeline, Gst.Bin)
    read = is_bin and (pipeline.get_by_name("read") or pipeline.get_by_name("detect"))
    if not read:
        sys.exit("No element is called detect.")
    read.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, on_frame)
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
