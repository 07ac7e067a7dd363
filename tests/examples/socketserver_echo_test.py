"""The socketserver_* programs against their transcripts (E05 to E08)."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import Program, run, without_volatile  # noqa: E402

SERVER = """\
EchoServer: __init__
EchoServer: server_activate
EchoServer: waiting for request
EchoServer: Handling requests, press <Ctrl-C> to quit
EchoServer: handle_request
EchoServer: verify_request(<socket fd=N>, ('127.0.0.1', <port>))
EchoServer: process_request(<socket fd=N>, ('127.0.0.1', <port>))
EchoServer: finish_request(<socket fd=N>, ('127.0.0.1', <port>))
EchoRequestHandler: __init__
EchoRequestHandler: setup
EchoRequestHandler: handle
EchoRequestHandler: recv()->"Hello, world"
EchoRequestHandler: finish
EchoServer: close_request(<socket fd=N>)
EchoServer: handle_request
""".splitlines()

CLIENT = """\
client: Server on 127.0.0.1:<port>
client: creating socket
client: connecting to server
client: sending data: "Hello, world"
client: waiting for response
client: response from server: "Hello, world"
client: closing socket
client: done
""".splitlines()


class SocketserverEcho(unittest.TestCase):
    def test_E05_order_of_calls(self):
        status, out, log = run("socketserver_echo")
        self.assertEqual((status, out), (0, ""))
        log = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>", without_volatile(log))
        lines = re.sub(r"fd=\d+", "fd=N", log).splitlines()
        self.assertEqual([line for line in lines if line.startswith("Echo")], SERVER)
        self.assertEqual([line for line in lines if line.startswith("client")], CLIENT)
        self.assertEqual(len(lines), len(SERVER) + len(CLIENT))

    def test_E06_transcript(self):
        self.assertEqual(run("socketserver_echo_simple"),
                         (0, 'Sending : "Hello, world"\nReceived: "Hello, world"\n', ""))

    def test_E07_transcript(self):
        self.assertEqual(run("socketserver_threaded"),
                         (0, "Server loop running in thread: Thread-1\n"
                             'Sending : "Hello, world"\n'
                             'Received: "Thread-2: Hello, world"\n', ""))

    def test_E08_transcript(self):
        # The program itself fails when a child is left.
        with Program("socketserver_forking") as program:
            pid = program.process.pid
            self.assertEqual(program.stdout.readline(), f"Server loop running in process: {pid}")
            self.assertEqual(program.stdout.readline(), 'Sending : "Hello, world"')
            answer = re.fullmatch(r'Received: "(\d+): Hello, world"', program.stdout.readline())
            self.assertTrue(answer)
            self.assertNotEqual(int(answer[1]), pid)
            self.assertEqual(program.stdout.rest(), "")
            self.assertEqual((program.wait(), program.stderr.rest()), (0, ""))


if __name__ == "__main__":
    unittest.main()
