"""threaded_tcp_server against its transcript (E16)."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import run  # noqa: E402

TRANSCRIPT = """\
Server loop running in thread: Thread-1
Received: Thread-2: Hello World 1
Received: Thread-3: Hello World 2
Received: Thread-4: Hello World 3
"""


class ThreadedTCPServer(unittest.TestCase):
    def test_E16_transcript(self):
        self.assertEqual(run("threaded_tcp_server"), (0, TRANSCRIPT, ""))


if __name__ == "__main__":
    unittest.main()
