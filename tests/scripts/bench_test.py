"""scripts/bench: the arithmetic of its tables, and that everything it starts does its job.

What needs the benchmark programs in BIN_DIR is skipped where they are not built.
"""

import math
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from xml.etree import ElementTree

from bench_support import (BIN_DIR, OTHERS, PATIENCE, ROOT, check_short_run, needs,
                           needs_servers)
from harness import charts
from harness.peers import PEERS, Peer, absence, is_on_path
from harness.reports import chart
from harness.runs import contenders
from harness.tables import ratios, table
from harness.workloads import WORKLOADS


def result(cpu: float, p99: float = 100.0) -> dict:
    return {"cpu_us_per_request": cpu, "requests_per_second": 1_000_000 / cpu, "p50_us": p99 / 2,
            "p99_us": p99, "p999_us": p99 * 2, "version": ""}


class Tables(unittest.TestCase):
    def cells(self, workload: str, rounds: dict) -> list[list[str]]:
        """The rows of the table without its head."""
        return [[cell.strip() for cell in line.strip("|").split("|")]
                for line in table(WORKLOADS[workload], rounds)[2:]]

    def test_ratio_is_the_median_of_the_ratios_within_rounds(self):
        # The machine was twice as slow in the second round, for both.
        rounds = {"floor": [result(4), result(8), result(4)],
                  "ours": [result(5), result(10), result(6)]}
        floor, ours = self.cells("echo", rounds)
        self.assertEqual(floor, ["floor", "4.00 (4.00–8.00)", "1.00", "250,000", "50", "100",
                                 "200", "1.00"])
        self.assertEqual(ours, ["ours", "6.00 (5.00–10.00)", "1.25", "166,667", "50", "100",
                                "200", "1.00"])

    def test_latency_is_compared_with_the_floor_too(self):
        rounds = {"floor": [result(4, 100)], "ours": [result(4, 250)]}
        self.assertEqual(self.cells("echo", rounds)[1],
                         ["ours", "4.00", "1.00", "250,000", "125", "250", "500", "2.50"])

    def test_a_round_that_failed_does_not_count(self):
        rounds = {"floor": [result(4), None, result(4)], "ours": [None, result(100), result(8)]}
        floor, ours = self.cells("echo", rounds)
        self.assertEqual(floor[1:3], ["4.00 (4.00–4.00)", "1.00"])
        self.assertEqual(ours[1:3], ["54.00 (8.00–100.00)", "2.00"])

    def test_nothing_measured_is_a_dash(self):
        rounds = {"floor": [None], "ours": [None]}
        self.assertEqual(self.cells("echo", rounds)[1], ["ours"] + ["–"] * 7)

    def test_memory(self):
        rounds = {"floor": [{"bytes_per_connection": 64.4}],
                  "ours": [{"bytes_per_connection": size} for size in (12_583.2, 12_000, 13_000)]}
        self.assertEqual(self.cells("idle", rounds),
                         [["floor", "64"], ["ours", "12,583 (12,000–13,000)"]])

    def test_start(self):
        start = {"ready_ms": 4.25, "cpu_ms": 2, "resident_bytes": 2048, "program_bytes": None}
        rounds = {"floor": [start | {"program_bytes": 4096}], "ours": [start, None]}
        self.assertEqual(self.cells("http-start", rounds),
                         [["floor", "4.2", "2.0", "2", "4"], ["ours", "4.2", "2.0", "2", "–"]])

    def test_ratios(self):
        self.assertEqual(ratios([3, math.nan, 5, 1], [2, 1, math.nan, 0]), [1.5])

    def test_every_workload_names_peers_that_there_are(self):
        for workload in WORKLOADS.values():
            self.assertLessEqual(set(workload.peers), set(PEERS))


class Charts(unittest.TestCase):
    def test_bars_are_medians_of_the_ratios(self):
        rounds = {"floor": [result(4), result(4)], "socketserver, `x`": [result(8), result(16)],
                  "<gone>": [None, None]}
        picture = chart(WORKLOADS["http"], rounds)
        self.assertIn(">socketserver, x</text>", picture)
        self.assertIn(">3</text>", picture)
        self.assertEqual(picture.count('<rect class="ours"'), 1)
        self.assertNotIn("gone", picture)

    def test_nothing_measured_is_no_chart(self):
        self.assertIsNone(chart(WORKLOADS["http"], {"floor": [None]}))

    def test_names_are_no_markup(self):
        picture = charts.bars("<b>", "&", [charts.Bar("<i>", 1, 1, 1, False)])
        self.assertEqual([text.text for text in ElementTree.fromstring(picture).iter(
            "{http://www.w3.org/2000/svg}text")], ["<b>", "&", "<i>", "1"])

    def test_a_scale_ends_at_a_round_number(self):
        self.assertEqual([charts.round_up(value) for value in (0, 0.5, 7, 11, 4000, 4001)],
                         [1, 0.5, 7, 20, 4000, 5000])

    def test_lines(self):
        picture = charts.lines("Soak", [charts.Line("KiB", [(0, 0), (10, 1000)])])
        self.assertIn('points="64.0,154.0 708.0,44.0"', picture)


class Contenders(unittest.TestCase):
    def contenders(self, name: str, connections: int = 64) -> tuple[list, list[str]]:
        with tempfile.TemporaryDirectory() as nothing_built:
            return contenders(WORKLOADS[name], Path(nothing_built), Path("/files"),
                                    connections)

    def test_the_floor_is_told_which_file_to_serve(self):
        (floor, *_), _ = self.contenders("static-1k")
        self.assertEqual(floor.command[1:], ("--workload", "static", "--file", "/files/1k.bin"))

    def test_who_is_not_built_is_left_out_with_a_word(self):
        found, missing = self.contenders("http")
        self.assertNotIn("cpp-httplib", [contender.name for contender in found])
        self.assertIn("cpp-httplib: not built (libcpp-httplib-dev)", missing)
        self.assertIn("socketserver, fiber: not in bench_hello", missing)

    def test_who_is_not_installed_is_left_out_with_a_word(self):
        peer = Peer("x", (sys.executable,), "libx", needs="no-such-program")
        self.assertEqual(absence(peer, BIN_DIR, 1), "not installed (libx)")

    def test_who_would_run_out_of_descriptors_is_left_out_with_a_word(self):
        peer = Peer("x", (sys.executable,), "libx", descriptors=2)
        self.assertIsNone(absence(peer, BIN_DIR, 1))
        self.assertIn("takes 2 descriptors for a connection",
                      absence(peer, BIN_DIR, 1_000_000_000))


class WebServer(unittest.TestCase):
    """bench/peers/web_server.py."""

    def test_the_end_of_it_is_the_end_of_the_server_and_of_its_files(self):
        floor = f"{BIN_DIR}/bench_floor --workload http"
        for name, *flags in (["nginx"], ["h2o"], ["lighttpd"], ["haproxy", "--behind", floor]):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                if not is_on_path(name):
                    self.skipTest(f"{name} is not installed")
                wrapper = subprocess.Popen(
                    [sys.executable, ROOT / "bench/peers/web_server.py", name, *flags],
                    env=os.environ | {"TMPDIR": folder}, stdout=subprocess.PIPE, text=True)
                with wrapper:
                    ready, port, *_ = wrapper.stdout.readline().split()
                    self.assertEqual(ready, "ready")
                    with socket.create_connection(("127.0.0.1", int(port))) as client:
                        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        answer = client.makefile("rb").read()
                    for _ in range(2):  # the second one comes while it cleans up
                        wrapper.send_signal(signal.SIGTERM)
                self.assertIn(b"\r\nContent-Type: text/plain\r\n".lower(), answer.lower())
                self.assertTrue(answer.endswith(b"\r\n\r\nHello, World!"), answer)
                self.assertEqual(os.listdir(folder), [])
                with self.assertRaises(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", int(port)))


@needs_servers
class ShortRun(unittest.TestCase):
    def test_everything_runs(self):
        check_short_run(self, OTHERS)


@needs("bench_load")
class Load(unittest.TestCase):
    """bench_load against servers that do their job badly."""

    def load(self, serve, *arguments: str) -> tuple[int, str]:
        """Exit status and complaint; `serve` is called with the connection, on a thread."""
        def serve_one(listener):
            connection, _ = listener.accept()
            with connection:
                serve(connection)

        return self.load_from(serve_one, *arguments)

    def load_from(self, serve, *arguments: str) -> tuple[int, str]:
        """Likewise; `serve` is called with the listener."""
        run = self.run_load(serve, "0.1", *arguments)
        self.assertEqual(run.stdout, "")
        return run.returncode, run.stderr

    def run_load(self, serve, seconds: str, *arguments: str) -> subprocess.CompletedProcess:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=serve, args=(listener,))
            server.start()
            run = subprocess.run(
                [BIN_DIR / "bench_load", "--port", str(listener.getsockname()[1]), "--pid",
                 str(os.getpid()), "--connections", "1", "--seconds", seconds, "--warmup", "0",
                 *arguments],
                capture_output=True, text=True, timeout=PATIENCE, check=False)
            server.join(PATIENCE)
            return run

    def test_one_answer_at_least_is_measured(self):
        def echo(listener):
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(64):
                    connection.sendall(data)

        run = self.run_load(echo, "0", "--workload", "echo")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertGreaterEqual(json.loads(run.stdout)["requests"], 1)

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
        for workload in ("echo", "connect", "http", "http-close", "http-idle"):
            with self.subTest(workload):
                status, complaint = self.load(lambda connection: connection.recv(1000),
                                              "--workload", workload)
                self.assertEqual(status, 1)
                self.assertIn("the server closed connection 0", complaint)

    def test_a_silent_connection_that_the_server_drops_is_a_failure(self):
        def drop_the_second(listener):
            for _ in range(2):  # the first comes before the weighing
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(connection.recv(64))

        status, complaint = self.load_from(drop_the_second, "--workload", "idle")
        self.assertEqual(status, 1)
        self.assertIn("the server closed a silent connection", complaint)

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
        self.assertIn("another body than expected, from byte 0 on: two", complaint)

    def test_an_http_body_is_compared_with_the_file_that_is_expected(self):
        cases = {
            b"content-length: 4\r\n\r\nones": "another length than 3",
            b"content-length: 3\r\n\r\nonE": "another body than expected, from byte 0 on: onE",
            b"content-length: 3\r\n\r\noneHTTP/1.1": "more comes back than was asked for",
            b"\r\none": "no Content-Length",
        }
        with tempfile.NamedTemporaryFile() as body:
            body.write(b"one")
            body.flush()
            for answer, expected in cases.items():
                def serve(connection):
                    connection.recv(1000)
                    connection.sendall(b"HTTP/1.1 200 OK\r\n" + answer)

                with self.subTest(answer):
                    status, complaint = self.load(serve, "--workload", "http", "--body-file",
                                                  body.name)
                    self.assertEqual(status, 1)
                    self.assertIn(expected, complaint)

    def test_a_post_is_sent_and_its_answer_must_hold_a_part_so_many_times(self):
        with tempfile.NamedTemporaryFile() as post:
            post.write(b"<call/>")
            post.flush()
            for answer, expected in {b"5, 5": "another body than expected",
                                     b"5, 6": 'not 2 times "5" in the body: 5, 6'}.items():
                heard = []

                def serve(connection):
                    for body in (answer, b"none"):
                        heard.append(connection.recv(1000))
                        if heard[-1]:
                            connection.sendall(
                                b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)

                with self.subTest(answer):
                    status, complaint = self.load(
                        serve, "--workload", "http", "--post-file", post.name, "--target", "/RPC2",
                        "--body-part", "5", "--body-parts", "2")
                    self.assertEqual(status, 1)
                    self.assertIn(expected, complaint)
                    self.assertTrue(heard[0].startswith(b"POST /RPC2 HTTP/1.1\r\n"))
                    self.assertTrue(heard[0].endswith(b"\r\nContent-Length: 7\r\n\r\n<call/>"))

    def test_an_http_answer_may_come_byte_by_byte(self):
        def dribble(connection):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(1000)
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none":
                connection.sendall(bytes([byte]))
            connection.recv(1000)  # the next request: the answer was complete
            connection.sendall(b"HTTP/1.1 503 Busy\r\n\r\n")

        status, complaint = self.load(dribble, "--workload", "http")
        self.assertEqual(status, 1)
        self.assertIn("not 200: HTTP/1.1 503", complaint)


if __name__ == "__main__":
    sys.exit(unittest.main())
