"""`socketserver http` with --upload, --delete and --mkdir: what real clients do with them."""

import http.client
import os
import random
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import PATIENCE, Program, connect, run, wait_until  # noqa: E402

BANNER = re.compile(r"Serving HTTP on (\S+) port (\d+) ")
ONLY_HERE = "Clients may change files, so only this machine is served: -b ADDRESS for others"


class ReceiveTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name, "served")
        self.work = Path(folder.name, "work")
        self.root.mkdir()
        self.work.mkdir()

    def serve(self, *arguments: object) -> None:
        tool = self.enterContext(Program("socketserver", "http", "0", *arguments, cwd=self.root))
        self.host, port = BANNER.match(tool.stdout.readline()).groups()
        self.tool, self.port = tool, int(port)
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        response.body = response.read()
        return response

    def client(self, *arguments: object, cwd=None) -> subprocess.CompletedProcess:
        return subprocess.run([*map(str, arguments)], cwd=cwd or self.work, timeout=PATIENCE * 3,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Options(ReceiveTest):
    def test_nothing_is_on_by_default(self):
        self.serve()
        self.assertIn(self.host, ("::", "0.0.0.0"))
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            response = self.ask(method, "/x", b"x")
            self.assertEqual((response.status, response.getheader("Allow")), (405, "GET, HEAD"))

    def test_only_this_machine_unless_told_otherwise(self):
        for arguments in (["-u"], ["--delete"], ["--mkdir"]):
            self.serve(*arguments)
            self.assertEqual(self.host, "127.0.0.1")
            self.assertEqual(self.tool.stdout.readline(), ONLY_HERE)
        self.serve("-u", "-b", "0.0.0.0")
        self.assertEqual(self.host, "0.0.0.0")

    def test_an_account_counts_only_for_what_it_protects(self):
        (self.root / "below").mkdir()
        for arguments in (["-u"], ["--delete"], ["--upload=below", "--delete"]):
            self.serve(*arguments, "-a", "anna:secret@/elsewhere")
            self.assertEqual(self.host, "127.0.0.1")
            self.assertEqual(self.tool.stdout.readline(), ONLY_HERE)
        self.serve("-u", "-a", "anna:secret@/below")
        self.assertEqual(self.host, "127.0.0.1")
        for arguments in (["-u", "-a", "anna:secret"], ["--upload=below", "-a", "anna:secret@/below"]):
            self.serve(*arguments)
            self.assertNotEqual(self.host, "127.0.0.1")

    def test_max_body_bounds_uploads_too(self):
        self.serve("-u", "--max-body", "1K")
        self.assertEqual(self.ask("PUT", "/a", b"x" * 1024).status, 201)
        self.assertEqual(self.ask("PUT", "/b", b"x" * 1025).status, 413)

    def test_a_max_body_that_is_the_default_counts_when_it_is_given(self):
        beyond = {"Content-Length": str((64 << 20) + 1), "Expect": "100-continue"}
        (self.work / "web.toml").write_text("max-body = '64M'\n")
        for arguments, variables in ((["--max-body", "64M"], {}), ([], {"SOCKETSERVER_MAX_BODY": "64M"}),
                                     (["--config", self.work / "web.toml"], {})):
            with self.subTest(arguments), mock.patch.dict(os.environ, variables):
                self.serve("-u", *arguments)
                self.assertEqual(self.ask("PUT", "/a", None, beyond).status, 413)

    def test_files_larger_than_a_body_may_be(self):
        for sizes in (["--upload-max", "2M", "--max-body", "1M"],
                      ["--upload-max=64G", "--max-body=64M"]):
            status, out, errors = run("socketserver", "http", "0", "-u", *sizes, cwd=self.root)
            self.assertEqual((status, out), (2, ""))
            self.assertIn("--upload-max: ", errors)
            self.assertIn("--max-body", errors)
        for sizes in (["--upload-max", "1M", "--max-body", "1M"],
                      ["--upload-max", "2M", "--max-body", "0"]):
            self.serve("-u", *sizes)

    def test_what_becomes_of_duplicates_is_one_of_three_words(self):
        for word in ("keep", "1"):
            status, _, errors = run("socketserver", "http", "--on-duplicate", word)
            self.assertEqual(status, 2)
            self.assertIn("rename", errors)
        _, config, _ = run("socketserver", "http", "--on-duplicate", "rename", "--print-config")
        self.assertIn('on-duplicate = "rename"', config)

    def test_upload(self):
        self.serve("--upload", "--upload-max", "1K", "--chmod", "604")
        self.assertEqual(self.ask("PUT", "/a", b"x" * 1024).status, 201)
        self.assertEqual(self.ask("PUT", "/b", b"x" * 1025).status, 413)
        self.assertEqual(self.ask("PUT", "/a", b"x").status, 409)
        self.assertEqual(self.ask("PUT", "/d/a", b"x").status, 409)
        self.assertEqual(self.ask("DELETE", "/a").status, 405)
        self.assertEqual(stat.S_IMODE((self.root / "a").stat().st_mode), 0o604)
        self.assertEqual(os.listdir(self.root), ["a"])

    def test_upload_below_a_directory(self):
        (self.root / "in").mkdir()
        self.serve("--upload=in", "--on-duplicate", "rename", "--mkdir", "--delete")
        self.assertEqual(self.ask("PUT", "/a", b"x").status, 403)
        self.assertEqual(self.ask("PUT", "/in/new/a.b", b"x").status, 201)
        response = self.ask("PUT", "/in/new/a.b", b"x")
        self.assertEqual(response.getheader("Location"), "/in/new/a%20%281%29.b")
        self.assertEqual(self.ask("DELETE", "/in/new/a.b").status, 204)
        self.assertEqual(self.ask("DELETE", "/in/new", headers={"Depth": "infinity"}).status, 204)
        self.assertEqual(self.ask("MKCOL", "/in/dir").status, 201)

    def test_larger_than_bodies_usually_are(self):
        self.serve("-u", "--on-duplicate=overwrite")
        size = 70 << 20
        with open(self.work / "sparse", "wb") as file:
            file.truncate(size)
        done = self.client("curl", "-sS", "-f", "-T", "sparse", self.url + "/")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual((self.root / "sparse").stat().st_size, size)

    def test_arguments_that_make_no_sense(self):
        for arguments in (["--chmod", "9"], ["--chmod", "1000"], ["--on-duplicate", "maybe"],
                          ["--upload-max=much"], ["--upload-max=-5"], ["--upload-max=1.5G"],
                          ["--upload-max=10kb"], ["--archive", "rar"]):
            status, _, errors = run("socketserver", "http", "0", "-u", *arguments, cwd=self.root)
            self.assertEqual(status, 2, arguments)
            self.assertTrue(errors.startswith("socketserver: "), errors)
            if "upload-max" in arguments[0]:
                self.assertIn("--upload-max: must be a size such as 512, 64K or 10M, not", errors)
        (self.root / "file").write_text("x")
        for place, expected, problem in (("missing", 1, "No such file or directory"),
                                         ("/a/b", 1, "No such file"), ("file", 2, "Not a directory"),
                                         ("file/x", 1, "Not a directory")):
            for more in ([], ["--check-config"]):
                status, out, errors = run("socketserver", "http", "0", f"--upload={place}", *more,
                                          cwd=self.root)
                self.assertEqual((status, out), (expected, ""))
                self.assertIn(f'socketserver: --upload: "{place}": {problem}', errors)


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Curl(ReceiveTest):
    def test_interrupted_upload_is_resumed(self):
        self.serve("-u")
        content = random.Random(1).randbytes(3_000_000)
        (self.work / "big.bin").write_bytes(content)
        # A curl whose connection dies in the middle.
        with connect(self.port) as dying:
            dying.sendall(b"PUT /big.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n")
            dying.sendall(content[:1_234_567])
            dying.shutdown(socket.SHUT_WR)
            self.assertEqual(dying.recv(1), b"")
        # The recipe of docs/upload.md.
        recipe = r"""
            url=$1
            offset=$(curl -sI "$url" | tr -d '\r' | sed -n 's/^Upload-Offset: //p')
            echo "$offset"
            curl -sSf -X PATCH -C "$offset" -T big.bin "$url"
        """
        done = self.client("bash", "-ec", recipe, "-", self.url + "/big.bin")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout, b"1234567\n")
        self.assertEqual((self.root / "big.bin").read_bytes(), content)
        self.assertEqual(os.listdir(self.root), ["big.bin"])

    def test_curl_that_is_killed(self):
        self.serve("-u")
        with open(self.work / "big", "wb") as file:
            file.truncate(64 << 20)
        slow = subprocess.Popen(["curl", "-s", "--limit-rate", "2M", "-T", "big", self.url + "/"],
                                cwd=self.work)
        try:
            wait_until(lambda: b"\nUpload" in self.client("curl", "-sI", self.url + "/big").stdout
                       or self.has_open_file(), "the upload's first bytes")
        finally:
            slow.kill()
            slow.wait()
        wait_until(lambda: self.ask("HEAD", "/big").status == 204, "what arrived to be kept")
        offset = int(self.ask("HEAD", "/big").getheader("Upload-Offset"))
        done = self.client("curl", "-sSf", "-X", "PATCH", "-C", offset, "-T", "big",
                           self.url + "/big")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual((self.root / "big").stat().st_size, 64 << 20)

    def has_open_file(self) -> bool:
        """Whether the server has a file open that has something in it."""
        for fd in Path(f"/proc/{self.tool.process.pid}/fd").iterdir():
            try:
                if str(self.root) + "/" in os.readlink(fd) and os.stat(fd).st_size > 0:
                    return True
            except OSError:
                pass
        return False


if __name__ == "__main__":
    unittest.main()
