#!/usr/bin/env python3
"""models/fetch against a server on this machine: whole files appear, others never do."""
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCE = os.environ["VIDEO_STREAM_SOURCE_DIR"]
FETCH = os.path.join(SOURCE, "models", "fetch")
CONTENT = bytes(range(256)) * 1000


class Answers(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Answers.asked += 1
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/whole")
            self.end_headers()
            return
        body = {"/whole": CONTENT, "/altered": b"x" + CONTENT[1:], "/cut": CONTENT[:5000], "/broken": CONTENT[:5000],
                "/endless": CONTENT * 3}.get(self.path)
        self.send_response(200 if body else 404)
        if self.path == "/broken":  # says more than it sends
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


class Fetch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.models = os.path.join(self.folder, "deep", "models")

    def run_fetch(self, path, *arguments, port=None):
        entry = {"name": "net", "about": "a net", "file": "net.onnx", "licence": "none", "classes": "coco.names",
                 "url": f"http://127.0.0.1:{port or self.server.server_port}{path}",
                 "bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
        manifest = os.path.join(self.folder, "manifest.json")
        with open(manifest, "w", encoding="utf-8") as file:
            json.dump([entry], file)
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return subprocess.run([sys.executable, "-B", FETCH, "--manifest", manifest, "--directory", self.models,
                               *arguments], capture_output=True, text=True, timeout=60, env=environment, check=False)

    def assert_refused(self, result, words):
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn(words, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        left = os.listdir(self.models) if os.path.isdir(self.models) else []
        self.assertEqual(left, [])

    def test_whole(self):
        result = self.run_fetch("/moved", "--path", "net")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        path = result.stdout.strip()
        self.assertEqual(path, os.path.join(self.models, "net.onnx"))
        with open(path, "rb") as file:
            self.assertEqual(file.read(), CONTENT)
        self.assertEqual(os.listdir(self.models), ["net.onnx"])

        asked = Answers.asked
        self.assertEqual(self.run_fetch("/whole", "--path", "net").stdout.strip(), path)
        self.assertEqual(Answers.asked, asked, "fetched what was there")
        self.assertIn(" here ", self.run_fetch("/whole", "--list").stdout)

        with open(path, "r+b") as file:  # damaged since
            file.write(b"xx")
        self.assertNotIn(" here ", self.run_fetch("/whole", "--list").stdout)
        self.assertEqual(self.run_fetch("/whole", "--path", "net").returncode, 0)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), CONTENT)

    def test_refused(self):
        for path in ("/altered", "/cut", "/broken", "/endless"):
            self.assert_refused(self.run_fetch(path, "net"), "sha256")
        self.assert_refused(self.run_fetch("/nothing", "net"), "404")
        self.assert_refused(self.run_fetch("/whole", "other"), "there are: net")

    def test_offline(self):
        port = self.server.server_port
        closed = http.server.HTTPServer(("127.0.0.1", 0), Answers)
        closed.server_close()
        self.assertNotEqual(closed.server_port, port)
        self.assert_refused(self.run_fetch("/whole", "net", port=closed.server_port), "by hand")

    def test_manifest(self):
        with open(os.path.join(SOURCE, "models", "manifest.json"), encoding="utf-8") as file:
            entries = json.load(file)
        self.assertIn("yolox-nano", [entry["name"] for entry in entries])
        for entry in entries:
            self.assertRegex(entry["sha256"], "^[0-9a-f]{64}$")
            self.assertTrue(entry["url"].startswith("https://"))
            self.assertTrue(re.fullmatch(r"[\w.-]+\.onnx", entry["file"]))
            self.assertTrue(os.path.isfile(os.path.join(SOURCE, "models", entry["classes"])))


if __name__ == "__main__":
    unittest.main()
