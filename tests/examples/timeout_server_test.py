"""timeout_server against its transcript (E20)."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import run  # noqa: E402


class TimeoutServer(unittest.TestCase):
    def test_E20_transcript(self):
        status, out, err = run("timeout_server")
        self.assertEqual((status, err), (0, ""))
        # A loaded machine may fit one more or one less into the time.
        self.assertRegex(out, r"\Ahandle_timeout called\nservice_actions called [234] times\n\Z")


if __name__ == "__main__":
    unittest.main()
