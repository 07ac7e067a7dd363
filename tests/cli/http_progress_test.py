"""`socketserver http` on a terminal: long transfers show how far they are, below the log."""

import codecs
import contextlib
import os
import pty
import re
import select
import socket
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import BANNER, HTTPTest  # noqa: E402
from program import BIN_DIR, PATIENCE, connect, wait_until  # noqa: E402

LARGE = 64 << 20  # bytes: more than the kernel holds for a slow client
HELD = 64 << 10  # what it may hold for those that stop in the middle; the server's side has 4 MiB
ERASE = "\r\x1b[K"
GET = b"GET /big.iso HTTP/1.1\r\nHost: x\r\n\r\n"


class Screen:
    """The tool, with its log on a terminal."""

    def __init__(self, cwd: Path, *arguments: object, environment: dict[str, str] | None = None,
                 on_terminal: bool = True):
        settings = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.master, slave = pty.openpty() if on_terminal else os.pipe()
        self.process = subprocess.Popen(
            [BIN_DIR / "socketserver", "http", "0", "-b", "127.0.0.1", *map(str, arguments)],
            cwd=cwd, stdout=subprocess.PIPE, stderr=slave, text=True,
            env=settings | {"TERM": "xterm"} | (environment or {}))
        os.close(slave)
        banner = BANNER.fullmatch(self.process.stdout.readline().strip())
        self.port, self.url = int(banner[2]), banner[3]
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        os.close(self.master)

    def read(self) -> str:
        """All that was written by now."""
        with contextlib.suppress(OSError):  # a terminal that nobody writes to any more
            while select.select([self.master], [], [], 0)[0] and (
                    piece := os.read(self.master, 65536)):
                self.text += self.decoder.decode(piece)
        return self.text

    def wait_for(self, pattern: str) -> None:
        try:
            wait_until(lambda: re.search(pattern, self.read()), pattern)
        except AssertionError as failure:
            raise AssertionError(f"{failure} in {self.text!r}") from None

    def ask(self) -> socket.socket:
        """Begins to download the large file, and takes the first of it."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", self.port))
        client.sendall(GET)
        client.recv(1)
        return client

    def end(self) -> str:
        """What was written until the server had ended."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        return self.read()


class Progress(HTTPTest):
    def setUp(self):
        super().setUp()
        with (self.root / "big.iso").open("wb") as large:
            large.truncate(LARGE)

    def screen(self, *arguments: object, **more) -> Screen:
        return self.enterContext(Screen(self.root, *arguments, **more))

    def test_download(self):
        for engine in ("fiber", "thread", "pool", "sync"):
            with self.subTest(engine), Screen(self.root, "--engine", engine) as screen:
                with screen.ask() as client:
                    screen.wait_for(r"\r\x1b\[K1 transfer, \S+ [kM]?B/s  big\.iso \d+ %")
                    left = LARGE // 2
                    while left > 0:
                        left -= len(client.recv(min(left, 1 << 20)))
                    # The kernel holds some, too.
                    screen.wait_for(r"\r\x1b\[K1 transfer, \S+ [kMG]?B/s  big\.iso [5-9]\d %")
                screen.wait_for(re.escape(ERASE) + r"\Z")

    def test_log_lines_stand_above_it(self):
        screen = self.screen()
        with screen.ask():
            screen.wait_for("  big.iso ")
            self.assertEqual(self.curl(f"http://127.0.0.1:{screen.port}/hello.txt"), "hello\n")
            screen.wait_for(r"\r\x1b\[K127\.0\.0\.1 [^\r\n]*hello\.txt[^\r\n]*\r\n\d transfers?, ")
        # Nothing else but it was ever erased, or stood before a line of the log.
        lines = re.split(r"\r\n", screen.end())
        for line in lines:
            self.assertRegex(line.rpartition(ERASE)[2], r"\A(127\.0\.0\.1 .*|\d transfers?, [^\r]*|)\Z")
        self.assertTrue(screen.text.endswith(ERASE), screen.text)

    def test_upload(self):
        screen = self.screen("--upload")
        with connect(screen.port) as client:
            client.sendall(f"PUT /r%C3%A9sum%C3%A9.pdf HTTP/1.1\r\nHost: 127.0.0.1:{screen.port}\r\n"
                           "Content-Length: 1000\r\n\r\n".encode() + b"x" * 430)
            screen.wait_for(r"1 transfer, \d+ B/s  résumé\.pdf 43 %")
            client.sendall(b"x" * 570)
            self.assertIn(b" 201 ", client.recv(1000))
            screen.wait_for(re.escape(ERASE) + r"\Z")

    def test_names(self):
        screen = self.screen("--random-route", "big.iso")
        route = re.search(r"/[\w-]{20}/", screen.url)[0]
        with connect(screen.port) as client:
            client.sendall(f"GET {route} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            screen.wait_for(r"B/s  big\.iso \d+ %")
            self.assertNotIn(route.strip("/") + " ", screen.text)
        screen = self.screen()
        name = "a\x1b[31m"  # which would color what follows
        self.make(name, b"")
        os.truncate(self.root / name, LARGE)
        with connect(screen.port) as client:
            client.sendall(b"GET /a%1b%5b31m HTTP/1.1\r\nHost: x\r\n\r\n")
            screen.wait_for(r"B/s  a\\x1b\[31m \d+ %")
            self.assertNotIn(name, screen.text)

    def test_two_at_once(self):
        screen = self.screen()
        with screen.ask(), screen.ask():
            screen.wait_for(r"2 transfers, \S+ [kM]?B/s  big\.iso \d+ %  big\.iso \d+ %")

    def test_nowhere_else(self):
        self.make("log", "")
        plain = {
            "file": self.screen("--log-file", "log"),
            "quiet": self.screen("-q"),
            "json": self.screen("--log-format", "json"),
            "no color": self.screen(environment={"NO_COLOR": "1"}),
            "dumb": self.screen(environment={"TERM": "dumb"}),
            "none": self.screen(environment={"TERM": ""}),
            "pipe": self.screen(on_terminal=False),
            "fork": self.screen("--engine", "fork"),
            "prefork": self.screen("--engine", "prefork"),
        }
        for screen in plain.values():
            self.enterContext(screen.ask())
        shown = self.screen()
        self.enterContext(shown.ask())
        # A transfer that began after all the others.
        shown.wait_for("  big.iso ")
        for name, screen in plain.items():
            with self.subTest(name):
                self.assertNotIn("transfer", screen.read())
                self.assertNotIn("\x1b[K", screen.text)


if __name__ == "__main__":
    unittest.main()
