"""What may happen to a server of files between two requests, and during one: files that change while
they are sent, a directory without end, a log that cannot be written. It goes on, and no answer is
longer than it said, or looks whole when it is not.

BIG_DIRECTORY_NAMES=1000000 makes the directory as large as that instead of what is quick.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import BIN_DIR, PATIENCE  # noqa: E402

LARGE = 32 << 20  # more than the kernel holds for a client that does not read
FEW_NAMES = 11_000  # that is more than are sorted
NAMES = int(os.environ.get("BIG_DIRECTORY_NAMES", "32000"))

# AddressSanitizer would keep what was freed, and it would look as if the server did.
WITHOUT_QUARANTINE = {
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")
    + ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0",
}


class Server:
    """conformance_files on a directory, with any standard error."""

    def __init__(self, folder: Path, errors=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [BIN_DIR / "conformance_files", folder], stdout=subprocess.PIPE, stderr=errors, text=True,
            env=os.environ | WITHOUT_QUARANTINE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)

    def ask(self, target: str) -> "Answer":
        return Answer(self.port, target)

    def status_of(self, target: str) -> int:
        answer = self.ask(target)
        answer.connection.close()
        return answer.status

    def most_memory(self) -> int:
        """Bytes that it has ever had in memory at once."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


class Answer:
    """An answer whose body is read when the test wants it."""

    def __init__(self, port: int, target: str):
        self.connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.connection.sendall(
            f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.connection.recv(4096)
            if not piece:
                raise AssertionError(f"the answer ends in its head: {head!r}")
            head += piece
        self.head, _, self.begun = head.partition(b"\r\n\r\n")
        self.status = int(self.head.split()[1])
        length = re.search(rb"Content-Length: (\d+)", self.head)
        self.length = int(length[1]) if length else None

    def pieces(self):
        yield self.begun
        with self.connection, contextlib.suppress(ConnectionResetError):
            while piece := self.connection.recv(1 << 20):
                yield piece

    def size(self) -> int:
        return sum(map(len, self.pieces()))


class Survival(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file("small", 5)

    def file(self, name: str, size: int, content: bytes = b"x") -> Path:
        path = self.folder / name
        with path.open("wb") as file:
            file.write(content)
            file.truncate(size)
        return path

    def check_well(self, server: Server):
        answer = server.ask("/small")
        self.assertEqual((answer.status, answer.size()), (200, 5))

    def test_file_shrinks_while_it_is_sent(self):
        large = self.file("large", LARGE)
        with Server(self.folder) as server:
            answer = server.ask("/large")
            os.truncate(large, LARGE // 2)
            self.assertEqual(answer.length, LARGE)
            self.assertLess(answer.size(), LARGE)
            self.check_well(server)

    def test_file_is_emptied_while_it_is_sent(self):
        large = self.file("large", LARGE)
        with Server(self.folder) as server:
            answer = server.ask("/large")
            os.truncate(large, 0)
            self.assertLess(answer.size(), LARGE)
            self.check_well(server)

    def test_file_grows_while_it_is_sent(self):
        large = self.file("large", LARGE)
        with Server(self.folder) as server:
            answer = server.ask("/large")
            os.truncate(large, 2 * LARGE)
            self.assertEqual(answer.size(), LARGE)
            self.check_well(server)

    def test_file_is_replaced_while_it_is_sent(self):
        large = self.file("large", LARGE)
        with Server(self.folder) as server:
            answer = server.ask("/large")
            self.file("new", 3, b"new").rename(large)
            self.assertEqual(answer.size(), LARGE)
            self.assertEqual(b"".join(server.ask("/large").pieces()), b"new")

    def test_file_is_removed_while_it_is_sent(self):
        large = self.file("large", LARGE)
        with Server(self.folder) as server:
            answer = server.ask("/large")
            large.unlink()
            self.assertEqual(answer.size(), LARGE)
            self.assertEqual(server.status_of("/large"), 404)

    def test_file_becomes_a_directory(self):
        path = self.file("thing", 3)
        with Server(self.folder) as server:
            self.assertEqual(server.status_of("/thing"), 200)
            path.unlink()
            path.mkdir()
            self.assertEqual(server.status_of("/thing"), 301)

    def test_directory_is_removed(self):
        with Server(self.folder) as server:
            (self.folder / "small").unlink()
            self.folder.rmdir()
            self.assertEqual(server.status_of("/"), 200)  # it is still open, and empty
            self.assertEqual(server.status_of("/small"), 404)
            self.folder.mkdir()  # for the clean-up; another one, so it stays unseen
            self.file("small", 5)
            self.assertEqual(server.status_of("/small"), 404)

    def test_client_resets_in_the_middle(self):
        self.file("large", LARGE)
        with Server(self.folder) as server:
            for _ in range(50):
                answer = server.ask("/large")
                linger = b"\x01\0\0\0\0\0\0\0"  # for no time: closing resets
                answer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                answer.connection.close()
            self.check_well(server)

    def test_names_that_are_markup(self):
        names = ["<script>alert(1)<", "'\"&", "a\nb", "javascript:alert(1)", "\x1b[31m", "..."]
        (self.folder / "odd").mkdir()
        for name in names:
            (self.folder / "odd" / name).touch()
        with Server(self.folder) as server:
            page = b"".join(server.ask("/odd/").pieces()).decode()
            self.assertNotIn("<script", page)
            links = re.findall(r'<a href="([^"]*)">', page)
            self.assertEqual(len(links), len(names) - 1)  # the last one is hidden
            for link in links:
                self.assertNotRegex(link, r"^[a-z]+:")
                self.assertEqual(server.status_of("/odd/" + link), 200, link)

    def test_log_on_a_full_disk(self):
        with open("/dev/full", "w") as full, Server(self.folder, full) as server:
            for _ in range(100):
                self.check_well(server)

    def test_log_that_nobody_reads_any_more(self):
        reading, writing = os.pipe()
        with Server(self.folder, writing) as server:
            os.close(writing)
            os.close(reading)
            for _ in range(100):
                self.check_well(server)

    @unittest.skipIf(BIN_DIR.parent.name in ("asan", "tsan"), "sanitizers use memory of their own")
    def test_directory_of_many_names(self):
        with Server(self.folder) as server:
            self.check_listing(server, 0, FEW_NAMES)
            before = server.most_memory()
            self.check_listing(server, FEW_NAMES, NAMES)
            # A thread more may cost some; the rows alone would be 2.3 MB.
            self.assertLess(server.most_memory() - before, 1_500_000)

    def check_listing(self, server: Server, have: int, names: int):
        """Makes files until there are so many, and counts the rows."""
        many = self.folder / "many"
        many.mkdir(exist_ok=True)
        for i in range(have, names):
            os.close(os.open(many / f"{i:07}", os.O_CREAT | os.O_WRONLY))
        seen = 0
        left = b""
        for piece in server.ask("/many/").pieces():
            rows = (left + piece).split(b'<a href="')
            seen += len(rows) - 1
            left = rows[-1]
        self.assertEqual(seen, names)


if __name__ == "__main__":
    unittest.main()
