"""swap_server and swap_client against their transcript (E26)."""

import re
import select
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, Program, connect, read_to_end, wait_until  # noqa: E402


def is_at_rest(server: ExampleServer) -> bool:
    """Whether the server has read all that its clients sent, and waits for more."""
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    unread = [row for row in sockets if int(row[1].split(":")[1], 16) == server.port
              and not row[4].endswith(":00000000")]
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/stat")
    try:
        return not unread and all(") S " in thread.read_text() for thread in threads)
    except OSError:  # a thread has just ended
        return False


class Swap(unittest.TestCase):
    def offer(self, server: ExampleServer, line: bytes):
        """A client whose line the server has taken before the next one comes."""
        client = connect(server.port)
        self.addCleanup(client.close)
        client.sendall(line)
        wait_until(lambda: is_at_rest(server), f"the server to take {line}")
        return client

    def test_E26_transcript(self):
        with (ExampleServer("swap_server", 0) as server,
              Program("swap_client", "A", "apples", server.port) as first):
            self.assertEqual(first.stdout.readline(), "A sent: apples")
            wait_until(lambda: is_at_rest(server), "the server to take A's line")
            with Program("swap_client", "B", "bananas", server.port) as second:
                self.assertEqual(second.stdout.rest(), "B sent: bananas\nB received: apples\n")
                self.assertEqual(first.stdout.rest(), "A received: bananas\n")
                self.assertEqual((first.wait(), second.wait()), (0, 0))
            line = re.sub(r"\d{4,}", "<port>", server.stdout.readline())
            self.assertEqual(line, "swapped \"apples\" from ('127.0.0.1', <port>) with "
                                   "\"bananas\" from ('127.0.0.1', <port>)")

    def test_E26_pairs_do_not_mix(self):
        with ExampleServer("swap_server", 0) as server:
            clients = [self.offer(server, line) for line in (b"a\n", b"b\n")]
            later = [self.offer(server, line) for line in (b"c\n", b"d\n")]
            self.assertEqual([read_to_end(client) for client in clients + later],
                             [b"b\n", b"a\n", b"d\n", b"c\n"])

    def test_E26_the_first_waits(self):
        with ExampleServer("swap_server", 0) as server:
            first = self.offer(server, b"a\n")
            self.assertEqual(select.select([first], [], [], 0.05)[0], [])
            second = self.offer(server, b"b\n")
            self.assertEqual((read_to_end(first), read_to_end(second)), (b"b\n", b"a\n"))

    def test_E26_who_leaves_is_forgotten(self):
        with ExampleServer("swap_server", 0) as server:
            # Counted from here on: ThreadSanitizer adds a thread of its own to the first one.
            tasks = Path(f"/proc/{server.process.pid}/task")
            threads = lambda: len(list(tasks.iterdir()))
            alone = threads()
            leaving = self.offer(server, b"gone\n")
            wait_until(lambda: threads() > alone, "the client to be served")
            served = threads()
            leaving.close()
            wait_until(lambda: threads() < served, "the client to be forgotten")
            first, second = self.offer(server, b"a\n"), self.offer(server, b"b\n")
            self.assertEqual((read_to_end(first), read_to_end(second)), (b"b\n", b"a\n"))


if __name__ == "__main__":
    unittest.main()
