"""scripts/check-docs on small trees: what it must refuse, with which words, and what it must pass."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = "int main() {\n  if (true) {\n    return 0;\n  }\n}\n"


class CheckDocs(unittest.TestCase):
    def check(self, readme: str) -> tuple[int, str]:
        """Runs the script on a tree with this README; returns exit code and output."""
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name)
            (tree / "docs").mkdir()
            (tree / "docs/guide.md").write_text("# Guide\n\n## First `steps`: a server\n")
            (tree / "examples").mkdir()
            (tree / "examples/echo.cpp").write_text(EXAMPLE)
            (tree / "README.md").write_text(readme)
            run = subprocess.run(
                [sys.executable, ROOT / "scripts/check-docs", tree],
                capture_output=True, text=True, check=False)
            return run.returncode, run.stdout + run.stderr

    def refused(self, readme: str, finding: str) -> None:
        code, output = self.check(readme)
        self.assertEqual(output, finding + "\n")
        self.assertEqual(code, 1)

    def test_good_documents_pass(self):
        code, output = self.check(
            "[guide](docs/guide.md), [steps](docs/guide.md#first-steps-a-server), [here](#top),\n"
            "[web](https://example.org/x), `[not a link](in-code)`\n"
            "# Top\n\n"
            "<!-- quote: examples/echo.cpp -->\n```cpp\n" + EXAMPLE + "```\n\n"
            "<!-- quote: examples/echo.cpp -->\n```cpp\nif (true) {\n  return 0;\n}\n```\n\n"
            "```sh\nmake [test](nowhere)\n```\n")
        self.assertEqual(code, 0, output)

    def test_dead_link(self):
        self.refused("see\n[guide](docs/gide.md)\n", "README.md:2: the link docs/gide.md leads nowhere")

    def test_dead_fragment(self):
        self.refused("[guide](docs/guide.md#second)\n", "README.md:1: guide.md has no heading for #second")

    def test_loose_code(self):
        self.refused(
            "text\n\n```cpp\nint x;\n```\n",
            "README.md:3: C++ in the documents is quoted: put `<!-- quote: <file> -->` on the line before")

    def test_code_that_differs_from_its_example(self):
        self.refused(
            "<!-- quote: examples/echo.cpp -->\n```cpp\nreturn 1;\n```\n",
            "README.md:2: this block is not in examples/echo.cpp")

    def test_quote_of_a_missing_file(self):
        self.refused(
            "<!-- quote: examples/gone.cpp -->\n```cpp\nreturn 1;\n```\n",
            "README.md:2: examples/gone.cpp does not exist")


if __name__ == "__main__":
    unittest.main()
