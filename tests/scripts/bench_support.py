"""What the tests of scripts/bench share: the script as a module, and short runs of it."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/bench"
BIN_DIR = Path(os.environ.get("BIN_DIR", ROOT / "build/release/bin"))
PATIENCE = 50  # seconds; a part of a short run takes ten when the machine is idle


def load_script():
    loader = SourceFileLoader("bench_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look there
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


bench = load_script()
HTTP = ("http", "http-pipeline", "http-close")
STATIC = ("static-1k", "static-1m", "http-idle")
RPC = ("xmlrpc-add", "xmlrpc-array", "xmlrpc-multicall")
OTHERS = tuple(name for name in bench.WORKLOADS if name not in HTTP + STATIC + RPC)


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
        run = subprocess.run([SCRIPT, "--short", "--bin", BIN_DIR, "--json", figures, *chosen],
                             capture_output=True, text=True, timeout=PATIENCE, check=False)
        test.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        workloads = json.loads(figures.read_text())["workloads"]
    test.assertEqual(tuple(workloads), names)
    for name, rounds in workloads.items():
        for server, (figures,) in rounds.items():
            with test.subTest(workload=name, server=server):
                if bench.WORKLOADS[name].is_memory:
                    test.assertEqual(figures["connections"], 100)
                    continue
                test.assertGreater(figures["requests"], 0)
                test.assertGreater(figures["cpu_us_per_request"], 0)
                test.assertLessEqual(figures["p50_us"], figures["p99_us"])
                test.assertLessEqual(figures["p99_us"], figures["p999_us"])
