"""Recording as it is: files that ffprobe can read, and no more of them than were asked for."""

import os
import tempfile

from harness import frames_of, launch, run_tests, until, virtual_camera


def camera_to_files():
    with tempfile.TemporaryDirectory(prefix="a folder ") as folder, virtual_camera(
            "--width", "320", "--height", "240") as location:
        def there():
            """From the oldest to the newest: the numbers begin again when the folder is full."""
            paths = [os.path.join(folder, name) for name in os.listdir(folder)]
            return sorted(paths, key=os.path.getmtime)

        def has_gone_round():
            return len(there()) == 3 and there()[-1].endswith("-00000.mkv")

        with launch("camera-to-files.launch", LOCATION=location, FOLDER=folder, SECONDS=2,
                    FILES=3) as running:
            until(has_gone_round, 90, lambda: f"{there()} {running.output}")
            assert running.stop() == 0, running.output
        first = set(there())
        with launch("camera-to-files.launch", LOCATION=location, FOLDER=folder, SECONDS=2,
                    FILES=3) as running:
            running.wait_for("Recording into ", 60)
            until(lambda: set(there()) > first, 60, lambda: f"{first} {there()}")
            assert running.stop() == 0, running.output
        # The last is whole too: Ctrl-C lets it be finished.
        for path in there():
            assert frames_of([path]) >= 1, f"{path}, {os.path.getsize(path)} bytes"


if __name__ == "__main__":
    run_tests([camera_to_files])
