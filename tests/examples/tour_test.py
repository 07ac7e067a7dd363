"""The programs that docs/tour.md quotes do what it says."""

import socket
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, run  # noqa: E402


def talk(port: int, sent: bytes) -> bytes:
    """Sends, ends sending, and returns everything that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def fetch(port: int, path: str, body: bytes | None = None):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body, timeout=10)


class Tour(unittest.TestCase):
    def test_line_echo(self):
        with ExampleServer("line_echo", 0) as server:
            self.assertEqual(talk(server.port, b"one\ntwo\nthree"), b"one\ntwo\nthree")

    def test_greeter(self):
        with ExampleServer("greeter", 0) as server:
            self.assertEqual(talk(server.port, b""), b"hello 127.0.0.1\n")

    def test_visitors(self):
        with ExampleServer("visitors", 0) as server:
            self.assertEqual(talk(server.port, b""), b"you are number 1\n")
            self.assertEqual(talk(server.port, b""), b"you are number 2\n")
            server.interrupt()
            self.assertEqual(server.wait(), 0)
            self.assertEqual(server.stdout.rest(), "2 visitors\n")

    def test_hello_http(self):
        with ExampleServer("hello_http", 0) as server:
            with fetch(server.port, "/a/b?c") as answer:
                self.assertEqual(answer.read(), b"you asked for /a/b?c\n")
                self.assertEqual(answer.headers["Content-Length"], "21")
            with fetch(server.port, "/", b"12345") as answer:
                self.assertEqual(answer.read(), b"you sent 5 bytes\n")

    def test_serve_directory(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "README.md").write_text("# Read me\n")
            with (ExampleServer("serve_directory", directory, 0) as server,
                  fetch(server.port, "/") as answer):
                self.assertEqual(answer.read(), b"# Read me\n")
                self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=utf-8")
                self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")

    def test_drop_box(self):
        with (tempfile.TemporaryDirectory() as directory,
              ExampleServer("drop_box", directory, "secret", 0) as server):
            url = f"http://127.0.0.1:{server.port}/file"
            for words, status in (("Bearer guess", 403), ("Bearer secret", 201)):
                request = urllib.request.Request(url, b"content", {"Authorization": words},
                                                 method="PUT")
                try:
                    with urllib.request.urlopen(request, timeout=10) as answer:
                        self.assertEqual(answer.status, status)
                except urllib.error.HTTPError as error:
                    self.assertEqual(error.code, status)
            self.assertEqual(Path(directory, "file").read_bytes(), b"content")

    def test_tested_echo(self):
        self.assertEqual(run("tested_echo"), (0, "Good morning!\n", ""))


if __name__ == "__main__":
    unittest.main()
