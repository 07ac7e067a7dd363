"""fork_hello against its transcript (E23)."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import Program  # noqa: E402


class ForkHello(unittest.TestCase):
    def check_round(self, program: Program) -> int:
        """The child's id."""
        pid = program.process.pid
        # Parent and child run at the same time.
        child_line, parent_line = sorted(program.stdout.readline() for _ in range(2))
        child = re.fullmatch(r"hello from child (\d+)", child_line)
        self.assertTrue(child, child_line)
        self.assertEqual(parent_line, f"hello from parent {pid} {child[1]}")
        return int(child[1])

    def test_E23_transcript(self):
        with Program("fork_hello") as program:
            first = self.check_round(program)
            program.stdin.write(b"\n")
            second = self.check_round(program)
            self.assertNotEqual(first, second)
            self.assertFalse(Path(f"/proc/{first}").exists())
            program.stdin.write(b"q\n")
            self.assertEqual((program.stdout.rest(), program.stderr.rest()), ("", ""))
            self.assertEqual(program.wait(), 0)

    def test_E23_end_of_input(self):
        with Program("fork_hello") as program:
            self.check_round(program)
            program.stdin.close()
            self.assertEqual((program.stdout.rest(), program.wait()), ("", 0))


if __name__ == "__main__":
    unittest.main()
