"""The programs that docs/http.md quotes do what it says."""

import base64
import gzip
import json
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer  # noqa: E402


def ask(port: int, path: str, body: bytes | None = None, **headers: str):
    """The status, the headers and the body of an answer, whatever the status."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, fields)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def form(filename: str, content: bytes) -> bytes:
    return (b'--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nthe sea\r\n'
            b'--B\r\nContent-Disposition: form-data; name="picture"; filename="'
            + filename.encode() + b'"\r\nContent-Type: image/png\r\n\r\n' + content
            + b"\r\n--B--\r\n")


class HttpGuide(unittest.TestCase):
    def test_json_api(self):
        with ExampleServer("json_api", 0) as server:
            for expected in (b"1", b"2"):
                status, headers, body = ask(server.port, "/counters?name=a%22b", b"")
                self.assertEqual((status, body), (200, expected))
                self.assertEqual(headers["Content-Type"], "application/json")
            self.assertEqual(json.loads(ask(server.port, "/counters")[2]), {'a"b': 2})
            self.assertEqual(ask(server.port, "/counters", b"")[0], 422)
            self.assertEqual(ask(server.port, "/other")[0], 404)

    def test_upload_form(self):
        with (tempfile.TemporaryDirectory() as directory,
              ExampleServer("upload_form", directory, 0) as server):
            self.assertIn(b"<form", ask(server.port, "/")[2])
            content = bytes(range(256)) * 4096
            multipart = "multipart/form-data; boundary=B"
            answer = ask(server.port, "/", form("../sea.png", content), Content_Type=multipart)
            self.assertEqual((answer[0], answer[2]), (200, b"the sea: 1048576 bytes\n"))
            self.assertEqual(Path(directory, "sea.png").read_bytes(), content)
            for name in ("", "..", ".profile"):
                answer = ask(server.port, "/", form(name, content), Content_Type=multipart)
                self.assertEqual(answer[0], 400, name)
            self.assertEqual(ask(server.port, "/", b"a=1")[0], 400)
            self.assertEqual([path.name for path in Path(directory).iterdir()], ["sea.png"])

    def test_event_ticker(self):
        with ExampleServer("event_ticker", 0) as server:
            self.assertIn(b"EventSource", ask(server.port, "/")[2])
            events = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/events", timeout=20)
            with events:
                self.assertEqual(events.headers["Content-Type"], "text/event-stream")
                for _ in range(2):
                    self.assertEqual(events.readline(), b"event: tick\n")
                    self.assertRegex(events.readline(), rb"^data: \w+, .* GMT\n$")
                    self.assertEqual(events.readline(), b"\n")

    def test_virtual_hosts(self):
        with tempfile.TemporaryDirectory() as directory:
            for host in ("a.example", "b.example"):
                Path(directory, host).mkdir()
                Path(directory, host, "index.html").write_text(host * 500)
            with ExampleServer("virtual_hosts", directory, 0) as server:
                for host in ("a.example", "b.example", "B.Example:80"):
                    expected = host.lower().removesuffix(":80").encode() * 500
                    self.assertEqual(ask(server.port, "/", Host=host)[2], expected)
                for host in ("c.example", "..", ".hidden", "a.example/../b.example"):
                    self.assertIn(ask(server.port, "/", Host=host)[0], (400, 404), host)
                _, headers, body = ask(server.port, "/", Host="a.example", Accept_Encoding="gzip")
                self.assertEqual(headers["Content-Encoding"], "gzip")
                self.assertEqual(gzip.decompress(body), b"a.example" * 500)

    def test_basic_auth(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "file").write_text("secret\n")
            with ExampleServer("basic_auth", "me:öpen", directory, 0) as server:
                status, headers, _ = ask(server.port, "/file")
                self.assertEqual(status, 401)
                self.assertTrue(headers["WWW-Authenticate"].startswith("Basic realm="))
                for password, expected in (("öpen", 200), ("open", 401), ("", 401)):
                    credentials = base64.b64encode(f"me:{password}".encode()).decode()
                    answer = ask(server.port, "/file", Authorization=f"Basic {credentials}")
                    self.assertEqual(answer[0], expected, password)


if __name__ == "__main__":
    unittest.main()
