"""FastCGI applications for tests: one as well or ill behaved as its test wants, and real programs."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

PATIENCE = 20  # seconds that anything healthy stays far below

BEGIN, END, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7


def record(kind: int, content: bytes = b"", request: int = 1, version: int = 1,
           padding: int = 0) -> bytes:
    header = struct.pack(">BBHHBB", version, kind, request, len(content), padding, 0)
    return header + content + bytes(padding)


def stream(kind: int, content: bytes) -> bytes:
    """Content of any length, in records of odd sizes."""
    size = 8191
    return b"".join(record(kind, content[at:at + size], padding=at % 8)
                    for at in range(0, len(content), size))


def end(protocol_status: int = 0, application_status: int = 0) -> bytes:
    return record(END, struct.pack(">IBxxx", application_status, protocol_status))


def text(body: bytes, head: bytes = b"Content-Type: text/plain\r\n\r\n") -> bytes:
    return stream(STDOUT, head + body) + record(STDOUT) + end()


def pairs(content: bytes) -> dict[str, str]:
    at = 0

    def size() -> int:
        nonlocal at
        if content[at] < 0x80:
            at += 1
            return content[at - 1]
        at += 4
        return struct.unpack(">I", content[at - 4:at])[0] & 0x7FFF_FFFF

    told = {}
    while at < len(content):
        name, value = size(), size()
        told[content[at:at + name].decode()] = content[at + name:at + name + value].decode()
        at += name + value
    return told


def receive(connection: socket.socket) -> tuple[dict[str, str], bytes]:
    """The variables and the body of a whole request."""
    contents = {BEGIN: [], PARAMS: [], STDIN: []}
    with connection.makefile("rb") as stream_in:
        while True:
            header = stream_in.read(8)
            if len(header) < 8:
                raise ConnectionError("the server has closed the connection")
            version, kind, request, length, padding, _ = struct.unpack(">BBHHBB", header)
            assert (version, request) == (1, 1), header
            content = stream_in.read(length + padding)[:length]
            contents[kind].append(content)
            if kind == STDIN and not content:
                break
    assert contents[BEGIN] == [bytes([0, 1, 0, 0, 0, 0, 0, 0])], contents[BEGIN]
    assert contents[PARAMS][-1] == b""
    return pairs(b"".join(contents[PARAMS])), b"".join(contents[STDIN])


@contextlib.contextmanager
def running(address, serve):
    """Runs an application for a scope. `serve(connection)` gets each connection, which is closed
    behind it, on a thread of its own. `address` is a path, or a host and a port; yields it as it
    is then."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen(64)

    def handle(connection):
        with connection, contextlib.suppress(ConnectionError):
            connection.settimeout(PATIENCE)
            serve(connection)

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def answering(answer):
    """For `running`: `answer(variables, body)` is what is sent for a whole request."""
    return lambda connection: connection.sendall(answer(*receive(connection)))


@contextlib.contextmanager
def listening(command, path):
    """Runs a program for a scope that is to accept connections to a Unix socket."""
    # A file, not a pipe: nobody reads it meanwhile.
    with tempfile.TemporaryFile("w+") as output:
        program = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                with socket.socket(socket.AF_UNIX) as attempt, contextlib.suppress(OSError):
                    attempt.connect(path)
                    break
                if program.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    raise RuntimeError(f"{command[0]} does not listen: {output.read()}")
                time.sleep(0.001)
            yield
        finally:
            # Its workers, too, which fcgiwrap would leave behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGTERM)
            program.wait(PATIENCE)
