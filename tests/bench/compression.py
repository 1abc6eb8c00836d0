#!/usr/bin/python3
"""What compression gives and costs: the same footage raw and through each encoder, set as a live camera's
would be. Prints a table (Markdown) and writes it as a picture: compression.py [FOLDER]

    Mbit/s     of the encoded stream, in its own time
    PSNR, SSIM of luma, against the raw picture, by ffmpeg's filters
    CPU        processor time for a picture, the reading of the raw pictures taken off
    latency    from a picture's entering the encoder, at the footage's own speed, to its leaving it; median

One encoder after the other, each in a process of its own. Needs ffmpeg and python3-gi; gnuplot for the picture.
"""
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

FOOTAGE = ["vtest-pets-480x360.mp4", "car-detection.mp4", "worker-zone-480x270.mp4"]
SECONDS = 10
MJPEG = "jpegenc quality=80"
X264 = "x264enc tune=zerolatency speed-preset={} bitrate={} key-int-max=250 threads=2 ! h264parse"
VPX = "{} deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate={}000 keyframe-max-dist=250 {}"


# Two threads of VP8 wait for each other in a loop: on a busy machine each picture then takes a hundred times as long.
def encoders(kilobits):
    """Name, element factory, description, and muxer of each; those that aim at a rate are given one."""
    return [
        ("raw I420", None, "identity", None),
        ("MJPEG, quality 80", "jpegenc", MJPEG, "matroskamux"),
        ("H.264, x264 ultrafast", "x264enc", X264.format("ultrafast", kilobits), "matroskamux"),
        ("H.264, x264 veryfast", "x264enc", X264.format("veryfast", kilobits), "matroskamux"),
        ("VP8, libvpx realtime", "vp8enc", VPX.format("vp8enc", kilobits, "threads=1"), "matroskamux"),
        ("VP9, libvpx realtime", "vp9enc", VPX.format("vp9enc", kilobits, "threads=2 row-mt=true tile-columns=1"), "matroskamux"),
        ("AV1, libaom realtime", "av1enc",
         f"av1enc usage-profile=realtime cpu-used=9 lag-in-frames=0 end-usage=cbr max-quantizer=56 "
         f"target-bitrate={kilobits} threads=2 keyframe-max-dist=250 ! av1parse", "matroskamux"),
    ]


def encode(raw, description, muxer, to, live):
    """In the process that is measured: prints how long each picture was in the encoder."""
    import gi
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
    import time
    Gst.init(None)
    end = f"{muxer} ! filesink location={to}" if muxer else "fakesink"
    pipeline = Gst.parse_launch(
        f"{raw} ! {'clocksync' if live else 'identity'} name=before ! "
        f"{description} ! identity name=after ! {end}")
    entered, spent = {}, []

    def into(_pad, info):
        entered[info.get_buffer().pts] = time.monotonic()
        return Gst.PadProbeReturn.OK

    def out(_pad, info):
        # x264enc counts from 1000 hours; what is between pictures is kept.
        now, pts = time.monotonic(), info.get_buffer().pts
        arrived = entered.get(pts, entered.get(pts - 3600000 * Gst.SECOND))
        if arrived is not None:
            spent.append(now - arrived)
        return Gst.PadProbeReturn.OK

    if live:
        pipeline.get_by_name("before").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, into)
        pipeline.get_by_name("after").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, out)
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, Gst.MessageType.ERROR | Gst.MessageType.EOS)
    if message.type == Gst.MessageType.ERROR:
        sys.exit(message.parse_error()[0].message)
    pipeline.set_state(Gst.State.NULL)
    print(json.dumps(spent))


def measured(raw, description, muxer, to, live):
    """CPU seconds and what was spent in the encoder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-B", __file__, "--encode", raw.for_gstreamer(), description, muxer or "", to,
                           "live" if live else ""], capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        sys.exit(f"{description}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(done.stdout)


def bits_of(path):
    """Of the video packets alone, without the container."""
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", path],
                          capture_output=True, text=True, check=True)
    return 8 * sum(int(word) for word in re.findall(r"\d+", done.stdout))


def quality(path, raw):
    """PSNR in dB and SSIM, of luma, picture by picture in their order."""
    # ffmpeg takes every JPEG for full range and would shift what our encoder wrote as it came.
    same = "scale=in_range=tv:out_range=tv,format=yuv420p,settb=1/1000,setpts=N,split"
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "info", "-i", path, *raw.for_ffmpeg(), "-filter_complex",
         f"[0:v]{same}[a][b];[1:v]{same}[c][d];[a][c]psnr;[b][d]ssim", "-f", "null", "-"],
        capture_output=True, text=True, check=True)
    return (float(re.search(r"PSNR y:([\d.]+|inf)", done.stderr).group(1)),
            float(re.search(r"SSIM Y:([\d.]+)", done.stderr).group(1)))


class Raw:
    """The first seconds of a clip as I420 in a file."""

    def __init__(self, clip, folder):
        self.path = os.path.join(folder, "raw.i420")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-t", str(SECONDS), "-i", clip, "-pix_fmt", "yuv420p", "-an",
                        "-f", "rawvideo", self.path], check=True)
        done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                               "stream=width,height,r_frame_rate", "-of", "json", clip],
                              capture_output=True, text=True, check=True)
        stream = json.loads(done.stdout)["streams"][0]
        self.width, self.height, self.rate = stream["width"], stream["height"], stream["r_frame_rate"]
        over, under = map(int, self.rate.split("/"))
        self.bits = 8 * os.path.getsize(self.path)
        self.frames = self.bits // (self.width * self.height * 12)
        self.seconds = self.frames * under / over

    def for_gstreamer(self):
        return (f"filesrc location={self.path} ! rawvideoparse format=i420 width={self.width} height={self.height} "
                f"framerate={self.rate}")

    def for_ffmpeg(self):
        return ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{self.width}x{self.height}", "-r", self.rate,
                "-i", self.path]


def rows_of(clip, folder):
    raw = Raw(clip, folder)
    seconds, bits = raw.seconds, raw.bits
    kilobits = round(bits / seconds / 1000 / 100)  # a hundredth of raw: what a live stream usually gets
    print(f"\n{os.path.basename(clip)}: {raw.width}x{raw.height}, {seconds:.1f} s, "
          f"aim {kilobits} kbit/s, load {os.getloadavg()[0]:.1f}\n")
    print("| codec | Mbit/s | of raw | PSNR, dB | SSIM | CPU, ms a picture | latency, ms |\n|---|---|---|---|---|---|---|")
    idle, _ = measured(raw, "identity", None, "", False)
    for name, factory, description, muxer in encoders(kilobits):
        if factory and subprocess.run(["gst-inspect-1.0", "--exists", factory]).returncode:
            print(f"| {name} | not installed | | | | | |")
            continue
        to = os.path.join(folder, "encoded.mkv")
        if not muxer:
            row = (name, bits / seconds / 1e6, 1, float("inf"), 1, 0, 0)
        else:
            spent, _ = measured(raw, description, muxer, to, False)
            decibels, similar = quality(to, raw)
            size = bits_of(to)
            _, delays = measured(raw, description, muxer, to, True)
            row = (name, size / seconds / 1e6, bits / size, decibels, similar, 1000 * (spent - idle) / raw.frames,
                   1000 * statistics.median(delays))
        print("| {} | {:.2f} | 1:{:.0f} | {:.1f} | {:.4f} | {:.1f} | {:.1f} |".format(*row), flush=True)
        yield row


def plot(results, folder):
    if not shutil.which("gnuplot"):
        return print("\nno picture: gnuplot is not installed")
    path = os.path.join(folder, "compression.svg")
    lines = ["set terminal svg size 900,560 font 'DejaVu Sans,13' background rgb 'white'", f"set output '{path}'",
             "set logscale x", "set xlabel 'Mbit/s'", "set ylabel 'PSNR of luma, dB'", "set grid",
             "set key outside right", "set pointsize 1.5"]
    names = list(dict.fromkeys(row[0] for rows in results.values() for row in rows if row[3] < 1000))
    lines.append("plot " + ", ".join(f"'-' with points pointtype {5 + i} title '{name}'" for i, name in enumerate(names)))
    for name in names:
        lines += [f"{row[1]} {row[3]}" for rows in results.values() for row in rows if row[0] == name] + ["e"]
    subprocess.run(["gnuplot"], input="\n".join(lines), text=True, check=True)
    print(f"\n{path}")


def main(folder):
    media = os.path.join(os.environ.get("VIDEO_STREAM_SHARED_DIR", ""), "media")
    clips = [os.path.join(media, name) for name in FOOTAGE if os.path.exists(os.path.join(media, name))]
    if not clips:
        print("skipped: the footage is not here")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as scratch:
        plot({clip: list(rows_of(clip, scratch)) for clip in clips}, folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--encode"]:
        encode(*sys.argv[2:6], bool(sys.argv[6]))
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VIDEO_STREAM_BUILD_DIR", "."))
