"""scripts/coverage on a small library: what it counts, and that too little fails it."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FILES = {
    # All of the parser is executed, half of the other file is not.
    "src/http/proto/range.cpp": """
int range(int x) {
  if (x > 0)
    return 1;
  return 2;
}
""",
    "src/base/clock.cpp": """
int clock_of(int x) {
  if (x > 0)
    return 1;
  return x +
      3;
}
""",
    "tests/main.cpp": """
int range(int);
int clock_of(int);
int main() { return range(1) + range(0) + clock_of(1) == 4 ? 0 : 1; }
""",
}


@unittest.skipUnless(shutil.which("g++") and shutil.which("gcov"), "there is no g++ with gcov")
class Coverage(unittest.TestCase):
    def setUp(self):
        self.tree = Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        for name, text in FILES.items():
            (self.tree / name).parent.mkdir(parents=True)
            (self.tree / name).write_text(text)
        (self.tree / "scripts").mkdir()
        shutil.copy2(ROOT / "scripts/coverage", self.tree / "scripts")
        build = self.tree / "build/coverage"
        build.mkdir(parents=True)
        subprocess.run(["g++", "-O0", "-g1", "--coverage", "-o", "main",
                        *(self.tree / name for name in FILES)], cwd=build, check=True)
        subprocess.run([build / "main"], check=True)

    def run_on(self, *options: str) -> tuple[int, list[list[str]], str]:
        """The exit status, the words of each line of the table, what it complains about."""
        run = subprocess.run([sys.executable, self.tree / "scripts/coverage", *options], capture_output=True,
                             text=True, check=False)
        return run.returncode, [line.split() for line in run.stdout.splitlines()], run.stderr

    def test_table(self):
        status, table, complaint = self.run_on()
        self.assertEqual((status, complaint), (0, ""))
        self.assertEqual([line[-1] for line in table], ["base", "http/proto", "all"])
        self.assertEqual(table[1][:2], ["100.0", "%"])
        by_file = self.run_on("--files")[1]
        self.assertEqual([line[-1] for line in by_file],
                         ["src/base/clock.cpp", "src/http/proto/range.cpp", "all"])
        self.assertEqual(by_file[-1], table[-1])
        self.assertEqual([line[:2] + line[-1:] for line in self.run_on("--parsers")[1]],
                         [["100.0", "%", "src/http/proto/range.cpp"], ["100.0", "%", "all"]])

    def test_too_little_of_all(self):
        share = float(self.run_on()[1][-1][0])
        self.assertEqual(self.run_on("--least", str(share - 0.1))[::2], (0, ""))
        status, table, complaint = self.run_on("--least", str(share + 0.1), "--least-parsers", "98")
        self.assertEqual((status, len(table)), (1, 3))
        self.assertRegex(complaint, r"\A\ncoverage: \d+ of \d+ lines of the library were executed, "
                                    r"\d\d\.\d\d %, and \d\d\.\d+ % must be\.")
        self.assertIn("src/base/clock.cpp", complaint.splitlines()[2], "the worst comes first")

    def test_too_little_of_the_parsers(self):
        self.assertEqual(self.run_on("--least-parsers", "100")[::2], (0, ""))
        script = self.tree / "scripts/coverage"
        script.write_text(script.read_text().replace('"http/proto"', '"base"'))
        status, _, complaint = self.run_on("--least", "50", "--least-parsers", "98")
        self.assertEqual(status, 1)
        self.assertIn(" lines of the parsers were executed", complaint)
        self.assertNotIn("range.cpp", complaint)

    def test_nothing_was_counted(self):
        shutil.rmtree(self.tree / "build")
        self.assertNotEqual(self.run_on("--least", "1")[0], 0)


if __name__ == "__main__":
    sys.exit(unittest.main())
