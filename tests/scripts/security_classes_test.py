#!/usr/bin/env python3
"""Each row of docs/security.md that says what is refused says of which class, by a number, that is."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAD = "| input | answer | class |"
NUMBER = re.compile(r"\b(CVE-\d{4}-\d{4,}|CWE-\d+)\b")


class SecurityClasses(unittest.TestCase):
    def test_every_row_has_a_number(self):
        rows = []
        is_row = False
        for line in (ROOT / "docs/security.md").read_text().splitlines():
            is_row = line == HEAD or (is_row and line.startswith("|"))
            if is_row and line != HEAD and not line.startswith("|---"):
                rows.append(line)
        self.assertGreater(len(rows), 80)
        for row in rows:
            with self.subTest(row):
                cells = row.strip("|").split(" | ")
                self.assertEqual(len(cells), 3)
                self.assertRegex(cells[2], NUMBER)


if __name__ == "__main__":
    sys.exit(unittest.main())
