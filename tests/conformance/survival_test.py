"""What may happen to a server of files between two requests, and during one: files that change while
they are sent, a log that cannot be written. It goes on, and no answer is longer than it said, or
looks whole when it is not.
"""

import os
import re
import socket
import tempfile
import unittest
from pathlib import Path

from file_server import Server

LARGE = 32 << 20  # more than the kernel holds for a client that does not read


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


if __name__ == "__main__":
    unittest.main()
