"""scripts/bench: the arithmetic of its tables, and that everything it starts does its job.

The second half needs the benchmark programs in BIN_DIR and is skipped where they are not built.
"""

import importlib.util
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/bench"
BIN_DIR = Path(os.environ.get("BIN_DIR", ROOT / "build/release/bin"))
PATIENCE = 50  # seconds; a short run takes ten when the machine is idle


def load_script():
    loader = SourceFileLoader("bench_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look there
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


bench = load_script()


def result(cpu: float, p99: float = 100.0) -> dict:
    return {"cpu_us_per_request": cpu, "requests_per_second": 1_000_000 / cpu, "p50_us": p99 / 2,
            "p99_us": p99, "p999_us": p99 * 2, "version": ""}


class Tables(unittest.TestCase):
    def cells(self, workload: str, rounds: dict) -> list[list[str]]:
        """The rows of the table without its head."""
        return [[cell.strip() for cell in line.strip("|").split("|")]
                for line in bench.table(bench.WORKLOADS[workload], rounds)[2:]]

    def test_ratio_is_the_median_of_the_ratios_within_rounds(self):
        # The machine was twice as slow in the second round, for both.
        rounds = {"floor": [result(4), result(8), result(4)],
                  "ours": [result(5), result(10), result(6)]}
        floor, ours = self.cells("echo", rounds)
        self.assertEqual(floor, ["floor", "4.00 (4.00–8.00)", "1.00", "250,000", "50", "100", "1.00"])
        self.assertEqual(ours, ["ours", "6.00 (5.00–10.00)", "1.25", "166,667", "50", "100", "1.00"])

    def test_latency_is_compared_with_the_floor_too(self):
        rounds = {"floor": [result(4, 100)], "ours": [result(4, 250)]}
        self.assertEqual(self.cells("echo", rounds)[1],
                         ["ours", "4.00", "1.00", "250,000", "125", "250", "2.50"])

    def test_a_round_that_failed_does_not_count(self):
        rounds = {"floor": [result(4), None, result(4)], "ours": [None, result(100), result(8)]}
        floor, ours = self.cells("echo", rounds)
        self.assertEqual(floor[1:3], ["4.00 (4.00–4.00)", "1.00"])
        self.assertEqual(ours[1:3], ["54.00 (8.00–100.00)", "2.00"])

    def test_nothing_measured_is_a_dash(self):
        rounds = {"floor": [None], "ours": [None]}
        self.assertEqual(self.cells("echo", rounds)[1], ["ours"] + ["–"] * 6)

    def test_memory(self):
        rounds = {"floor": [{"bytes_per_connection": 64.4}],
                  "ours": [{"bytes_per_connection": size} for size in (12_583.2, 12_000, 13_000)]}
        self.assertEqual(self.cells("idle", rounds),
                         [["floor", "64"], ["ours", "12,583 (12,000–13,000)"]])

    def test_ratios(self):
        self.assertEqual(bench.ratios([3, math.nan, 5, 1], [2, 1, math.nan, 0]), [1.5])

    def test_every_workload_names_peers_that_there_are(self):
        for workload in bench.WORKLOADS.values():
            self.assertLessEqual(set(workload.peers), set(bench.PEERS))


def needs(*programs: str):
    missing = [program for program in programs if not (BIN_DIR / program).exists()]
    return unittest.skipIf(missing, f"not built: {', '.join(missing)}")


@needs("bench_floor", "bench_load", "bench_echo")
class ShortRun(unittest.TestCase):
    def test_everything_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            figures = Path(folder, "figures.json")
            run = subprocess.run([SCRIPT, "--short", "--bin", BIN_DIR, "--json", figures],
                                 capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
            workloads = json.loads(figures.read_text())["workloads"]
        self.assertEqual(list(workloads), list(bench.WORKLOADS))
        for name, rounds in workloads.items():
            for server, (figures,) in rounds.items():
                with self.subTest(workload=name, server=server):
                    if bench.WORKLOADS[name].is_memory:
                        self.assertEqual(figures["connections"], 100)
                        continue
                    self.assertGreater(figures["requests"], 0)
                    self.assertGreater(figures["cpu_us_per_request"], 0)
                    self.assertLessEqual(figures["p50_us"], figures["p99_us"])
                    self.assertLessEqual(figures["p99_us"], figures["p999_us"])


@needs("bench_load")
class Load(unittest.TestCase):
    """bench_load against servers that do their job badly."""

    def load(self, serve, *arguments: str) -> tuple[int, str]:
        """Exit status and complaint; `serve` is called with the connection, on a thread."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve_one():
                connection, _ = listener.accept()
                with connection:
                    serve(connection)

            server = threading.Thread(target=serve_one)
            server.start()
            run = subprocess.run(
                [BIN_DIR / "bench_load", "--port", str(listener.getsockname()[1]), "--pid",
                 str(os.getpid()), "--connections", "1", "--seconds", "0.1", "--warmup", "0",
                 *arguments],
                capture_output=True, text=True, timeout=PATIENCE, check=False)
            server.join(PATIENCE)
            self.assertEqual(run.stdout, "")
            return run.returncode, run.stderr

    def test_a_wrong_byte_is_a_failure(self):
        status, complaint = self.load(
            lambda connection: connection.sendall(connection.recv(64).replace(b"b", b"B")),
            "--workload", "echo")
        self.assertEqual(status, 1)
        self.assertIn("the reply is not what was sent", complaint)

    def test_more_than_was_sent_is_a_failure(self):
        status, complaint = self.load(
            lambda connection: connection.sendall(connection.recv(64) + b"\n"), "--workload", "echo")
        self.assertEqual(status, 1)
        self.assertIn("the reply is not what was sent", complaint)

    def test_an_early_end_is_a_failure(self):
        for workload in ("echo", "connect", "http"):
            with self.subTest(workload):
                status, complaint = self.load(lambda connection: connection.recv(1000),
                                              "--workload", workload)
                self.assertEqual(status, 1)
                self.assertIn("the server closed connection 0", complaint)

    def test_an_http_error_is_a_failure(self):
        def refuse(connection):
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

        status, complaint = self.load(refuse, "--workload", "http")
        self.assertEqual(status, 1)
        self.assertIn("not 200: HTTP/1.1 503", complaint)

    def test_another_http_body_is_a_failure(self):
        def vary(connection):
            for body in (b"one", b"two"):
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" + body)

        status, complaint = self.load(vary, "--workload", "http")
        self.assertEqual(status, 1)
        self.assertIn("another body than before: two", complaint)


if __name__ == "__main__":
    sys.exit(unittest.main())
