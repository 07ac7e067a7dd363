"""clockserver and clockclient against their transcript, over every transport (E22)."""

import os
import re
import socket
import tempfile
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import PATIENCE, ExampleServer, connect, read_to_end, run  # noqa: E402

QUESTION = b"What is the time?".ljust(25)
ANSWER = "Sun Apr  4 18:16:14 2010"
FIXED = ("--fixed-time", "1270404974")

os.environ["TZ"] = "UTC"  # the programs' too


class ClockServer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name, "clock.sock")

    def check_served(self, server: ExampleServer, client: str = r"\('127\.0\.0\.1', \d+\)",
                     question: str = QUESTION.decode()):
        self.assertRegex(server.stdout.readline(), rf"\Aconnected at {client}\Z")
        self.assertEqual(server.stdout.readline(), f'read "{question}" from client')
        self.assertEqual(server.stdout.readline(), f'writing "{ANSWER}" to client')

    def check_started(self, server: ExampleServer, where: object = None):
        self.assertEqual(server.stdout.readline(),
                         f"server is listening to {where or server.port}")
        self.assertEqual(server.stdout.readline(), "press ctrl c to stop server")

    def check_ended(self, server: ExampleServer):
        server.interrupt()
        self.assertEqual(server.stdout.rest(), " ctrl c pressed, closing server\n")
        self.assertEqual((server.wait(), server.stderr.rest()), (0, ""))

    def check_client(self, *arguments: object):
        self.assertEqual(run("clockclient", *arguments),
                         (0, f"client is connected\n{ANSWER}\n", ""))

    def test_E22_transcript(self):
        for switches in ([], ["--threading"], ["--forking"], ["--udp"]):
            with (self.subTest(switches),
                  ExampleServer("clockserver", 0, *FIXED, *switches) as server):
                self.check_started(server)
                udp = [switch for switch in switches if switch == "--udp"]
                for _ in range(2):
                    self.check_client(server.port, *udp)
                    self.check_served(server)
                self.check_ended(server)

    def test_E22_unix_sockets(self):
        for switch, client in (("--unix", ""), ("--unix-dgram", "@[0-9a-f]{5}")):
            with (self.subTest(switch),
                  ExampleServer("clockserver", switch, self.path, *FIXED) as server):
                self.check_started(server, self.path)
                self.check_client(switch, self.path)
                self.check_served(server, client)
                self.check_ended(server)
                self.assertFalse(self.path.exists())

    def test_E22_handle_request(self):
        with ExampleServer("clockserver", 0, "--handle-request", *FIXED) as server:
            self.check_started(server)
            self.check_client(server.port)
            self.check_served(server)
            self.assertEqual((server.stdout.rest(), server.stderr.rest()), ("", ""))
            self.assertEqual(server.wait(), 0)

    def test_E22_question_in_pieces(self):
        with ExampleServer("clockserver", 0, *FIXED) as server, connect(server.port) as client:
            self.check_started(server)
            for piece in (QUESTION[:3], QUESTION[3:20], QUESTION[20:]):
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(piece)
            self.assertEqual(read_to_end(client), ANSWER.encode())
            self.check_served(server)

    def test_E22_short_question(self):
        with ExampleServer("clockserver", 0, *FIXED) as server, connect(server.port) as client:
            self.check_started(server)
            client.sendall(b"short")
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_to_end(client), ANSWER.encode())
            self.check_served(server, question="short")

    def test_E22_packet_of_another_size(self):
        with (ExampleServer("clockserver", 0, "--udp", *FIXED) as server,
              socket.socket(type=socket.SOCK_DGRAM) as client):
            self.check_started(server)
            client.settimeout(PATIENCE)
            for question in (b"short", QUESTION + b"and more"):
                client.sendto(question, ("127.0.0.1", server.port))
                self.assertEqual(client.recv(100), ANSWER.encode())
                self.check_served(server, question=question[:25].decode())

    def test_E22_the_time_it_is(self):
        with ExampleServer("clockserver", 0) as server:
            status, out, err = run("clockclient", server.port)
            self.assertEqual((status, err), (0, ""))
            self.assertTrue(re.fullmatch(
                r"client is connected\n[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d 20\d\d\n",
                out), out)


if __name__ == "__main__":
    unittest.main()
