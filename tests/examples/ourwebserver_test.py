"""ourwebserver against its transcript (E25)."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask, without_volatile  # noqa: E402

HEAD = """\
HTTP/1.0 {status}
Server: BaseHTTP/0.6 C++/20
Date: <date>
Content-type: {type}
"""

PAGE = b"""
<HTML>
<HEAD><TITLE>My Home Page</TITLE></HEAD>
<BODY> <CENTER>
<H1> hello client </H1>
</CENTER> </BODY>
</HTML>"""


class OurWebServer(unittest.TestCase):
    def converse(self, path: str, *switches: str) -> tuple[bytes, str]:
        """Asks a fresh server for one path, then ends it with Ctrl-C; the answer and the log."""
        with ExampleServer("ourwebserver", 0, *switches) as server:
            self.assertEqual(server.stdout.readline(), "welcome to our web server")
            self.assertEqual(server.stdout.readline(), "press ctrl c to stop server")
            answer = ask(server.port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            server.interrupt()
            self.assertEqual(server.stdout.rest(), " ctrl c pressed, shutting down\n")
            self.assertEqual(server.wait(), 0)
            return answer, without_volatile(server.stderr.rest())

    def check_answer(self, answer: bytes, status: str, content_type: str, content: bytes):
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertEqual(without_volatile(head.decode()).replace("\r\n", "\n") + "\n",
                         HEAD.format(status=status, type=content_type))
        self.assertEqual(body, content)

    def test_E25_page(self):
        answer, log = self.converse("/")
        self.assertEqual(len(PAGE), 114)
        self.check_answer(answer, "200 OK", "text/html", PAGE)
        self.assertEqual(log, '127.0.0.1 - - [<time>] "GET / HTTP/1.1" 200 -\n')

    def test_E25_unknown_path(self):
        answer, log = self.converse("/test")
        self.check_answer(answer, "404 Not Found", "text/plain", b"/test not found")
        self.assertEqual(log, '127.0.0.1 - - [<time>] "GET /test HTTP/1.1" 404 -\n')

    def test_E25_unknown_path_as_in_the_seed(self):
        self.assertEqual(self.converse("/test", "--seed-compat"), (b"/test not found", ""))


if __name__ == "__main__":
    unittest.main()
