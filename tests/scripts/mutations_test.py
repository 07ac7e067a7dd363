"""tests/mutations.toml: what it changes is there, and whoever shall notice is, too."""

import subprocess
import sys
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Mutations(unittest.TestCase):
    def test_the_list_fits_the_sources(self):
        run = subprocess.run([ROOT / "scripts/mutate", "--check"], capture_output=True, text=True,
                             check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)

    def test_there_are_at_least_thirty_and_no_two_alike(self):
        listed = tomllib.loads((ROOT / "tests/mutations.toml").read_text())["mutation"]
        self.assertGreaterEqual(len(listed), 30)
        changes = {(mutation["file"], mutation["from"], mutation["to"]) for mutation in listed}
        self.assertEqual(len(changes), len(listed))


if __name__ == "__main__":
    sys.exit(unittest.main())
