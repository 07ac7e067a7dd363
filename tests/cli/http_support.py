"""What the tests of `socketserver http` share: a directory, the tool that serves it, curl."""

import http.client
import random
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import PATIENCE, Program  # noqa: E402

BANNER = re.compile(
    r"Serving HTTP on (\S+) port (\d+) \((http://\S+:\d+/\S*)\) from (/.*) \.\.\.")


class Tool(Program):
    """`socketserver http`, started on any free port; the words of its announcement."""

    def __init__(self, *arguments: object, cwd: str | Path):
        super().__init__("socketserver", "http", *arguments, cwd=cwd)
        try:
            self.banner = self.stdout.readline()
            self.host, port, self.url, self.directory = BANNER.fullmatch(self.banner).groups()
            self.port = int(port)
        except BaseException as failure:
            self.__exit__(type(failure))
            raise


class HTTPTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        self.bytes = random.Random(1).randbytes(300_000)
        self.make("data.bin", self.bytes)
        self.make("hello.txt", "hello\n")
        self.make(".secret", "secret\n")
        self.make("below/deep.txt", "deep\n")

    def make(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def tool(self, *arguments: object) -> Tool:
        return Tool(*arguments, cwd=self.root)

    def get(self, tool: Tool, path: str, host: str = "127.0.0.1", method: str = "GET",
            headers: dict[str, str] | None = None, body: bytes | None = None):
        connection = http.client.HTTPConnection(host, tool.port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response, response.read()

    def status(self, tool: Tool, path: str, **more) -> int:
        return self.get(tool, path, **more)[0].status

    def curl(self, *arguments: object) -> str:
        """What curl prints; fails when it does."""
        return subprocess.run(["curl", "-sS", "--noproxy", "*", "-m", str(PATIENCE),
                               *map(str, arguments)],
                              check=True, capture_output=True, text=True).stdout


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
