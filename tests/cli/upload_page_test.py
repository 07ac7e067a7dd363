"""The page of `socketserver http --upload` in Chromium: uploads with progress, resumption, buttons."""

import random
import re
import socket
import struct
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from browser import SLOW, Browser, for_chromium  # noqa: E402
from program import PATIENCE, Program, wait_until  # noqa: E402


class Proxy:
    """Passes connections on. The first one that has sent `limit` bytes waits for `gate`, and is then
    cut if `cuts` says so."""

    def __init__(self, port: int, limit: int, cuts: bool):
        self.target, self.limit, self.cuts = port, limit, cuts
        self.gate = threading.Event()
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self.sockets[0].getsockname()[1]
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gate.set()
        for end in self.sockets:
            self.shut(end)
        for thread in self.threads:
            thread.join()
        for end in self.sockets:
            end.close()

    @staticmethod
    def shut(end: socket.socket) -> None:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is already

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.sockets[0].accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            for ends in ((client, server), (server, client)):
                thread = threading.Thread(target=self.copy, args=(*ends, ends[0] is client))
                self.threads.append(thread)
                thread.start()

    def copy(self, source: socket.socket, sink: socket.socket, upwards: bool) -> None:
        passed = 0
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                passed += len(data)
                if upwards and passed > self.limit and not self.gate.is_set():
                    self.gate.wait(SLOW)
                    if self.cuts:
                        # A reset: a half-closed connection would be written to for ever.
                        source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack("ii", 1, 0))
                        self.shut(sink)
                        return source.close()
        except OSError:
            pass  # the other direction has ended it
        self.shut(sink)
        self.shut(source)
        # A browser that is still sending must learn of it; a socket that is only shut down lets it
        # wait for room for ever.
        source.close()


@for_chromium
class UploadPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root, self.work = folder / "served", folder / "work"
        self.root.mkdir()
        self.work.mkdir()
        tool = self.enterContext(Program("socketserver", "http", "0", "-u", "--mkdir", "--delete",
                                         "--archive", "zip", cwd=self.root))
        self.port = int(re.search(r" port (\d+) ", tool.stdout.readline())[1])

    def file(self, name: str, size: int) -> Path:
        path = self.work / name
        path.write_bytes(random.Random(size).randbytes(size))
        return path

    def names(self) -> list[str]:
        """What the page lists."""
        return self.browser.run("return [...document.querySelectorAll('td:first-child a')]"
                                ".map(link => link.textContent)")

    def submit(self, *paths: Path) -> None:
        self.browser.choose_files(*paths)
        self.browser.run("document.querySelector('#upload button').click()")

    def wait_for_names(self, *names: str) -> None:
        # The page itself waits between its tries.
        wait_until(lambda: self.names() == [*names], f"the page to list {names}", 2 * PATIENCE)

    def assert_same(self, path: Path) -> None:
        self.assertEqual((self.root / path.name).read_bytes(), path.read_bytes())

    def test_several_files(self):
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        files = [self.file("<b>ä & #1%.bin", 2_000_000), self.file("empty", 0),
                 self.file("small", 5)]
        self.submit(*files)
        self.wait_for_names("<b>ä & #1%.bin", "empty", "small")
        for file in files:
            self.assert_same(file)
        self.assertEqual(self.browser.complaints(), [])

    def wait_for_progress(self) -> None:
        """Waits until the page shows that a part of a file has been sent."""
        def is_shown() -> bool:
            value = self.browser.run("return document.querySelector('#transfers progress')?.value")
            return 0 < (value or 0) < 1

        wait_until(is_shown, "progress to be shown")

    def test_progress(self):
        with Proxy(self.port, 3_000_000, cuts=False) as proxy:
            self.browser.open(f"http://127.0.0.1:{proxy.port}/")
            file = self.file("big.bin", 30_000_000)
            self.submit(file)
            self.wait_for_progress()
            proxy.gate.set()
            self.wait_for_names("big.bin")
            self.assert_same(file)

    def test_a_connection_that_breaks(self):
        with Proxy(self.port, 3_000_000, cuts=True) as proxy:
            self.browser.open(f"http://127.0.0.1:{proxy.port}/")
            file = self.file("big.bin", 30_000_000)
            self.submit(file)
            self.wait_for_progress()
            proxy.gate.set()
            self.wait_for_names("big.bin")
            self.assert_same(file)

    def test_refusal_is_shown(self):
        (self.root / "taken").write_text("old")
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        self.submit(self.file("taken", 10))
        wait_until(lambda: self.browser.run(
            "return document.querySelector('#transfers .failed')?.textContent") ==
            "409 Exists already", "the refusal to be shown")
        self.assertEqual((self.root / "taken").read_text(), "old")

    def test_what_another_visitor_uploads_is_not_gone_on_with(self):
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        with socket.create_connection(("127.0.0.1", self.port)) as other:
            other.sendall(b"PATCH /same HTTP/1.1\r\nHost: localhost\r\nUpload-Offset: 0\r\n"
                          b"Content-Length: 10\r\n\r\ntheirs")
            part = self.root / ".same.socketserver-part"
            wait_until(lambda: part.exists() and part.read_bytes() == b"theirs", "a part of it")
            self.browser.run("globalThis.confirm = () => false")
            self.submit(self.file("same", 100))
            self.wait_for_names("same")
        self.assert_same(self.work / "same")

    def test_what_another_visitor_begins_meanwhile_is_not_gone_on_with(self):
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        with socket.create_connection(("127.0.0.1", self.port)) as other:
            # As if it began between the question and the upload.
            self.browser.run("const ask = fetch; globalThis.fetch = (url, options) => "
                             "ask(url + '-not', options)")
            other.sendall(b"PATCH /same HTTP/1.1\r\nHost: localhost\r\nUpload-Offset: 0\r\n"
                          b"Content-Length: 10\r\n\r\ntheirs")
            part = self.root / ".same.socketserver-part"
            wait_until(lambda: part.exists() and part.read_bytes() == b"theirs", "a part of it")
            self.submit(self.file("same", 100))
            wait_until(lambda: self.browser.run(
                "return document.querySelector('#transfers .failed')?.textContent") ==
                "423 Another upload is writing to it", "the refusal to be shown")
        self.assertEqual(part.read_bytes(), b"theirs")

    def test_without_the_script(self):
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        file = self.file("plain", 1000)
        self.browser.choose_files(file)
        # submit() calls no listener: as a browser without scripts does it.
        self.browser.run("document.getElementById('upload').submit()")
        self.wait_for_names("plain")
        self.assert_same(file)

    def test_links_to_folders_are_removed_themselves(self):
        (self.root / "folder").mkdir()
        (self.root / "folder" / "file").write_text("x")
        (self.root / "link").symlink_to("folder")
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        self.wait_for_names("folder/", "link@")
        self.browser.run("setTimeout(() => "
                         "document.querySelector('[aria-label=\"Delete link@\"]').click())")
        self.assertEqual(self.browser.answer(), "Delete link@?")
        self.wait_for_names("folder/")
        self.assertEqual((self.root / "folder" / "file").read_text(), "x")

    def test_folders_are_made_and_removed(self):
        (self.root / "old").mkdir()
        (self.root / "old" / "file").write_text("x")
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        self.browser.run("setTimeout(() => document.getElementById('mkdir').click())")
        self.assertEqual(self.browser.answer("new & shiny"), "Name of the new folder")
        self.wait_for_names("new & shiny/", "old/")
        self.browser.run("setTimeout(() => "
                         "document.querySelector('[aria-label=\"Delete old/\"]').click())")
        self.assertEqual(self.browser.answer(), "Delete old/ and all that is in it?")
        self.wait_for_names("new & shiny/")
        self.assertFalse((self.root / "old").exists())
        self.assertEqual(self.browser.complaints(), [])


if __name__ == "__main__":
    unittest.main()
