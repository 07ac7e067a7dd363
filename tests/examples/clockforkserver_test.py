"""clockforkserver and clockforkclient against their transcript (E24)."""

import os
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import (  # noqa: E402
    ExampleServer, connect, read_to_end, run, wait_until, without_volatile)

QUESTION = b"What is the time?".ljust(25)
CTIME = r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
FAREWELL = "ctrl c pressed, closing server"


class ClockForkServer(unittest.TestCase):
    def read_lines(self, server: ExampleServer, count: int) -> list[str]:
        lines = [without_volatile(server.stdout.readline()) for _ in range(count)]
        return [re.sub(CTIME, "<ctime>", line) for line in lines]

    def child_lines(self, rounds: int) -> list[str]:
        return ["client is blocked for ten seconds ...", "handling a client ...",
                *(f'received "{QUESTION.decode()}" from client',
                  'sending "<ctime>" to client') * rounds]

    def check_client(self, port: int, rounds: int):
        status, out, err = run("clockforkclient", port, rounds, "--sleep", 0)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, rf"\Aclient is connected\n({CTIME}\n"
                              rf"client sleeps for 0 seconds\n){{{rounds}}}\Z")

    def test_E24_transcript(self):
        with ExampleServer("clockforkserver", 0, "--delay", 0) as server:
            self.assertEqual(server.stdout.readline(), "press ctrl c to stop server")
            self.check_client(server.port, 2)
            lines = self.read_lines(server, 9)
            self.assertEqual(lines[0], "server connected at ('127.0.0.1', <port>)")
            appended = [line for line in lines if re.fullmatch(r"appending PID \d+", line)]
            self.assertEqual(len(appended), 1)
            self.assertEqual(
                [line for line in lines[1:] if line not in appended],
                [*self.child_lines(2), "closing client socket, exiting child process"])

    def test_E24_a_running_child_is_killed(self):
        with (ExampleServer("clockforkserver", 0, "--delay", 0) as server,
              connect(server.port) as client):
            self.assertEqual(server.stdout.readline(), "press ctrl c to stop server")
            client.sendall(QUESTION)
            self.assertRegex(client.recv(100).decode(), rf"\A{CTIME}\Z")
            lines = self.read_lines(server, 6)
            pid = re.search(r"appending PID (\d+)", "\n".join(lines))[1]
            server.interrupt()
            self.assertEqual(
                server.stdout.rest(),
                f"{FAREWELL}\nactive processes : [{pid}]\n-> killing process {pid}\n")
            self.assertEqual((server.wait(), server.stderr.rest()), (0, ""))
            self.assertEqual(read_to_end(client), b"")

    def test_E24_an_ended_child_is_not(self):
        with ExampleServer("clockforkserver", 0, "--delay", 0) as server:
            self.check_client(server.port, 1)
            pid = re.search(r"PID (\d+)", "\n".join(server.stdout.readline() for _ in range(8)))[1]
            child = Path(f"/proc/{pid}")
            # Its other threads, too: a sanitizer has one in every process.
            wait_until(lambda: ") Z " in (child / "stat").read_text()
                       and len(os.listdir(child / "task")) == 1, "the child to end")
            server.interrupt()
            self.assertEqual(server.stdout.rest(), f"{FAREWELL}\nactive processes : []\n")
            self.assertEqual((server.wait(), server.stderr.rest()), (0, ""))

    def test_E24_by_the_library(self):
        with ExampleServer("clockforkserver", 0, "--delay", 0, "--library") as server:
            self.assertEqual(server.stdout.readline(), "press ctrl c to stop server")
            self.check_client(server.port, 2)
            self.assertEqual(
                self.read_lines(server, 7),
                [*self.child_lines(2), "closing client socket, exiting child process"])
            server.interrupt()
            self.assertEqual(server.stdout.rest(), FAREWELL + "\n")
            self.assertEqual((server.wait(), server.stderr.rest()), (0, ""))


if __name__ == "__main__":
    unittest.main()
