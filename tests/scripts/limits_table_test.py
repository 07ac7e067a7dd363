#!/usr/bin/env python3
"""The table of limits in docs/security.md says what socketserver/base/limits.hpp says."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMBER = re.compile(r"^  [\w:]+ (\w+) =\s+([^;]+);", re.MULTILINE)
ROW = re.compile(r"^\| (`[^|]+`) \| ([^|]+) \|$", re.MULTILINE)
# What a zero means where it stands for another number: limits.hpp says so in words.
ZEROS = {
    "max_connections_per_ip": "any number",
    "cgi_output_bytes": "any number",
    "min_rate": "any rate",
    "max_concurrent_requests": "256 threads or 40 processes; fibers: `max_connections`",
}


def readable(name: str, expression: str) -> str:
    """`std::size_t{8} * 1024` as the table writes it: "8 KiB"."""
    if name in ZEROS and expression == "0":
        return ZEROS[name]
    if seconds := re.fullmatch(r"std::chrono::seconds\((\d+)\)", expression):
        return f"{seconds.group(1)} s"
    value = eval(re.sub(r"std::\w+\{(\d+)\}", r"\1", expression).replace("'", ""))
    for unit, size in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= size and value % size == 0:
            return f"{value // size} {unit}"
    return str(value)


class LimitsTable(unittest.TestCase):
    def test_table_is_the_header(self):
        header = (ROOT / "include/socketserver/base/limits.hpp").read_text()
        members = {name: readable(name, text) for name, text in MEMBER.findall(header)}
        section = (ROOT / "docs/security.md").read_text().split("## Limits")[1]
        table = {}
        for names, values in ROW.findall(section):
            table |= zip(re.findall(r"`(\w+)`", names), values.split(", "), strict=True)
        self.assertGreater(len(members), 10)
        self.assertEqual(table, members)


if __name__ == "__main__":
    sys.exit(unittest.main())
