"""select_two_servers and select_table: several clients, one thread (E10, E21)."""

import re
import select
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, Program, ask, connect  # noqa: E402


class Select(unittest.TestCase):
    def test_E10_two_servers(self):
        with Program("select_two_servers", 0, 0) as program:
            ports = re.findall(r"port (\d+)", program.stdout.readline())
            upper, reverse = map(int, ports)
            for _ in range(2):
                self.assertEqual(ask(upper, b"abc\n"), b"ABC\n")
                self.assertEqual(ask(reverse, b"abc\n"), b"cba\n")

    def test_E21_slow_clients_interleave(self):
        with (ExampleServer("select_table", 0) as server,
              connect(server.port) as first, connect(server.port) as second):
            first.sendall(b"half of a")
            second.sendall(b"a ")
            second.sendall(b"line\nand half")
            self.assertEqual(second.recv(100), b"A LINE\n")
            self.assertEqual(select.select([first], [], [], 0.05)[0], [])
            first.sendall(b" line\n")
            self.assertEqual(first.recv(100), b"HALF OF A LINE\n")
            first.close()
            second.sendall(b" a line\n")
            self.assertEqual(second.recv(100), b"AND HALF A LINE\n")


if __name__ == "__main__":
    unittest.main()
