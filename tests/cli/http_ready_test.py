"""`socketserver http` behind a balancer: readiness, the delay of a stop, the rate of clients."""

import http.client
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest, Tool  # noqa: E402
from program import PATIENCE, run, wait_until  # noqa: E402

ENGINES = ("sync", "thread", "pool", "fork", "prefork", "fiber")


class Ready(HTTPTest):
    def answer(self, tool: Tool, path: str = "/readyz", method: str = "GET") -> tuple[int, str]:
        response, body = self.get(tool, path, method=method)
        self.assertEqual(response.getheader("Cache-Control"), "no-store")
        return response.status, body.decode()

    def test_under_every_engine(self):
        for engine in ENGINES:
            with (self.subTest(engine),
                  self.tool("0", "--ready", "-a", "a:b", "--random-route", "--engine", engine,
                            "--shutdown-delay", "1h") as tool):
                self.assertEqual(self.answer(tool), (200, "ready\n"))
                self.assertEqual(self.answer(tool, method="HEAD"), (200, ""))
                tool.interrupt(signal.SIGTERM)
                wait_until(lambda: self.answer(tool) == (503, "stopping\n"), "the announcement")
                # It accepts and serves all the same.
                self.assertEqual(self.status(tool, "/hello.txt"), 404)
                tool.interrupt(signal.SIGTERM)
                self.assertEqual(tool.wait(), 0)
                self.assertEqual(tool.stdout.rest(), "Stopped by SIGTERM\n")
                self.assertNotIn("readyz", tool.stderr.rest(), "nobody wants to read of it")

    def test_path(self):
        with self.tool("0", "--ready=/up", "--health") as tool:
            self.assertEqual(self.answer(tool, "/up"), (200, "ready\n"))
            self.assertEqual(self.answer(tool, "/healthz"), (200, "ok\n"))
            self.assertEqual(self.status(tool, "/readyz"), 404)
        for arguments in (["--ready=up"], ["--ready=/a?b"], ["--ready=/x", "--health=/x"]):
            code, out, err = run("socketserver", "http", *arguments, cwd=self.root)
            self.assertEqual((code, out), (2, ""))
            self.assertIn("--ready", err)

    def test_overloaded_at_the_limit_of_connections(self):
        for engine in ENGINES:
            options = ["--workers", 1] if engine == "prefork" else []
            with (self.subTest(engine),
                  self.tool("0", "--ready", "--health", "--engine", engine, *options,
                            "--max-connections", 2) as tool):
                probe = http.client.HTTPConnection("127.0.0.1", tool.port, timeout=PATIENCE)
                other = http.client.HTTPConnection("127.0.0.1", tool.port, timeout=PATIENCE)
                self.addCleanup(probe.close)
                self.addCleanup(other.close)

                def ask(path: str) -> tuple[int, bytes]:
                    probe.request("GET", path)
                    response = probe.getresponse()
                    return response.status, response.read()

                self.assertEqual(ask("/readyz"), (200, b"ready\n"))
                other.connect()
                wait_until(lambda: ask("/readyz") == (503, b"overloaded\n"), "the limit")
                # Who is connected is served, and told that the process lives.
                self.assertEqual(ask("/healthz"), (200, b"ok\n"))
                # Who is not learns it by the status, too.
                wait_until(lambda: self.status(tool, "/readyz") == 503, "a refusal")
                other.close()
                wait_until(lambda: ask("/readyz") == (200, b"ready\n"), "room")


class ShutdownDelay(HTTPTest):
    def test_it_ends_by_itself(self):
        for engine in ENGINES:
            with (self.subTest(engine),
                  self.tool("0", "--engine", engine, "--shutdown-delay", "100ms") as tool):
                self.assertEqual(self.status(tool, "/hello.txt"), 200)
                tool.interrupt()
                self.assertEqual(tool.wait(), 0)
                self.assertEqual(tool.stdout.rest(), "\nStopped by Ctrl-C\n")

    def test_none_unless_given(self):
        with self.tool("0", "--ready") as tool:
            self.assertEqual(self.status(tool, "/readyz"), 200)
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)

    def test_a_third_signal_cuts_answers_short(self):
        self.make("large", bytes(64 << 20))
        with self.tool("0", "--ready", "--shutdown-delay", "1h", "--grace", "1h") as tool:
            connection = http.client.HTTPConnection("127.0.0.1", tool.port, timeout=PATIENCE)
            self.addCleanup(connection.close)
            connection.request("GET", "/large")
            response = connection.getresponse()
            idle = http.client.HTTPConnection("127.0.0.1", tool.port, timeout=PATIENCE)
            self.addCleanup(idle.close)
            idle.request("GET", "/hello.txt")
            idle.getresponse().read()
            tool.interrupt()
            wait_until(lambda: self.status(tool, "/readyz") == 503, "the announcement")
            tool.interrupt()
            self.assertEqual(idle.sock.recv(1), b"")  # the end of the delay
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                response.read()


class Rate(HTTPTest):
    def test_under_every_engine(self):
        for engine in ENGINES:
            with (self.subTest(engine),
                  self.tool("0", "--engine", engine, "--rate", "3/h", "--health", "--ready",
                            "-a", "anna:secret") as tool):
                # Also what is refused, or is not there, has been asked for.
                for path in ("/hello.txt", "/missing", "/"):
                    self.assertEqual(self.status(tool, path), 401)
                response, _ = self.get(tool, "/hello.txt")
                self.assertEqual(response.status, 429)
                self.assertTrue(0 < int(response.getheader("Retry-After")) <= 1200)
                for path in ("/healthz", "/readyz"):
                    self.assertEqual(self.status(tool, path), 200)

    def test_on_one_connection(self):
        for engine in ENGINES:
            with self.subTest(engine), self.tool("0", "--engine", engine,
                                                 "--rate", "1/h,burst=2") as tool:
                connection = http.client.HTTPConnection("127.0.0.1", tool.port, timeout=PATIENCE)
                self.addCleanup(connection.close)
                statuses = []
                for _ in range(4):
                    connection.request("GET", "/hello.txt")
                    response = connection.getresponse()
                    response.read()
                    statuses.append(response.status)
                self.assertEqual(statuses, [200, 200, 429, 429])

    def test_a_body_is_not_asked_for(self):
        with self.tool("0", "-b", "127.0.0.1", "-u", "--rate", "1/h") as tool:
            self.assertEqual(self.status(tool, "/hello.txt"), 200)
            response, _ = self.get(tool, "/new.txt", method="PUT", body=b"x" * 100_000,
                                   headers={"Expect": "100-continue"})
            self.assertEqual(response.status, 429)
            self.assertFalse((self.root / "new.txt").exists())

    def test_it_comes_back(self):
        with self.tool("0", "--rate", "20/s,burst=1") as tool:
            self.assertEqual(self.status(tool, "/hello.txt"), 200)
            wait_until(lambda: self.status(tool, "/hello.txt") == 200, "another request's turn")

    def test_none_unless_given(self):
        with self.tool("0") as tool:
            for _ in range(50):
                self.assertEqual(self.status(tool, "/hello.txt"), 200)


if __name__ == "__main__":
    unittest.main()
