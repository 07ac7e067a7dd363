"""scripts/soak: what it makes of what the program prints."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]

# As the program does: its name and goal are on the first line here, to see what it was told.
PROGRAM = """#!/bin/sh
echo "$@"
echo "      0.1 s        6836 requests     4272 KiB    24 descriptors    4 threads     118 us p50     373 us p99"
echo "     10.0 s     1712513 requests     4284 KiB    25 descriptors    4 threads     101 us p50     315 us p99"
exit {status}
"""


class Soak(unittest.TestCase):
    def run_with(self, status: int, *arguments: str) -> tuple[int, str, dict[str, str]]:
        """Exit status, output, and the charts by name."""
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "soak")
            program.write_text(PROGRAM.format(status=status))
            os.chmod(program, 0o755)
            charts = Path(folder, "charts")
            run = subprocess.run([ROOT / "scripts/soak", "--bin", folder, "--report", charts,
                                  *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(run.stderr, "")
            return (run.returncode, run.stdout,
                    {chart.name: chart.read_text() for chart in charts.iterdir()})

    def test_every_engine_gets_a_chart(self):
        status, output, charts = self.run_with(0, "10", "1000")
        self.assertEqual(status, 0)
        self.assertIn("ForkingTCPServer 10 1000\n", output)
        self.assertIn(" 1712513 requests ", output)
        self.assertEqual(len(charts), 14)
        words = [text.text for text in ElementTree.fromstring(charts["FiberTCPServer.svg"]).iter(
            "{http://www.w3.org/2000/svg}text")]
        self.assertIn("FiberTCPServer under mixed load, 1,712,513 requests", words)
        self.assertIn("resident memory, KiB", words)

    def test_the_first_failure_ends_it_with_a_chart_of_what_went_before(self):
        status, output, charts = self.run_with(1, "10")
        self.assertEqual(status, 1)
        self.assertEqual(output.splitlines()[0], "TCPServer 10")
        self.assertEqual(list(charts), ["TCPServer.svg"])


if __name__ == "__main__":
    sys.exit(unittest.main())
