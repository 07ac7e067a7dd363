"""access_control lets in whom it should (E09)."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask  # noqa: E402


class AccessControl(unittest.TestCase):
    def test_E09_refused(self):
        with ExampleServer("access_control", 0, "127.") as server:
            self.assertEqual(ask(server.port, b""), b"")

    def test_E09_welcome(self):
        with ExampleServer("access_control", 0, "10.") as server:
            self.assertEqual(ask(server.port, b""), b"welcome\n")


if __name__ == "__main__":
    unittest.main()
