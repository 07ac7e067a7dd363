"""threaded_echo and echo_client against their transcript (E01)."""

import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, Program, run, without_volatile  # noqa: E402

CONNECTED = "Connected from ('127.0.0.1', <port>)"
DISCONNECTED = "Disconnected from ('127.0.0.1', <port>)"


class ThreadedEcho(unittest.TestCase):
    def test_E01_transcript(self):
        with ExampleServer("threaded_echo", 0) as server:
            self.assertEqual(
                run("echo_client", "127.0.0.1", server.port, "hello", "world"),
                (0, "hello\nworld\n", ""))
            self.assertEqual(without_volatile(server.stdout.readline()), CONNECTED)
            self.assertEqual(without_volatile(server.stdout.readline()), DISCONNECTED)

    def test_E01_two_clients_at_once(self):
        with (ExampleServer("threaded_echo", 0) as server,
              Program("echo_client", "127.0.0.1", server.port) as first,
              Program("echo_client", "127.0.0.1", server.port) as second):
            for client, line in ((first, "one"), (second, "two"), (first, "three")):
                client.stdin.write(f"{line}\n".encode())
                self.assertEqual(client.stdout.readline(), line)
            for client in (first, second):
                client.stdin.close()
                self.assertEqual(client.wait(), 0)
            lines = [without_volatile(server.stdout.readline()) for _ in range(4)]
            self.assertEqual(lines[:2], [CONNECTED] * 2)
            self.assertEqual(lines[2:], [DISCONNECTED] * 2)

    def test_E01_ctrl_c_ends_the_server(self):
        with ExampleServer("threaded_echo", 0) as server:
            server.interrupt()
            self.assertEqual(server.wait(), -signal.SIGINT)
            self.assertEqual((server.stdout.rest(), server.stderr.rest()), ("", ""))


if __name__ == "__main__":
    unittest.main()
