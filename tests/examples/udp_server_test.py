"""udp_server, udp_client and threading_udp_server against their transcripts (E14, E15, E18)."""

import signal
import socket
import time
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import PATIENCE, ExampleServer, run  # noqa: E402


class UDPServer(unittest.TestCase):
    def test_E14_E15_transcript(self):
        with ExampleServer("udp_server", "localhost", 0) as server:
            self.assertEqual(
                run("udp_client", "--port", server.port, "hello", "world", "with", "UDP"),
                (0, "Sent:     hello world with UDP\nReceived: HELLO WORLD WITH UDP\n", ""))
            self.assertEqual(
                run("udp_client", "--port", server.port, "python", "is", "nice"),
                (0, "Sent:     python is nice\nReceived: PYTHON IS NICE\n", ""))
            self.assertEqual(
                [server.stdout.readline() for _ in range(4)],
                ["127.0.0.1 wrote:", "b'hello world with UDP'",
                 "127.0.0.1 wrote:", "b'python is nice'"])
            server.interrupt()
            self.assertEqual(server.wait(), -signal.SIGINT)
            self.assertEqual((server.stdout.rest(), server.stderr.rest()), ("", ""))

    def test_E18_five_at_once(self):
        with (ExampleServer("threading_udp_server", 0) as server,
              socket.socket(type=socket.SOCK_DGRAM) as client):
            client.settimeout(PATIENCE)
            best = PATIENCE
            for _ in range(4):  # others may use the processor, too
                start = time.monotonic()
                for number in range(5):
                    client.sendto(b"packet %d" % number, ("127.0.0.1", server.port))
                answers = {client.recv(100) for _ in range(5)}
                best = min(best, time.monotonic() - start)
                self.assertEqual(answers, {b"PACKET %d" % number for number in range(5)})
            self.assertGreaterEqual(best, 0.2)
            self.assertLess(best, 0.9)  # one after the other they take a second


if __name__ == "__main__":
    unittest.main()
