"""scripts/check-floors on small trees: what it must refuse, with which words, and what it must pass."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CLEAN = "#pragma once\n"


class CheckFloors(unittest.TestCase):
    def check(self, files: dict[str, str]) -> tuple[int, str]:
        """Runs the script on a tree of `files` beside the real table; returns exit code and output."""
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name)
            for path, text in {
                "docs/floors.md": (ROOT / "docs/floors.md").read_text(),
                "include/socketserver/base/deadline.hpp": CLEAN,
                **files,
            }.items():
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_text(text)
            run = subprocess.run(
                [sys.executable, ROOT / "scripts/check-floors", tree],
                capture_output=True, text=True, check=False)
            return run.returncode, run.stdout + run.stderr

    def refused(self, path: str, text: str, finding: str) -> None:
        code, output = self.check({path: text})
        self.assertIn(finding, output)
        self.assertEqual(output.count("\n"), 1, output)
        self.assertEqual(code, 1)

    def test_downward_includes_pass(self):
        code, output = self.check({
            "include/socketserver/net/socket.hpp":
                "#pragma once\n#include <chrono>\n#include <socketserver/base/deadline.hpp>\n",
            "include/socketserver/socketserver.hpp":
                "#pragma once\n#include <socketserver/net/socket.hpp>\n",
            "src/net/socket.cpp":
                "#include <socketserver/net/socket.hpp>\n#include <sys/socket.h>\n"
                '#include "net/poll.hpp"\n',
        })
        self.assertEqual((code, output), (0, "floors: 4 files are where they belong\n"))

    def test_upward_include_in_a_header(self):
        self.refused(
            "include/socketserver/net/socket.hpp",
            "#pragma once\n#include <socketserver/server/tcp_server.hpp>\n",
            "include/socketserver/net/socket.hpp:2: net (floor 1) must not include "
            "server (floor 2): server/tcp_server.hpp")

    def test_upward_include_in_a_source(self):
        self.refused(
            "src/base/log.cpp", '#include "net/poll.hpp"\n',
            "src/base/log.cpp:1: base (floor 0) must not include net (floor 1): net/poll.hpp")

    def test_parsers_know_no_sockets(self):
        self.refused(
            "src/http/proto/parser.cpp", "#include <socketserver/net/socket.hpp>\n",
            "http/proto (floor 1) must not include net (floor 1)")

    def test_umbrella_from_inside(self):
        self.refused(
            "src/server/tcp_server.cpp", "#include <socketserver/socketserver.hpp>\n",
            "server (floor 2) must not include the umbrella header socketserver.hpp")

    def test_system_headers_in_a_public_header(self):
        for header in ("sys/socket.h", "netinet/in.h", "arpa/inet.h", "unistd.h", "poll.h"):
            with self.subTest(header):
                self.refused(
                    "include/socketserver/net/socket.hpp", f"#pragma once\n#include <{header}>\n",
                    f"net/socket.hpp:2: a public header includes only the C++ standard library and "
                    f"<socketserver/…>; <{header}> belongs in src/")

    def test_relative_include(self):
        self.refused(
            "src/net/socket.cpp", '#include "poll.hpp"\n',
            'write the path from src/ instead of "poll.hpp"')

    def test_unknown_folder(self):
        self.refused(
            "src/misc/helper.cpp", "", "src/misc/helper.cpp:1: this folder has no floor")

    def test_using_namespace_in_a_header(self):
        self.refused(
            "src/net/poll.hpp", "#pragma once\nusing namespace std;\n",
            "src/net/poll.hpp:2: a header must not say `using namespace`")

    def test_missing_pragma_once(self):
        self.refused("src/net/poll.hpp", "struct Poll;\n", "src/net/poll.hpp:1: a header needs #pragma once")

    def test_size_budgets(self):
        for path, limit in {
            "include/socketserver/net/socket.hpp": 300,
            "src/net/socket.cpp": 500,
            "examples/echo.cpp": 60,
        }.items():
            with self.subTest(path):
                fits = CLEAN + "\n" * (limit - 1)
                self.assertEqual(self.check({path: fits})[0], 0)
                self.refused(path, fits + "\n", f"{limit + 1} lines, more than the {limit}")

    def test_leftovers(self):
        self.refused("tests/unit/a_test.cpp", "// TODO(now): finish\n", "a_test.cpp:1: TODO(now)")
        self.refused("src/net/socket.cpp", "#if 0\n#endif\n", "socket.cpp:1: delete code")


if __name__ == "__main__":
    unittest.main()
