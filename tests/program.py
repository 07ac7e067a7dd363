"""Runs the programs of BIN_DIR for tests: talks to them, waits with a deadline, leaves none behind."""

import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

BIN_DIR = Path(os.environ["BIN_DIR"])
FULL_SIZE = BIN_DIR.parent.name == "release"  # what is as large as it gets; elsewhere it is slow
PATIENCE = 20  # seconds; what is waited for takes milliseconds unless something is wrong

# A caller that ignores these signals (a background job does) would hand that down to the programs.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)


def wait_until(condition, what: str, patience: float = PATIENCE) -> None:
    """Returns when `condition()` holds; fails, saying `what` was waited for, when it never does."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s for {what}")
        time.sleep(0.001)


class Output:
    """What a program writes to one of its streams."""

    def __init__(self, name: str, pipe):
        self.name = name
        self.pipe = pipe
        self.unread = b""

    def readline(self) -> str:
        """The next line without its end; waits for it. Fails when the stream ends first."""
        while b"\n" not in self.unread:
            if not self._read_more("a line"):
                raise AssertionError(f"{self.name} ended instead of a line: {self.unread!r}")
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def rest(self) -> str:
        """Everything up to the end of the stream; waits for it."""
        while self._read_more("its end"):
            pass
        rest, self.unread = self.unread, b""
        return rest.decode()

    def _read_more(self, what: str) -> bool:
        if not select.select([self.pipe], [], [], PATIENCE)[0]:
            raise AssertionError(f"waited {PATIENCE} s for {what} on {self.name}: {self.unread!r}")
        data = os.read(self.pipe.fileno(), 65536)
        self.unread += data
        return bool(data)


class Program:
    """A running program. Leaving the `with` block kills it if it still runs."""

    def __init__(self, name: str, *arguments: object, cwd: str | Path | None = None):
        self.process = subprocess.Popen(
            [BIN_DIR / name, *map(str, arguments)], cwd=cwd, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.stdin = self.process.stdin
        self.stdout = Output(f"{name}'s standard output", self.process.stdout)
        self.stderr = Output(f"{name}'s standard error", self.process.stderr)

    def __enter__(self):
        return self

    def __exit__(self, exception_type, *_):
        if self.process.poll() is None:
            self.process.kill()
        if exception_type:
            print(f"{self.stdout.name}: {self.stdout.rest()!r}")
            print(f"{self.stderr.name}: {self.stderr.rest()!r}")
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def wait(self) -> int:
        """The exit status, negative for the signal that ended it; waits for the end."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"waited {PATIENCE} s for the end of {self.process.args}") from None

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """Sends a signal and returns when the program has taken it."""
        self.process.send_signal(number)
        status = Path(f"/proc/{self.process.pid}/status")

        def is_taken() -> bool:
            if self.process.poll() is not None:
                return True
            pending = re.search(r"^ShdPnd:\s*(\w+)$", status.read_text(), re.MULTILINE)
            return int(pending[1], 16) & 1 << (number - 1) == 0

        wait_until(is_taken, f"{self.process.args} to take signal {number}")


class ExampleServer(Program):
    """An example that serves: started on any free port, which `port` holds."""

    def __init__(self, name: str, *arguments: object):
        with tempfile.TemporaryDirectory() as folder:
            port_file = Path(folder, "port")
            super().__init__(name, *arguments, "--port-file", port_file)
            try:
                wait_until(lambda: port_file.exists() or self.process.poll() is not None,
                           f"{name}'s port file")
                self.port = int(port_file.read_text())
            except BaseException as failure:
                self.__exit__(type(failure))
                raise


def run(name: str, *arguments: object, cwd: str | Path | None = None) -> tuple[int, str, str]:
    """Runs a program to its end; its exit status, standard output and standard error."""
    with Program(name, *arguments, cwd=cwd) as program:
        program.stdin.close()
        out, err = program.stdout.rest(), program.stderr.rest()
        return program.wait(), out, err


def connect(port: int, host: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection((host, port), PATIENCE)


def read_to_end(connection: socket.socket) -> bytes:
    data = b""
    while piece := connection.recv(65536):
        data += piece
    return data


def ask(port: int, request: bytes, host: str = "127.0.0.1") -> bytes:
    """Sends `request` on a new connection and returns everything that comes back."""
    with connect(port, host) as connection:
        connection.sendall(request)
        return read_to_end(connection)


def without_volatile(text: str) -> str:
    """`text` with <port>, <time> and <date> for what differs from run to run."""
    text = re.sub(r"\('127\.0\.0\.1', \d+\)", "('127.0.0.1', <port>)", text)
    text = re.sub(r"\[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\]", "[<time>]", text)
    return re.sub(r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "<date>", text)
