"""scripts/instructions: what costs more than the record allows fails, what does not passes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BIN = Path(os.environ["BIN_DIR"])
NAME = "echo, fibers"


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
@unittest.skipUnless((BIN / "bench_echo").exists(), "the benchmarks are not built")
class Instructions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.record = Path(folder.name, "record.json")
        self.run_script("--update")
        self.counted = json.loads(self.record.read_text())["instructions"][NAME]

    def run_script(self, *flags: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, ROOT / "scripts/instructions", "--bin", BIN, "--record", self.record,
             *flags, NAME], capture_output=True, text=True, check=False)

    def compare_with(self, recorded: float) -> subprocess.CompletedProcess:
        self.record.write_text(json.dumps({"instructions": {NAME: round(recorded)}}))
        return self.run_script()

    def test_within_three_percent(self):
        run = self.compare_with(self.counted / 1.02)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_more_than_three_percent(self):
        run = self.compare_with(self.counted / 1.04)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn(f"{NAME} costs more than 3 %", run.stdout)

    def test_not_on_record(self):
        self.record.write_text(json.dumps({"instructions": {}}))
        self.assertEqual(self.run_script().returncode, 1)


if __name__ == "__main__":
    unittest.main()
