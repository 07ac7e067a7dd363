"""What the tests of scripts/bench share: its modules, and short runs of it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/bench"
BIN_DIR = Path(os.environ.get("BIN_DIR", ROOT / "build/release/bin"))
PATIENCE = 110  # seconds; a part of a short run takes ten when the machine is idle

sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))

from harness.workloads import WORKLOADS, Kind


HTTP = ("http", "http-pipeline", "http-close")
STATIC = ("static-1k", "static-1m", "http-idle")
RPC = ("xmlrpc-add", "xmlrpc-array", "xmlrpc-multicall")
OTHERS = tuple(name for name in WORKLOADS if name not in HTTP + STATIC + RPC)


def needs(*programs: str):
    missing = [program for program in programs if not (BIN_DIR / program).exists()]
    return unittest.skipIf(missing, f"not built: {', '.join(missing)}")


needs_servers = needs("bench_floor", "bench_load", "bench_echo", "bench_hello", "bench_static",
                      "bench_rpc")


def check_short_run(test: unittest.TestCase, names: tuple[str, ...]) -> None:
    """Every server of these workloads does its job; each part of the whole is a test of its own,
    for the sake of CTest's limit."""
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder, "figures.json")
        chosen = [word for name in names for word in ("--workload", name)]
        run = subprocess.run([SCRIPT, "--short", "--bin", BIN_DIR, "--json", figures,
                              "--report", folder, *chosen],
                             capture_output=True, text=True, timeout=PATIENCE, check=False)
        test.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        workloads = json.loads(figures.read_text())["workloads"]
        written = Path(folder, "report.md").read_text()
        for name in names:
            picture = f"\n\n![{WORKLOADS[name].title}]({name}.svg)"
            test.assertIn(picture, written)
            written = written.replace(picture, "")
            ElementTree.parse(Path(folder, f"{name}.svg"))
        test.assertEqual(written, run.stdout)
    test.assertEqual(tuple(workloads), names)
    for name, rounds in workloads.items():
        for server, (figures,) in rounds.items():
            with test.subTest(workload=name, server=server):
                kind = WORKLOADS[name].kind
                if kind is Kind.MEMORY:
                    test.assertEqual(figures["connections"], 100)
                    continue
                if kind is Kind.START:
                    test.assertGreater(figures["resident_bytes"], 0)
                    continue
                test.assertGreater(figures["requests"], 0)
                test.assertGreater(figures["cpu_us_per_request"], 0)
                test.assertLessEqual(figures["p50_us"], figures["p99_us"])
                test.assertLessEqual(figures["p99_us"], figures["p999_us"])
