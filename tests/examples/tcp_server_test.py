"""tcp_server, tcp_server_stream and tcp_client against their transcript (E11, E12, E13)."""

import select
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask, connect, read_to_end, run  # noqa: E402


class TCPServer(unittest.TestCase):
    def check_transcript(self, name: str):
        with ExampleServer(name, "localhost", 0) as server:
            self.assertEqual(
                run("tcp_client", "--port", server.port, "hello", "world", "with", "TCP"),
                (0, "Sent:     hello world with TCP\nReceived: HELLO WORLD WITH TCP\n", ""))
            self.assertEqual(
                run("tcp_client", "--port", server.port, "python", "is", "nice"),
                (0, "Sent:     python is nice\nReceived: PYTHON IS NICE\n", ""))
            self.assertEqual(
                [server.stdout.readline() for _ in range(4)],
                ["127.0.0.1 wrote:", "b'hello world with TCP'",
                 "127.0.0.1 wrote:", "b'python is nice'"])
            server.interrupt()
            self.assertEqual(server.wait(), -signal.SIGINT)
            self.assertEqual((server.stdout.rest(), server.stderr.rest()), ("", ""))

    def test_E11_E13_transcript(self):
        self.check_transcript("tcp_server")

    def test_E12_E13_transcript(self):
        self.check_transcript("tcp_server_stream")

    def test_bytes_are_shown_as_python_shows_them(self):
        for name in ("tcp_server", "tcp_server_stream"):
            with self.subTest(name), ExampleServer(name, "127.0.0.1", 0) as server:
                data = b" \t'caf\xc3\xa9'\x00\\\x7f\t.\v\r\n"
                self.assertEqual(ask(server.port, data), data.strip().upper())
                server.stdout.readline()
                self.assertEqual(server.stdout.readline(), repr(data.strip()))

    def test_E11_one_recv_is_what_has_arrived(self):
        with ExampleServer("tcp_server", "127.0.0.1", 0) as server:
            with connect(server.port) as client:
                client.sendall(b"hello ")
                self.assertEqual(read_to_end(client), b"HELLO")

    def test_E12_readline_waits_for_the_line(self):
        with ExampleServer("tcp_server_stream", "127.0.0.1", 0) as server:
            with connect(server.port) as client:
                client.sendall(b"hello ")
                self.assertEqual(select.select([client], [], [], 0.05)[0], [])
                client.sendall(b"world\n")
                self.assertEqual(read_to_end(client), b"HELLO WORLD")

    def test_a_client_that_says_nothing(self):
        for name in ("tcp_server", "tcp_server_stream"):
            with self.subTest(name), ExampleServer(name, "127.0.0.1", 0) as server:
                connect(server.port).close()
                self.assertEqual(server.stdout.readline(), "127.0.0.1 wrote:")
                self.assertEqual(server.stdout.readline(), "b''")
                self.assertEqual(ask(server.port, b"next\n"), b"NEXT")


if __name__ == "__main__":
    unittest.main()
