"""H.264 on a plain socket: ffmpeg reads it, and one who does not read holds nobody."""

import socket
import subprocess

from harness import free_port, launch, run_tests, until, virtual_camera


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def ffmpeg_reads(port, frames):
    done = subprocess.run(["ffmpeg", "-v", "error", "-f", "h264", "-i", f"tcp://127.0.0.1:{port}",
                           "-frames:v", str(frames), "-f", "null", "-"],
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr


def camera_to_tcp():
    port = free_port()
    with virtual_camera() as location, launch("camera-to-tcp.launch", LOCATION=location,
                                              PORT=port) as running:
        until(lambda: listens(port), lambda: running.output)
        with socket.create_connection(("127.0.0.1", port)) as stuck:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            for _ in range(2):
                ffmpeg_reads(port, 100)
        assert running.stop() == 0, running.output


if __name__ == "__main__":
    run_tests([camera_to_tcp])
