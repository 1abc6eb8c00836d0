"""ZoneMinder has us as monitors, by each of its ways in, and shows our scene with its boxes."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

from harness import SHAPES, SKIP, launch, program, run_tests, until, virtual_camera

SIZE = (640, 360)
SCHEMA = "/usr/share/zoneminder/db/zm_create.sql"
ZMS = "/usr/lib/zoneminder/cgi-bin/zms"
# Everything that ZoneMinder writes goes to the folder, and its database is reached by a socket there.
CONFIGURATION = """
ZM_PATH_BIN=/usr/bin
ZM_PATH_CONF=/etc/zm
ZM_PATH_WEB=/usr/share/zoneminder/www
ZM_WEB_USER=root
ZM_WEB_GROUP=root
ZM_DB_HOST=localhost:{folder}/socket
ZM_DB_NAME=zm
ZM_DB_USER=root
ZM_DB_PASS=
ZM_DIR_EVENTS={folder}
ZM_PATH_MAP={folder}
ZM_PATH_SOCKS={folder}
ZM_PATH_LOGS={folder}
ZM_PATH_SWAP={folder}
"""
# What its page for a new monitor asks for: the rest stays as the page has it.
MONITOR = """
INSERT INTO Monitors (Name, Width, Height, Colours, ImageBufferCount, {fields}) VALUES ('ours', {w}, {h}, 4, 10, {values});
SELECT MAX(Id) FROM Monitors;
"""


def has_what_it_takes():
    """Why not, if so."""
    needed = [SCHEMA, ZMS, *filter(None, map(shutil.which, ("zmc", "mariadbd", "mariadb", "mariadb-install-db")))]
    if len(needed) < 6 or not all(map(os.path.exists, needed)):
        return "install zoneminder and mariadb-server-core"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "no mount namespaces here, and /etc/zm is not for a test to write"
    return None


class ZoneMinder:
    """One of its own: a database, a configuration and the programs that read it."""

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(self._at("etc"))
        with open(self._at("etc/zm.conf"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(folder=folder))

    def _at(self, name):
        return os.path.join(self.folder, name)

    def inside(self, *words):
        """ZoneMinder reads /etc/zm and nothing else: for these words ours lies there."""
        return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/zm && exec "$@"', self._at("etc"), *words]

    def _sql(self, text, *words):
        return subprocess.run(["mariadb", "--no-defaults", "--user=root", "--socket", self._at("socket"), *words],
                              input=text, text=True, capture_output=True, timeout=180, check=False)

    @contextlib.contextmanager
    def database(self):
        made = subprocess.run(["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal",
                               "--user=root", "--skip-test-db", "--datadir=" + self._at("db")],
                              capture_output=True, text=True, timeout=180, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
        with program("mariadbd", "--no-defaults", "--user=root", "--skip-networking", "--datadir=" + self._at("db"),
                     "--socket=" + self._at("socket"), "--pid-file=" + self._at("pid")) as server:
            until(lambda: self._sql("SELECT 1").returncode == 0, lambda: server.output)
            with open(SCHEMA, encoding="utf-8") as schema:
                done = self._sql(schema.read())
            assert done.returncode == 0, done.stderr
            try:
                yield
            finally:
                server.process.terminate()  # an interrupt is nothing to it
                assert server.finish() == 0, server.output

    def add(self, **monitor):
        """As its page for monitors does; the number that it has from now on."""
        values = ", ".join(f"'{value}'" for value in monitor.values())
        fields = ", ".join(f"`{name}`" for name in monitor)
        done = self._sql(MONITOR.format(fields=fields, values=values, w=SIZE[0], h=SIZE[1]),
                         "--skip-column-names", "zm")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def captures(self, number):
        return program(*self.inside("zmc", "-m", number))

    def log(self, number):
        with open(self._at(f"zmc_m{number}.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def shown(self, number):
        """The JPEG that its page has in it, if there is one yet."""
        question = {"REQUEST_METHOD": "GET", "QUERY_STRING": f"mode=single&monitor={number}"}
        try:
            done = subprocess.run(self.inside(ZMS), capture_output=True, timeout=180, check=False,
                                  env={**os.environ, **question})
        except subprocess.TimeoutExpired:  # it waits for the first one
            return None
        found = done.stdout.find(b"\xff\xd8\xff")
        return done.stdout[found:] if found >= 0 else None


def pixels(jpeg):
    """Red, green and blue of each, as ffmpeg decodes it."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                          input=jpeg, capture_output=True, timeout=180, check=True)
    expected = SIZE[0] * SIZE[1] * 3
    assert len(done.stdout) == expected, f"{len(done.stdout)} bytes instead of {expected}"
    return list(zip(*[iter(done.stdout)] * 3))


# What is drawn in the scene, and the purple that only a label has.
COLOURS = {
    "circle": lambda r, g, b: r > 180 and g < 80 and b < 80,
    "square": lambda r, g, b: g > 130 and r < 80 and b < 90,
    "triangle": lambda r, g, b: b > 180 and r < 90 and g < 110,
    "label": lambda r, g, b: abs(r - 150) < 25 and abs(g - 90) < 25 and abs(b - 225) < 25,
}


def has_our_scene(jpeg):
    seen = pixels(jpeg)
    counts = {name: sum(fits(*pixel) for pixel in seen) for name, fits in COLOURS.items()}
    assert min(counts.values()) > 300, counts
    return True


def shows(zoneminder, **monitor):
    number = zoneminder.add(**monitor)
    with zoneminder.captures(number) as capture:
        def scene():
            jpeg = zoneminder.shown(number)
            try:
                return jpeg and has_our_scene(jpeg)
            except AssertionError:  # it has a picture of its own while it connects
                if capture.process.poll() is not None:
                    raise
                return False
        until(scene, lambda: zoneminder.log(number))
        capture.stop()


def camera():
    return virtual_camera("--no-discovery", "--width", str(SIZE[0]), "--height", str(SIZE[1]))


def with_zoneminder(file, pattern, **settings):
    """A test of what `file` serves and its monitors."""
    def decorate(test):
        def run():
            with tempfile.TemporaryDirectory() as folder, camera() as location, launch(
                    file, PORT=0, LOCATION=location, MODEL=SHAPES, **settings) as running:
                url = running.wait_for(pattern).group(1)
                zoneminder = ZoneMinder(folder)
                with zoneminder.database():
                    test(zoneminder, url)
                assert running.stop() == 0, running.output
        run.__name__ = test.__name__
        return run
    return decorate


@with_zoneminder("camera-to-rtsp-with-boxes.launch", r"^Watch (rtsp://\S+)", RTSP_USER="zm", RTSP_PASSWORD="n0t4all")
def over_rtsp(zoneminder, url):
    shows(zoneminder, Type="Ffmpeg", Path=url.replace("rtsp://", "rtsp://zm:n0t4all@"), Method="rtpRtsp")


@with_zoneminder("camera-to-mjpeg.launch", r"^Open (\S+/mjpeg)")
def over_mjpeg(zoneminder, url):
    host, _, path = url[len("http://"):].partition("/")
    name, _, port = host.partition(":")
    shows(zoneminder, Type="Remote", Protocol="http", Method="simple", Host=name, Port=port, Path="/" + path)
    shows(zoneminder, Type="Ffmpeg", Path=url)


@with_zoneminder("camera-to-rtsp-with-boxes.launch", r"^Watch (rtsp://\S+)")
def over_onvif(zoneminder, url):
    """The stream as an ONVIF camera: ZoneMinder asks it for its profiles, and takes the first."""
    with virtual_camera("--no-discovery", "--width", str(SIZE[0]), "--height", str(SIZE[1]),
                        "--launch", f"rtspsrc location={url} latency=100 ! decodebin") as device:
        asked = subprocess.run(zoneminder.inside("zmonvif-probe.pl", "profiles", device, "1.1", "admin", "admin"),
                               capture_output=True, text=True, timeout=180, check=False)
        found = re.search(rf"H264, {SIZE[0]}, {SIZE[1]}, .*(rtsp://\S+)", asked.stdout)
        assert found, asked
        shows(zoneminder, Type="Ffmpeg", Path=found.group(1), Method="rtpRtsp")


if __name__ == "__main__":
    WHY_NOT = has_what_it_takes()
    if WHY_NOT:
        print("skipped: " + WHY_NOT)
        sys.exit(SKIP)
    run_tests([over_rtsp, over_mjpeg, over_onvif])
