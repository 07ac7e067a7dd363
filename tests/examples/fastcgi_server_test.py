"""fastcgi_server has an application answer for the files of its suffix, and sends the others."""

import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import fastcgi_application as fastcgi  # noqa: E402
from program import ExampleServer, ask  # noqa: E402


class FastCGIServer(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = folder / "root"
        self.root.mkdir()
        self.socket = folder / "app.sock"
        (self.root / "note.txt").write_text("a file\n")

    def check(self, server: ExampleServer, target: str, status: int, body: bytes | None = None) -> None:
        answer = ask(server.port, f"GET {target} HTTP/1.0\r\n\r\n".encode())
        head, _, content = answer.partition(b"\r\n\r\n")
        self.assertEqual(int(head.split()[1]), status, target)
        if body is not None:  # else it is a page that tells of the error
            self.assertEqual(content, body, target)

    def test_an_application(self):
        (self.root / "index.php").write_text("<?php the text of a script")

        def tell(variables: dict[str, str], _: bytes) -> bytes:
            names = ("SCRIPT_FILENAME", "PATH_INFO", "QUERY_STRING")
            return fastcgi.text(" ".join(variables[name] for name in names).encode())

        script = str(self.root / "index.php").encode()
        with (fastcgi.running(str(self.socket), fastcgi.answering(tell)),
              ExampleServer("fastcgi_server", self.root, 0, "--socket", self.socket) as server):
            self.check(server, "/index.php/info?a=b", 200, script + b" /info a=b")
            self.check(server, "/", 200, script + b"  ")
            self.check(server, "/note.txt", 200, b"a file\n")
            # The application is asked for files only that are there.
            self.check(server, "/note.txt/x.php", 404)
            self.check(server, "/none.php", 404)

    def test_no_application(self):
        (self.root / "index.php").write_text("<?php the text of a script")
        with ExampleServer("fastcgi_server", self.root, 0, "--socket", self.socket) as server:
            self.check(server, "/index.php", 502)
            self.check(server, "/note.txt", 200, b"a file\n")

    def test_fcgiwrap(self):
        program = shutil.which("fcgiwrap", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            self.skipTest("fcgiwrap is not installed")
        script = self.root / "hello.sh"
        script.write_text("#!/bin/sh\necho 'Content-Type: text/plain'\necho\n"
                          "echo \"hello $REQUEST_METHOD $QUERY_STRING\"\n")
        script.chmod(0o755)
        with (fastcgi.listening([program, "-f", "-s", f"unix:{self.socket}"], str(self.socket)),
              ExampleServer("fastcgi_server", self.root, 0, "--suffix", ".sh",
                            "--socket", self.socket) as server):
            self.check(server, "/hello.sh?a=b", 200, b"hello GET a=b\n")
            self.check(server, "/note.txt", 200, b"a file\n")


if __name__ == "__main__":
    unittest.main()
