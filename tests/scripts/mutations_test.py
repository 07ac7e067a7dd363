"""tests/mutations.toml: what it changes is there, whoever shall notice is, too, and so is its table."""

import shutil
import subprocess
import sys
import tempfile
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

    def test_another_table_is_found_and_written_anew(self):
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name)
            for file in ("scripts/mutate", "docs/testing.md"):
                (tree / file).parent.mkdir()
                shutil.copy2(ROOT / file, tree / file)
            (tree / "tests").mkdir()
            (tree / "some.cpp").write_text("if (a > 1 || b) return;\n")
            (tree / "tests/mutations.toml").write_text(
                '[[mutation]]\nname = "a may be 1"\nfile = "some.cpp"\nfrom = "a > 1 || b"\n'
                'to = "a >= 1"\ntarget = "unit_some"\ntests = "A*"\n')

            def run(option: str) -> tuple[int, str]:
                run = subprocess.run([sys.executable, tree / "scripts/mutate", option], capture_output=True,
                                     text=True, check=False)
                return run.returncode, run.stdout + run.stderr

            self.assertEqual(run("--check"), (1, "the table in docs/testing.md is another list: "
                                                 "scripts/mutate --list writes it\n"))
            self.assertEqual(run("--list"), (0, ""))
            self.assertEqual(run("--check"), (0, "mutate: 1 mutations fit the sources\n"))
            before, after = ((root / "docs/testing.md").read_text() for root in (ROOT, tree))
            self.assertIn("|---|---|---|---|\n| `some.cpp` | <code>a &gt; 1 &#124;&#124; b</code> → "
                          "`a >= 1` | a may be 1 | `unit_some`, `A*` |\n\n", after)
            self.assertEqual(before.partition("| file | what is")[0], after.partition("| file | what is")[0])
            self.assertEqual(before.splitlines()[-1], after.splitlines()[-1])
            (tree / "docs/testing.md").write_text("# No table\n")
            self.assertEqual(run("--check")[0], 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
