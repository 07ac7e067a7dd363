"""`socketserver http --archive`: what tar, unzip and Python make of whole directories."""

import http.client
import io
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import PATIENCE, Program, run  # noqa: E402


class Archives(unittest.TestCase):
    NAMES = ["plain.txt", "with blank", "ünï/cödé €.txt", "deep/er/and/deeper/file",
             "x" * 200, "-dash", "quo\"te", "semi;colon"]

    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root, self.work = folder / "served", folder / "work"
        self.root.mkdir()
        self.work.mkdir()

    def serve(self, *arguments: object) -> None:
        self.tool = self.enterContext(
            Program("socketserver", "http", "0", *arguments, cwd=self.root))
        self.port = int(re.search(r" port (\d+) ", self.tool.stdout.readline())[1])

    def ask(self, method: str, path: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path)
        response = connection.getresponse()
        response.body = response.read()
        return response

    def fill(self) -> dict[bytes, bytes]:
        """A tree of all sorts; the names below it with their content."""
        files = {}
        for i, name in enumerate([*map(os.fsencode, self.NAMES), b"raw\xff\xfe"]):
            path = os.path.join(os.fsencode(self.root), b"tree", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            files[b"tree/" + name] = random.Random(i).randbytes(i * 50_000)
            with open(path, "wb") as file:
                file.write(files[b"tree/" + name])
        (self.root / "tree" / ".hidden").write_bytes(b"hidden")
        (self.root / "tree" / "empty").mkdir()
        os.symlink("/etc/passwd", self.root / "tree" / "out")
        os.chmod(self.root / "tree" / "plain.txt", 0o750)
        return files

    def fetch(self, kind: str) -> bytes:
        response = self.ask("GET", f"/tree/?archive={kind}")
        self.assertEqual(response.status, 200)
        return response.body

    def unpacked(self) -> dict[bytes, bytes]:
        found = {}
        work = os.fsencode(self.work)
        for folder, _, names in os.walk(work):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, work)] = file.read()
        return found

    def test_tar_unpacks(self):
        files = self.fill()
        self.serve("--archive", "tar,tgz")
        for kind, option in (("tar", "-x"), ("tgz", "-xz")):
            shutil.rmtree(self.work)
            self.work.mkdir()
            done = subprocess.run(["tar", option], input=self.fetch(kind), cwd=self.work,
                                  stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(self.unpacked(), files)
            self.assertTrue((self.work / "tree" / "empty").is_dir())
            mode = (self.work / "tree" / "plain.txt").stat().st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o750)

    def test_python_reads_tar(self):
        files = self.fill()
        self.serve("--archive=tar,tgz")
        for kind, mode in (("tar", "r:"), ("tgz", "r:gz")):
            with tarfile.open(fileobj=io.BytesIO(self.fetch(kind)), mode=mode) as archive:
                found = {os.fsencode(member.name): archive.extractfile(member).read()
                         for member in archive if member.isfile()}
            self.assertEqual(found, files)

    def test_python_reads_zip(self):
        files = self.fill()
        self.serve("--archive=zip")
        with zipfile.ZipFile(io.BytesIO(self.fetch("zip"))) as archive:
            self.assertIsNone(archive.testzip())
            found = {}
            for member in archive.infolist():
                utf8 = member.flag_bits & 0x800 or member.filename.isascii()
                name = member.filename.encode("utf-8" if utf8 else "cp437")
                if not member.is_dir():
                    found[name] = archive.read(member)
            self.assertEqual(found, files)

    @unittest.skipUnless(shutil.which("unzip"), "unzip is not installed")
    def test_unzip(self):
        files = self.fill()
        self.serve("--archive=zip")
        (self.work.parent / "a.zip").write_bytes(self.fetch("zip"))
        done = subprocess.run(["unzip", "-q", "../a.zip"], cwd=self.work, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = self.unpacked()
        # unzip has its own ideas of bytes that are no characters.
        for names in (found, files):
            for name in [name for name in names if b"raw" in name]:
                names[b"raw"] = names.pop(name)
        self.assertEqual(found, files)

    def test_head_and_name(self):
        self.fill()
        self.serve("--archive=tgz")
        response = self.ask("HEAD", "/tree/?archive=tgz")
        self.assertEqual(response.getheader("Content-Disposition"),
                         'attachment; filename="tree.tar.gz"')
        self.assertEqual(response.getheader("Content-Type"), "application/gzip")

    def test_a_format_that_is_off(self):
        self.fill()
        for arguments, text in ((["--archive=tgz"], b"these formats: tgz."),
                                ([], b"cannot be had as archives")):
            self.serve(*arguments)
            for method in ("GET", "HEAD"):
                response = self.ask(method, "/tree/?archive=zip")
                self.assertEqual(response.status, 404)
            self.assertIn(text, self.ask("GET", "/tree/?archive=zip").body)

    def test_where_there_are_no_archives(self):
        (self.root / "file").write_text("x")
        for arguments, fragment in ((["file"], "needs a directory"),
                                    (["--no-listing"], "--no-listing")):
            status, out, errors = run("socketserver", "http", "0", "--archive=tar", *arguments,
                                      cwd=self.root)
            self.assertEqual((status, out), (2, ""))
            self.assertIn("--archive: ", errors)
            self.assertIn(fragment, errors)

    def memory(self) -> int:
        """The most that the server has ever used, in KiB."""
        status = Path(f"/proc/{self.tool.process.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s*(\d+)", status, re.MULTILINE)[1])

    def test_large_file_in_little_memory(self):
        (self.root / "tree").mkdir()
        with open(self.root / "tree" / "sparse", "wb") as file:
            file.truncate(1 << 30)
        self.serve("--archive=tar")
        self.ask("HEAD", "/tree/?archive=tar")
        before = self.memory()
        done = subprocess.run(f"curl -sS 'http://127.0.0.1:{self.port}/tree/?archive=tar' | tar -tvf -", shell=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.stderr, b"")
        self.assertRegex(done.stdout, rb"\A-r\S+ \S+ +1073741824 .* tree/sparse\n\Z")
        # Far less in fact, but AddressSanitizer keeps what was freed for a while.
        self.assertLess(self.memory() - before, 320 * 1024)

    def test_many_files(self):
        (self.root / "tree").mkdir()
        for i in range(10_000):
            (self.root / "tree" / f"file {i}").write_bytes(b"%d" % i)
        self.serve("--archive=zip")
        with zipfile.ZipFile(io.BytesIO(self.fetch("zip"))) as archive:
            self.assertEqual(len(archive.infolist()), 10_000)
            self.assertEqual(archive.read("tree/file 9999"), b"9999")


if __name__ == "__main__":
    unittest.main()
