"""A directory of a million names, listed as HTML and as JSON at once: all of it comes, and the server
holds no more of it in memory than of a small one.

BIG_DIRECTORY_NAMES=5000000 makes it as large as that instead.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from file_server import Server

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import FULL_SIZE  # noqa: E402

FEW_NAMES = 11_000  # that is more than are sorted
NAMES = int(os.environ.get("BIG_DIRECTORY_NAMES", "1000000" if FULL_SIZE else "32000"))
MOST_LINKS = 60_000  # of one file, which other file systems than tmpfs bound
TMPFS = Path("/dev/shm")

# What each entry of a listing has once.
MARKS = {"/many/": b'<a href="', "/many/?format=json": b'{"name": '}


def free_inodes(folder: Path) -> int:
    """How many files there may be more; only in memory are a million of them made in seconds."""
    if not os.access(folder, os.W_OK):
        return 0
    state = os.statvfs(folder)
    return state.f_favail if state.f_files else sys.maxsize


@contextlib.contextmanager
def disposable_folder(parent: Path | None):
    """A folder that is removed however this process ends, for it may be large."""
    folder = tempfile.mkdtemp(dir=parent)
    script = 'read -r _; exec rm -rf -- "$0"'
    remover = subprocess.Popen(["sh", "-c", script, folder], stdin=subprocess.PIPE,
                               start_new_session=True)
    try:
        yield Path(folder)
    finally:
        remover.communicate()


class LargeDirectory(unittest.TestCase):
    def setUp(self):
        parent = TMPFS if NAMES > MOST_LINKS else None
        if parent and free_inodes(parent) < NAMES + 1000:
            self.skipTest(f"{parent} has no room for {NAMES} names")
        self.folder = self.enterContext(disposable_folder(parent))
        self.many = self.folder / "many"
        self.many.mkdir()
        self.names = 0

    def make_names(self, names: int):
        """Makes names, all of the same file, until there are so many."""
        folder = os.open(self.many, os.O_RDONLY | os.O_DIRECTORY)
        if self.names == 0:
            (self.many / "0").touch()
            self.names = 1
        for i in range(self.names, names):
            os.link("0", str(i), src_dir_fd=folder, dst_dir_fd=folder)
        os.close(folder)
        self.names = names

    def check_listing(self, server: Server, target: str):
        """Counts the entries of a listing."""
        mark = MARKS[target]
        seen = 0
        left = b""
        for piece in server.ask(target).pieces():
            seen += (left + piece).count(mark)
            left = piece[1 - len(mark):] if len(piece) >= len(mark) else (left + piece)[1 - len(mark):]
        self.assertEqual(seen, self.names)

    def check_listings(self, server: Server):
        with ThreadPoolExecutor(len(MARKS)) as clients:
            list(clients.map(lambda target: self.check_listing(server, target), MARKS))

    def test_listings(self):
        with Server(self.folder) as server:
            self.make_names(FEW_NAMES)
            for _ in range(3):  # so that each of its threads has what it keeps
                self.check_listings(server)
            before = server.most_memory()
            self.make_names(NAMES)
            self.check_listings(server)
            if FULL_SIZE:
                # A thread more may cost some; the rows of a million names alone would be 70 MB.
                self.assertLess(server.most_memory() - before, 16_000_000)


if __name__ == "__main__":
    unittest.main()
