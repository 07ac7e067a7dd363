"""Our server of files and nginx, each with the same directory and the same patience, and what hostile
clients send to both."""

import collections
import contextlib
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from http_answers import PATIENCE, talk
from http_requests import get, request

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
LARGE = 32 << 20
# How long a worker that is replaced waits for a client that has just connected, and for an answer
# that has begun, in seconds: a client may be slower on a busy machine.
FRESH_GRACE = 0.5
DRAIN_GRACE = 10
PROBE = request("GET /probe HTTP/1.1", "Connection: close")
EVIL = get("/evil")


def make_tree(root: Path) -> None:
    for name in ("file", "probe", "evil"):
        (root / name).write_text(f"content of {name}\n")
        (root / name).chmod(0o644)
    with (root / "large").open("wb") as large:
        large.truncate(LARGE)
    root.chmod(0o755)


class Server:
    """A running server; `processes` are those that serve."""

    def __init__(self, name: str, process: subprocess.Popen, port: int, stop_signal: int):
        self.name, self.process, self.port, self.stop_signal = name, process, port, stop_signal

    def cpu_seconds(self) -> float:
        """What it and its children have used."""
        ticks = 0
        for pid in [self.process.pid, *self.children()]:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def children(self) -> list:
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def is_well(self) -> bool:
        return b"content of file" in talk(self.port, request("GET /file HTTP/1.0"))


def limited(descriptors):
    """For a new process: at most so many descriptors."""
    if descriptors is None:
        return None
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


@contextlib.contextmanager
def ours(root: Path, descriptors=None, engine="Threading"):
    process = subprocess.Popen(
        [Path(os.environ["BIN_DIR"], "conformance_besieged"), engine, root, "1000"],
        stdout=subprocess.PIPE, text=True, preexec_fn=limited(descriptors))
    try:
        yield Server("socketserver", process, int(process.stdout.readline()), signal.SIGTERM)
    finally:
        process.terminate()  # so that its workers end, too
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.communicate()


NGINX_SETTINGS = """
{user}
daemon off;
worker_processes {workers};
pid {prefix}/pid;
error_log {prefix}/error.log;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {prefix}/body;
  proxy_temp_path {prefix}/proxy;
  fastcgi_temp_path {prefix}/fastcgi;
  uwsgi_temp_path {prefix}/uwsgi;
  scgi_temp_path {prefix}/scgi;
  client_header_timeout 1s;
  client_body_timeout 1s;
  send_timeout 1s;
  keepalive_timeout 1s;
  lingering_timeout 1s;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextlib.contextmanager
def nginx(root: Path, prefix: Path, descriptors=None, workers=1):
    port = free_port()
    prefix.mkdir(exist_ok=True)
    (prefix / "settings").write_text(NGINX_SETTINGS.format(
        user="user root;" if os.getuid() == 0 else "", prefix=prefix, root=root, port=port,
        workers=workers, connections=512 if descriptors is None else descriptors))
    process = subprocess.Popen(
        [NGINX, "-p", prefix, "-e", prefix / "error.log", "-c", prefix / "settings"],
        stderr=subprocess.DEVNULL, preexec_fn=limited(descriptors))
    try:
        wait_for_port(port)
        yield Server("nginx", process, port, signal.SIGQUIT)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def body(*headers: str, after: bytes = b"") -> bytes:
    """A request with a body, and behind it one that must not be taken for a request of its own."""
    return request("GET /file HTTP/1.1", *headers) + after


CHUNKED = "Transfer-Encoding: chunked"

# What is sent in one piece.
HEADS = {
    "a good request": get("/file"),
    "no Host": request("GET /file HTTP/1.1", host=False),
    "two Hosts": get("/file", "Host: y"),
    "Host with a path": request("GET /file HTTP/1.1", "Host: x/y", host=False),
    "Host with a user": request("GET /file HTTP/1.1", "Host: u@x", host=False),
    "Host with two ports": request("GET /file HTTP/1.1", "Host: x:1:2", host=False),
    "Host with markup": request("GET /file HTTP/1.1", "Host: <x>", host=False),
    "folded header": get("/file", "A: b", " c"),
    "header without colon": get("/file", "A"),
    "blank before the colon": get("/file", "A : b"),
    "empty name": get("/file", ": b"),
    "NUL in a value": get("/file", "A: b\0c"),
    "bare CR in a value": get("/file", "A: b\rc"),
    "control character in a name": get("/file", "A\x01: b"),
    "NUL in the target": get("/fi\0le"),
    "control character in the target": get("/file\x01"),
    "escaped NUL in the target": get("/file%00"),
    "four words": request("GET /file x HTTP/1.1"),
    "version 1.1.1": request("GET /file HTTP/1.1.1", "Host: x"),
    "version 2.0": request("GET /file HTTP/2.0", "Host: x"),
    "version in lower case": request("GET /file http/1.1", "Host: x"),
    "method in lower case": request("get /file HTTP/1.1"),
    "method with a colon": request("G:T /file HTTP/1.1"),
    "TRACE": request("TRACE /file HTTP/1.1"),
    "CONNECT": request("CONNECT x:80 HTTP/1.1"),
    "out of the root": get("/../../etc/passwd"),
    "out of the root, escaped": get("/%2e%2e/%2e%2e/etc/passwd"),
    "200 headers": get("/file", *["A: b"] * 200),
    "header of 100 KB": get("/file", "A: " + "b" * 100_000),
    "request line of 100 KB": get("/" + "a" * 100_000),
    "500 ranges": get("/file", "Range: bytes=" + "0-,5-," * 250 + "0-"),
}

# Framing that another reader could take differently. Nobody reads the body of a GET: a server that
# answers first, sees then that the body is broken, and closes, has not taken it for anything.
BODIES = {    "length and coding": body("Content-Length: 5", CHUNKED, after=b"0\r\n\r\n" + EVIL),
    "two lengths": body("Content-Length: 0", f"Content-Length: {len(EVIL)}", after=EVIL),
    "list of lengths": body(f"Content-Length: 0, {len(EVIL)}", after=EVIL),
    "length with a sign": body("Content-Length: +0", after=EVIL),
    "length with a blank": body("Content-Length: 1 0", after=EVIL),
    "empty length": body("Content-Length:", after=EVIL),
    "length of 2^64": body("Content-Length: 18446744073709551616", after=EVIL),
    "two codings": body(CHUNKED, CHUNKED, after=b"0\r\n\r\n" + EVIL),
    "unknown coding": body("Transfer-Encoding: cow", after=b"0\r\n\r\n" + EVIL),
    "identity coding": body("Transfer-Encoding: identity", after=EVIL),
    "coding and more": body("Transfer-Encoding: chunked, cow", after=b"0\r\n\r\n" + EVIL),
    "coding behind a vertical tab": body("Transfer-Encoding: \x0bchunked", after=b"0\r\n\r\n" + EVIL),
    "coding of HTTP/1.0": request("GET /file HTTP/1.0", "Connection: keep-alive", CHUNKED,
                                  body=b"0\r\n\r\n" + EVIL),
    "size with a prefix": body(CHUNKED, after=b"0x0\r\n\r\n" + EVIL),
    "size with a sign": body(CHUNKED, after=b"+0\r\n\r\n" + EVIL),
    "size beyond 64 bits": body(CHUNKED, after=b"10000000000000000\r\n\r\n" + EVIL),
    "LF behind a size": body(CHUNKED, after=b"0\n\r\n" + EVIL),
    "LF in an extension": body(CHUNKED, after=b"0;a\nb\r\n\r\n" + EVIL),
    "nothing behind a chunk": body(CHUNKED, after=b"1\r\na0\r\n\r\n" + EVIL),
    "a request as trailer": body(CHUNKED, after=b"0\r\nGET /evil HTTP/1.1\r\n\r\n" + EVIL),
}


class Verdict:
    """What a server made of an input."""

    def __init__(self, server: Server, data: bytes):
        wire = talk(server.port, data + PROBE)
        self.statuses = [int(code) for code in re.findall(rb"HTTP/1\.\d (\d{3}) ", wire)]
        self.reads_evil = b"content of evil" in wire
        self.is_open = b"content of probe" in wire
        if self.is_open:
            self.statuses.pop()

    def refuses(self) -> bool:
        return not self.statuses or self.statuses[0] >= 400

    def laxer_than(self, other: "Verdict", closing_suffices: bool) -> bool:
        refuses = self.refuses() or (closing_suffices and not self.is_open)
        return (other.refuses() and not refuses) or (self.reads_evil and not other.reads_evil)

    def __str__(self):
        words = " ".join(map(str, self.statuses)) or "no answer"
        return words + (", goes on" if self.is_open else ", closes")


# What happens over some time. Each returns what came of it, in words.

def endless(server: Server, opening: bytes, piece: bytes) -> str:
    """Sends until the server says something, or has taken what is too much for any reader."""
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        connection.sendall(opening)
        with contextlib.suppress(OSError):
            while sent < LARGE and not select.select([connection], [], [], 0)[0]:
                connection.sendall(piece)
                sent += len(piece)
        answer = b""
        with contextlib.suppress(OSError):
            answer = connection.recv(4096)
    status = re.match(rb"HTTP/1\.\d (\d{3})", answer)
    if sent >= LARGE:
        return "takes 32 MiB"
    return status[1].decode() if status else "closes"


def resets(server: Server) -> str:
    for _ in range(200):
        connection = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        connection.sendall(get("/large"))
        connection.recv(1000)
        linger = b"\x01\0\0\0\0\0\0\0"  # for no time: closing resets
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
    return "serves on" if server.is_well() else "fails"


def silence(server: Server, opening: bytes) -> str:
    """Begins, and says no more: what the server says when its patience of a second is over."""
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        connection.sendall(opening)
        answer = connection.recv(4096)
    status = re.match(rb"HTTP/1\.\d (\d{3})", answer)
    in_time = time.monotonic() - begin < 10
    return (status[1].decode() + ", closes" if status else "closes") if in_time else "waits"


def never_reads(server: Server) -> str:
    """Asks for much and reads nothing for longer than the server's patience."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        connection.sendall(request("GET /large HTTP/1.0"))
        begin = time.monotonic()
        while time.monotonic() - begin < 3:
            silence(server, b"")  # takes a second
        size = 0
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(1 << 20):
                size += len(piece)
    return "cut off" if size < LARGE else "waits"


def exhaustion(server: Server) -> str:
    """More clients than descriptors, for a while; then they leave. For a server with 64."""
    clients = [socket.create_connection(("127.0.0.1", server.port), PATIENCE) for _ in range(150)]
    before, begin = server.cpu_seconds(), time.monotonic()
    while time.monotonic() - begin < 1:
        time.sleep(0.05)
    used = server.cpu_seconds() - before
    for client in clients:
        client.close()
    spins = "spins" if used > 0.5 else "idle meanwhile"
    return f"{spins}, {'serves on' if server.is_well() else 'fails'}"


def stop_under_load(server: Server) -> str:
    """Told to stop in the middle of downloads: how many of them are whole. The last to be played."""
    connections = [socket.create_connection(("127.0.0.1", server.port), PATIENCE) for _ in range(20)]
    for connection in connections:
        connection.sendall(request("GET /large HTTP/1.0"))
        connection.recv(1, socket.MSG_PEEK)
    server.process.send_signal(server.stop_signal)
    whole = []

    def download(connection):
        size = 0
        with contextlib.suppress(OSError), connection:
            while piece := connection.recv(1 << 20):
                size += len(piece)
        whole.append(size > LARGE)

    threads = [threading.Thread(target=download, args=(one,)) for one in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.process.wait(PATIENCE)
    return f"{sum(whole)} of {len(whole)} downloads whole"


class Load:
    """Clients that ask all the time, for a scope: on new connections, on kept ones, for much."""

    def __init__(self, port: int):
        self.port, self.stops = port, False
        self.counts = collections.Counter()
        self.threads = [threading.Thread(target=self._run, args=(target, size, keeps))
                        for target, size, keeps in 2 * [("/file", 16, False), ("/file", 16, True),
                                                        ("/large", LARGE, False)]]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stops = True
        for thread in self.threads:
            thread.join()

    def _run(self, target: str, size: int, keeps: bool):
        connection, used = None, False
        while not self.stops:
            if connection is None:
                begin, used = time.monotonic(), False
                connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
            outcome, goes_on = self._ask(connection, target, size, keeps, begin)
            if outcome == "unanswered" and used:
                outcome = "asked again"  # it was being closed, as an idle one may be at any time
            self.counts[outcome] += 1
            used = True
            if not goes_on:
                connection.close()
                connection = None

    @staticmethod
    def _ask(connection: socket.socket, target: str, size: int, keeps: bool,
             begin: float) -> tuple[str, bool]:
        head, length, received, buffer = b"", None, 0, bytearray(1 << 18)
        with contextlib.suppress(OSError):  # what has come is judged
            connection.sendall(get(target) if keeps else get(target, "Connection: close"))
        asked = time.monotonic()
        with contextlib.suppress(OSError):
            while length is None or received < length:
                count = connection.recv_into(buffer)
                if not count:
                    break
                received += count
                if length is None:
                    head += buffer[:count]
                    end = head.find(b"\r\n\r\n")
                    length = end + 4 + size if end >= 0 else None
        whole = received == length and head.startswith(b"HTTP/1.1 200 ")
        if whole:
            return "whole", keeps and b"Connection: close" not in head[:length - size]
        if received:
            return ("cut" if time.monotonic() - asked < DRAIN_GRACE else "too slow"), False
        return ("unanswered" if asked - begin < FRESH_GRACE else "too slow"), False


def restart_under_load(server: Server) -> str:
    """Its workers are replaced five times while clients ask: what became of what they asked for."""
    with Load(server.port) as load:
        for _ in range(5):
            before = load.counts["whole"]
            await_true(lambda: load.counts["whole"] > before + 50)
            workers = set(server.children())
            server.process.send_signal(signal.SIGHUP)
            await_true(lambda: not workers & set(server.children()))
    counts = load.counts
    return f"{counts['cut']} cut, {counts['unanswered']} unanswered"


def await_true(condition) -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the workers were not replaced, or nobody was served")
        time.sleep(0.01)


ENDLESS = {
    "headers without end": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n" * 1000),
    "a header without end": (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"b" * 8000),
    "a request line without end": (b"GET /", b"a" * 8000),
}

SCENES = {
    name: lambda server, what=what: endless(server, *what) for name, what in ENDLESS.items()
} | {
    "200 resets in the middle of answers": resets,
    "silent from the start": lambda server: silence(server, b""),
    "half a head, then silent": lambda server: silence(server, b"GET / HTTP/1.1\r\nHost:"),
    "never reads its answer": never_reads,
}
