"""trivial_http against its transcript (E02)."""

import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask, without_volatile  # noqa: E402

HEAD = """\
HTTP/1.0 404 File not found
Server: TrivialHTTP/1.0 C++/20
Date: <date>
Connection: close
Content-Type: text/html;charset=utf-8
Content-Length: {length}
"""


class TrivialHTTP(unittest.TestCase):
    def check(self, request: bytes, status: int = 404) -> tuple[str, bytes]:
        """Sends a request to a fresh server, compares its log; head and body of the answer."""
        with ExampleServer("trivial_http", 0) as server:
            head, _, body = ask(server.port, request).partition(b"\r\n\r\n")
            line = request.split(b"\r\n")[0].decode()
            message = "File not found" if status == 404 else "Unsupported method ('PUT')"
            for expected in (f"code {status}, message {message}", f'"{line}" {status} -'):
                self.assertEqual(without_volatile(server.stderr.readline()),
                                 f"127.0.0.1 - - [<time>] {expected}")
            server.interrupt()
            self.assertEqual(server.wait(), -signal.SIGINT)
            self.assertEqual((server.stdout.rest(), server.stderr.rest()), ("", ""))
        return without_volatile(head.decode()).replace("\r\n", "\n") + "\n", body

    def test_E02_get(self):
        head, body = self.check(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(head, HEAD.format(length=len(body)))
        self.assertIn(b"Error code: 404", body)
        self.assertIn(b"File not found", body)

    def test_E02_head(self):
        _, page = self.check(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        head, body = self.check(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual((head, body), (HEAD.format(length=len(page)), b""))

    def test_E02_post(self):
        head, body = self.check(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        self.assertEqual(head, HEAD.format(length=len(body)))

    def test_E02_put(self):
        head, _ = self.check(b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 501)
        self.assertEqual(head.split("\n")[0], "HTTP/1.0 501 Unsupported method ('PUT')")


if __name__ == "__main__":
    unittest.main()
