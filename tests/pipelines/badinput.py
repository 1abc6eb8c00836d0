"""What goes wrong for people, as they meet it: one clear error that says what to do, and an end."""

import os
import re
import socket
import tempfile

from harness import SHAPES, free_port, launch, program, run_tests, until, virtual_camera

SECRET = "s3cret-Passw0rd"


def refused(running, *words, seconds=180):
    """The program ends by itself, not by a signal, with an error that has all the words in it."""
    status = running.finish(seconds)
    assert status not in (0, None) and status > 0, f"exit status {status}:\n{running.output}"
    assert not re.search("CRITICAL|assertion", running.output), running.output
    assert SECRET not in running.output, "the password was printed"
    errors = [line for line in running.lines if line.startswith("Error") or "launch file" in line]
    assert len(errors) == 1, f"{len(errors)} errors instead of one:\n{running.output}"
    for word in words:
        assert re.search(word, errors[0], re.I), f"{word!r} is not in: {errors[0]}"
    return errors[0]


def wrong_host():
    with launch("camera-to-browser.launch", LOCATION=f"onvif://127.0.0.1:{free_port()}", PORT=0) as running:
        refused(running, "127.0.0.1")


def not_a_camera():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        where = f"onvif://127.0.0.1:{server.getsockname()[1]}"
        with launch("camera-to-browser.launch", LOCATION=where, PORT=0) as running:
            refused(running, "127.0.0.1")


def password_needed():
    with virtual_camera("--auth", "both", "--user", "admin", "--password", SECRET) as location:
        with launch("camera-to-browser.launch", LOCATION=location, PORT=0) as running:
            refused(running, "user|password")
            running.wait_for("^Write USER_ID=admin USER_PW='the password' in front of the command")


def wrong_password():
    with virtual_camera("--auth", "both", "--user", "admin", "--password", "another") as location:
        with launch("camera-to-browser.launch", LOCATION=location, USER_ID="admin", USER_PW=SECRET,
                    PORT=0) as running:
            refused(running, "password")


def no_such_profile():
    with virtual_camera() as location:
        with launch("camera-to-browser.launch", LOCATION=location, PROFILE="nonesuch", PORT=0) as running:
            refused(running, "nonesuch")


def model(path, *words):
    with virtual_camera() as location:
        with launch("camera-to-browser-with-boxes.launch", LOCATION=location, MODEL=path, PORT=0) as running:
            refused(running, *words)


def model_is_not_there():
    model("/nonexistent/yolo.onnx", "yolo.onnx")


def model_is_not_a_network():
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(b"This is a text, not a network.\n" * 50)
        file.flush()
        model(file.name, os.path.basename(file.name))


def labels_of_the_wrong_length():
    with tempfile.NamedTemporaryFile("w", suffix=".names") as labels, virtual_camera() as location:
        labels.write("only\ntwo\n")
        labels.flush()
        with launch("camera-to-browser-with-boxes.launch", LOCATION=location, MODEL=SHAPES,
                    LABELS=labels.name, PORT=0) as running:
            running.wait_for("2 names and the network 3 classes")  # a warning, and it goes on
            running.wait_for("Open http")
            running.stop()


def addresses_that_cannot_be():
    """Of another protocol, or of none: no try will ever reach them. They may hold a key."""
    wrong = f"http://anna:{SECRET}@host/{SECRET}"
    for file, settings in {
            "rtmp-to-browser.launch": {"RTMP": wrong},
            "srt-to-browser.launch": {"SRT": SECRET},
            "mjpeg-to-browser.launch": {"URL": f"file:///{SECRET}", "MODEL": SHAPES},
            "imagezmq-to-browser.launch": {"ENDPOINT": f"tcp://anna:{SECRET}@host:1"}}.items():
        with launch(file, PORT=0, **settings) as running:
            refused(running, "://")
    with virtual_camera() as location:
        for file, settings in {
                "camera-to-rtmp.launch": {"RTMP": wrong, "MODEL": SHAPES},
                "camera-to-srt.launch": {"SRT": SECRET},
                "camera-to-imagezmq.launch": {"ENDPOINT": "foo", "MODEL": SHAPES}}.items():
            with launch(file, LOCATION=location, **settings) as running:
                refused(running, "://")


def a_folder_that_is_not_there():
    with virtual_camera() as location:
        with launch("camera-to-files.launch", LOCATION=location, FOLDER="/nonexistent") as running:
            refused(running, "There is no folder /nonexistent", "make it, or name another")


def values_that_cannot_be():
    """GObject only warns, and would serve at another port than the one asked for."""
    for file, settings in {
            "camera-to-browser.launch": {"PORT": 70000},
            "camera-to-udp.launch": {"UDP_PORT": 99999},
            "camera-to-rtsp-with-boxes.launch": {"PORT": 65536, "MODEL": SHAPES}}.items():
        with launch(file, LOCATION="onvif://127.0.0.1:9", **settings) as running:
            refused(running, "out of range", str(settings.get("PORT", 99999)))


def nobody_of_that_name():
    with launch("camera-to-udp.launch", LOCATION="onvif://127.0.0.1:9", HOST="nobody.invalid") as running:
        refused(running, "nobody.invalid")


def ports_of_others():
    """Whatever is served: the error names the port."""
    with virtual_camera() as location, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for file, settings in {
                "camera-to-tcp.launch": {"PORT": port},
                "camera-to-mjpeg.launch": {"PORT": port, "MODEL": SHAPES},
                "camera-to-rtsp-with-boxes.launch": {"PORT": port, "MODEL": SHAPES},
                "camera-to-imagezmq.launch": {"ENDPOINT": f"tcp://127.0.0.1:{port}", "MODEL": SHAPES}}.items():
            with launch(file, LOCATION=location, **settings) as running:
                refused(running, str(port))


def busy_port():
    with virtual_camera() as location, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with launch("camera-to-browser.launch", LOCATION=location, PORT=port) as running:
            refused(running, str(port))


def missing_setting():
    with launch("file-to-browser.launch") as running:
        status = running.finish()
        assert status == 1 and "FILE" in running.output, running.output


def mistyped_setting():
    with launch("camera-to-browser.launch", LOCTION="onvif://127.0.0.1") as running:
        refused(running, "LOCTION")


def camera_goes_away():
    """Said once, and the job goes on when the camera is back."""
    camera_program = [os.environ["VIRTUAL_CAMERA"], "--die-with-parent"]
    with program(*camera_program) as camera:
        ready = camera.wait_for(r"^ready onvif=(http://\S+?:(\d+)/\S+) rtsp=rtsp://\S+?:(\d+)/")
        location, port, rtsp_port = ready.groups()
        # The third picture ends a pipeline of its own, so the camera is known to be sending.
        with launch("camera-to-window.launch", LOCATION=location, MODEL=SHAPES,
                    SINK="fakevideosink num-buffers=3") as running:
            assert running.finish() == 0, running.output
        with tempfile.TemporaryDirectory() as folder, launch(
                "camera-to-window.launch", LOCATION=location, MODEL=SHAPES,
                SINK=f"jpegenc ! filesink buffer-mode=unbuffered location={folder}/seen") as running:
            until(lambda: os.path.exists(f"{folder}/seen") and os.path.getsize(f"{folder}/seen") > 0,
                  lambda: running.output)
            running.wait_for(r"^camera: the camera plays H\.264 1280x720 25 fps\.$")
            camera.stop()
            running.wait_for("stopped sending; trying again")
            with program(*camera_program, "--port", port, "--rtsp-port", rtsp_port):
                running.wait_for("the camera is back")
                assert running.stop() == 0, running.output
            assert not re.search("CRITICAL|assertion|Error", running.output), running.output
            assert running.output.count("trying again") == 1, running.output
            assert running.output.count("the camera plays") == 1, running.output


def webcams_that_are_none():
    """GStreamer's own elements say what is wrong; what to do is added."""
    for device in ("/dev/nonexistent", "/dev/null"):
        with launch("webcam-to-browser.launch", DEVICE=device, MODEL=SHAPES, PORT=0) as running:
            refused(running, device, "Check that it is there")


def a_text_for_a_video():
    with tempfile.NamedTemporaryFile("w", suffix=".mp4") as file:
        file.write("This is a text, not a video.\n" * 50)
        file.flush()
        with launch("file-to-browser.launch", FILE=file.name, MODEL=SHAPES, PORT=0) as running:
            refused(running, "text file", "is a video")


def nothing_came():
    """Ctrl-C before the first picture is no error."""
    with launch("imagezmq-to-browser.launch", ENDPOINT=f"tcp://127.0.0.1:{free_port()}", PORT=0) as running:
        running.wait_for("pictures go over")
        assert running.stop() == 0 and "Error" not in running.output, running.output


def no_such_file():
    with launch("file-to-browser.launch", FILE="/nonexistent.mp4", MODEL=SHAPES, PORT=0) as running:
        refused(running, "nonexistent")


def password_of_an_address():
    address = f"http://anna:a@{SECRET}@127.0.0.1/clip.mp4"
    with launch("file-to-browser.launch", FILE=address, MODEL=SHAPES, PORT=0) as running:
        refused(running, "127.0.0.1")


if __name__ == "__main__":
    run_tests([
        wrong_host,
        not_a_camera,
        password_needed,
        wrong_password,
        no_such_profile,
        model_is_not_there,
        model_is_not_a_network,
        labels_of_the_wrong_length,
        addresses_that_cannot_be,
        a_folder_that_is_not_there,
        values_that_cannot_be,
        nobody_of_that_name,
        ports_of_others,
        busy_port,
        missing_setting,
        mistyped_setting,
        camera_goes_away,
        no_such_file,
        webcams_that_are_none,
        a_text_for_a_video,
        nothing_came,
        password_of_an_address,
    ])
