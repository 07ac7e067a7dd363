"""conformance_files on a directory, and answers of it that are read when the test wants them."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import BIN_DIR, PATIENCE  # noqa: E402

# AddressSanitizer would keep what was freed, and it would look as if the server did.
WITHOUT_QUARANTINE = {
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")
    + ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0",
}


class Server:
    """conformance_files on a directory, with any standard error."""

    def __init__(self, folder: Path, errors=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [BIN_DIR / "conformance_files", folder], stdout=subprocess.PIPE, stderr=errors, text=True,
            env=os.environ | WITHOUT_QUARANTINE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)

    def ask(self, target: str) -> "Answer":
        return Answer(self.port, target)

    def status_of(self, target: str) -> int:
        answer = self.ask(target)
        answer.connection.close()
        return answer.status

    def most_memory(self) -> int:
        """Bytes that it has ever had in memory at once."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


class Answer:
    """An answer whose body is read when the test wants it."""

    def __init__(self, port: int, target: str):
        self.connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.connection.sendall(
            f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.connection.recv(4096)
            if not piece:
                raise AssertionError(f"the answer ends in its head: {head!r}")
            head += piece
        self.head, _, self.begun = head.partition(b"\r\n\r\n")
        self.status = int(self.head.split()[1])
        length = re.search(rb"Content-Length: (\d+)", self.head)
        self.length = int(length[1]) if length else None

    def pieces(self):
        yield self.begun
        with self.connection, contextlib.suppress(ConnectionResetError):
            while piece := self.connection.recv(1 << 20):
                yield piece

    def size(self) -> int:
        return sum(map(len, self.pieces()))
