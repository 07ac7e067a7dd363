"""Every class of CPython's socketserver and its counterpart here, side by side.

Both run the same script of well-behaved and failing requests; which hooks they call, in which order,
in which thread or process, and what the client sees must be the same. Where it is not, ALLOWED says
why; an entry there that has no difference any more is a failure too.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PATIENCE = 20  # seconds that anything healthy stays far below
ALLOWED_PATIENCE = 0.5  # for a server that is known to hang, or not to end a request

HERE = Path(__file__).parent
OURS = [os.path.join(os.environ["BIN_DIR"], "conformance_logged_server")]
REFERENCE = [sys.executable, "-S", str(HERE / "reference" / "logged_server.py")]

ENGINES = ("", "Threading", "Forking")
TRANSPORTS = ("TCP", "UDP", "UnixStream", "UnixDatagram")

# Intended differences, by story and engine.
ALLOWED = {
    ("verify_request raises", engine): "an exception of verify_request is the request's error; in "
    "CPython it leaves the loop and the request stays open" for engine in ENGINES
} | {
    ("handle_error raises", ""): "the request is closed all the same and the server goes on; in "
    "CPython the exception leaves the loop",
    ("shutdown", ""): "shutdown() from the loop's own thread only asks; in CPython it waits for "
    "itself for ever",
    ("shutdown", "Forking"): "a handler in a child ends the server, as one in a thread does; in "
    "CPython the child waits for a loop that it does not run",
} | {
    ("nameless client", engine): "a sender without a name gets no answer; in CPython that is a "
    "TypeError" for engine in ENGINES
}

# Scenes that end before a worker has the request.
NOT_HANDED_OVER = ("refused", "verify_request raises", "process_request raises")


class Server:
    """A server program under a story, and what it has written so far."""

    def __init__(self, command, name, story, address, scenes):
        self.process = subprocess.Popen(
            [*command, name, story, address, *scenes],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self.wait_for(lambda: any(line.startswith("port ") for line in self.lines))
        port = next(line for line in self.lines if line.startswith("port "))
        self.lines.remove(port)
        self.address = port.split(" ", 1)[1]
        if "Unix" not in name:
            self.address = ("127.0.0.1", int(self.address))

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, condition, seconds=PATIENCE):
        """Waits for the condition or the end of the program; whether one of them came."""
        with self.changed:
            return self.changed.wait_for(lambda: condition() or self.ended, seconds)

    def closed_requests(self):
        return sum(line.endswith(" close_request") for line in self.lines)

    def end(self, seconds):
        """Ends the loop from outside; what it wrote, and whether it ended."""
        self.process.stdin.close()
        well = self.wait_for(lambda: False, seconds)
        if not well:
            self.process.kill()
        self.process.wait()
        if not well:
            # Children of it may hold the pipe; nobody else will end them.
            for child in self._orphans():
                os.kill(child, signal.SIGKILL)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        return self.lines + ([] if well else ["hangs"])

    def _orphans(self):
        """The children that the killed program has left behind: those that run its command line."""
        mine = "\0".join(self.process.args).encode() + b"\0"
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if (entry / "cmdline").read_bytes() == mine:
                    yield int(entry.name)
            except OSError:
                pass


class Client:
    """Sends one request and says what came back."""

    def __init__(self, name, server, folder, nameless=False):
        self.server = server
        self.datagrams = "UDP" in name or "Datagram" in name
        family = socket.AF_UNIX if "Unix" in name else socket.AF_INET
        kind = socket.SOCK_DGRAM if self.datagrams else socket.SOCK_STREAM
        self.socket = socket.socket(family, kind)
        self.socket.settimeout(PATIENCE)
        if self.datagrams and "Unix" in name and not nameless:
            self.socket.bind(str(Path(folder) / f"client{time.monotonic_ns()}"))
        if not self.datagrams:
            self.socket.connect(server.address)

    def send(self, data):
        if self.datagrams:
            self.socket.sendto(data, self.server.address)
            return
        try:
            self.socket.sendall(data)
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # turned away before it had said a word

    def answer(self):
        """What came back; the server has ended the request, if it ever will."""
        if self.datagrams:
            self.socket.setblocking(False)
            try:
                return f"answer {self.socket.recv(100_000)!r}"
            except BlockingIOError:
                return "no answer"
        data = b""
        try:
            while piece := self.socket.recv(65_536):
                data += piece
        except TimeoutError:
            return f"no end after {data!r}"
        except OSError:
            pass  # a reset, because something of the request was not read
        return f"answer {data!r}"


def play(command, name, story, steps, patience=PATIENCE):
    """Has a server serve the steps, each its scenes and what the client sends; all that was seen."""
    forks = name.startswith("Forking")
    with tempfile.TemporaryDirectory() as folder:
        scenes = [scene for step in steps for scene in step[0]]
        server = Server(command, name, story, str(Path(folder) / "socket"), scenes)
        try:
            if story == "handle_request":
                server.wait_for(lambda: "serving handle_timeout" in server.lines)
            answers = []
            closes = 0
            for scenes, data in steps:
                client = Client(name, server, folder, nameless=story == "nameless client")
                client.socket.settimeout(patience)
                if data is not None:
                    client.send(data)
                handed_over = scenes[-1] not in NOT_HANDED_OVER
                closes += 2 if forks and handed_over else 1
                server.wait_for(lambda: server.closed_requests() >= closes, patience)
                answers.append(f"{scenes}: {client.answer()}")
                client.socket.close()
        finally:
            lines = server.end(patience)
    if not forks and story != "shutdown":
        return {"answers": answers, "calls": lines}
    # Two processes are not in step with each other, nor a thread with a loop that it has ended.
    serving = [line for line in lines if line.startswith("serving ")]
    return {"answers": answers, "calls": serving, "others": [x for x in lines if x not in serving]}


def steps_for(transport):
    """The script of requests: the scenes that each passes through, and what the client sends."""
    steps = [
        (["echo"], b"hello world\n"),
        (["upper"], b"hello world\n"),
        (["echo"], b""),
        (["silence"], b"anybody there?\n"),
        (["setup raises"], b"one\n"),
        (["handle raises"], b"two\n"),
        (["finish raises"], b"three\n"),
        (["refused"], b"four\n"),
        (["process_request raises"], b"five\n"),
        (["get_request raises", "echo"], b"six\n"),
        (["echo"], bytes(range(256)) * 16),
        (["echo"], b"still there\n"),
    ]
    if transport in ("TCP", "UnixStream"):
        steps.insert(-1, (["silent client"], None))
        steps.insert(-1, (["echo"], b"x" * 90_000))
    return steps


class Differential(unittest.TestCase):
    maxDiff = None

    def compare(self, story, steps=None, transports=TRANSPORTS):
        def play_both(transport, engine):
            name = f"{engine}{transport}Server"
            patience = ALLOWED_PATIENCE if (story, engine) in ALLOWED else PATIENCE
            scenes = steps or steps_for(transport)
            return (play(OURS, name, story, scenes), play(REFERENCE, name, story, scenes, patience))

        # They mostly wait.
        with ThreadPoolExecutor(4) as pool:
            plays = {(transport, engine): pool.submit(play_both, transport, engine)
                     for transport in transports for engine in ENGINES}
        for (transport, engine), play_of_both in plays.items():
            with self.subTest(f"{engine}{transport}Server"):
                ours, theirs = play_of_both.result()
                if (story, engine) in ALLOWED:
                    self.assertNotEqual(ours, theirs, "the entry of ALLOWED is out of date")
                    self.assertNotIn("hangs", str(ours))
                else:
                    self.assertEqual(ours, theirs)

    def test_requests(self):
        """SS_025 to SS_036, SS_064, SS_071, SS_074, SS_086: hooks and answers of many requests."""
        self.compare("requests")

    def test_handle_request(self):
        self.compare("handle_request", [(["echo"], b"one\n"), (["upper"], b"two\n")])

    def test_SystemExit(self):
        self.compare("exit", [(["exit"], b"bye\n")])

    def test_verify_request_raises(self):
        self.compare("verify_request raises", [(["verify_request raises"], b"hello\n")])

    def test_handle_error_raises(self):
        self.compare("handle_error raises", [(["handle_error raises"], b"hello\n")])

    def test_shutdown_from_a_handler(self):
        self.compare("shutdown", [(["shutdown"], b"good night\n")])

    def test_a_client_without_a_name(self):
        self.compare("nameless client", [(["echo"], b"who am I?\n")], ["UnixDatagram"])


if __name__ == "__main__":
    unittest.main()
