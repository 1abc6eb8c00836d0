"""SRT out, to ffmpeg and to srt-tools."""

import contextlib
import os
import subprocess
import tempfile

from harness import frames_of, free_port, launch, program, run_tests, until, virtual_camera


def camera_to_srt():
    """We listen, players call: two at once, and one after the other."""
    port = free_port()
    with virtual_camera("--width", "320", "--height", "240") as location, launch(
            "camera-to-srt.launch", LOCATION=location,
            SRT=f"srt://127.0.0.1:{port}?mode=listener") as running:
        running.wait_for(f"waiting for the other end at srt://127.0.0.1:{port}\\.$")
        assert ": connected" not in running.output, running.output
        url = f"srt://127.0.0.1:{port}?mode=caller&connect_timeout=60000"
        for _ in range(2):
            with contextlib.ExitStack() as stack:
                players = []
                for _ in range(2):
                    players.append(stack.enter_context(program(
                        "ffmpeg", "-nostdin", "-hide_banner", "-i", url, "-frames:v", "50", "-f", "null", "-")))
                    players[-1].wait_for("^Input #0")  # srtsink has room for one who knocks
                for player in players:
                    assert player.finish() == 0, player.output
                running.wait_for(": connected")
        assert running.stop() == 0, running.output


def a_player_that_comes_later():
    """We call, srt-live-transmit listens: it is not there yet, comes, dies and comes back."""
    port = free_port()
    with virtual_camera("--width", "320", "--height", "240") as location, launch(
            "camera-to-srt.launch", LOCATION=location,
            SRT=f"srt://127.0.0.1:{port}?mode=caller") as running, tempfile.TemporaryDirectory() as folder:
        for visit in (1, 2):
            clip = os.path.join(folder, f"{visit}.ts")
            with open(clip, "wb") as file, subprocess.Popen(
                    ["srt-live-transmit", "-q", f"srt://127.0.0.1:{port}?mode=listener",
                     "file://con"], stdout=file, stderr=subprocess.DEVNULL) as player:
                until(lambda: os.path.getsize(clip) > 200000, lambda: running.output)
                player.kill()
            assert frames_of([clip]) > 10, running.output
        assert running.output.count(": connected") <= 2, running.output  # only while there was one
        assert running.stop() == 0, running.output


if __name__ == "__main__":
    run_tests([camera_to_srt, a_player_that_comes_later])
