#!/usr/bin/env python3
"""Every behaviour that the library promises has a test that says so in its name.

The numbers are those of the specification that the library was written to: SS is what Python's
socketserver does, HT its http.server, XR its xmlrpc. A test cites them in its name, a Python test
in its name or in the text that it begins with.
"""

import re
import sys
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

EXPECTED = {f"SS_{number:03}" for number in range(1, 119)}
EXPECTED |= {f"HT_{number:03}" for number in range(1, 212)}
EXPECTED |= {f"XR_{number:03}" for number in range(1, 171)}

# What they speak of is not there yet: TLS.
MISSING = {f"HT_{number}" for number in [206, 209]}

CPP_NAME = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\((?:\w+),\s*(\w+)\)", re.MULTILINE)
PYTHON_NAME = re.compile(r"^\s*def (test\w*)\(", re.MULTILINE)
NUMBER = re.compile(r"(?:SS|HT|XR)_\d{3}")


def cited(tests: Path) -> set[str]:
    """The numbers in the names of all tests below `tests`."""
    numbers = set()
    for pattern, names in (("*.cpp", CPP_NAME), ("*_test.py", PYTHON_NAME)):
        for source in tests.rglob(pattern):
            for name in names.findall(source.read_text()):
                numbers.update(NUMBER.findall(name))
    return numbers


class Behaviours(unittest.TestCase):
    def test_every_number_is_cited(self):
        self.assertEqual(sorted(EXPECTED - MISSING - cited(TESTS)), [])

    def test_no_number_is_made_up(self):
        self.assertEqual(sorted(cited(TESTS) - EXPECTED), [])


if __name__ == "__main__":
    sys.exit(unittest.main())
