"""Clients that hold a server's connections without asking for anything, and honest ones beside them."""

import http.client
import re
import select
import socket
import threading
import time
from typing import NamedTuple

TICK = 0.02  # seconds between two bytes of those who trickle, unless told otherwise
LARGE = 32 << 20  # bytes of the file /large: more than the kernel holds for a slow reader


class Kind(NamedTuple):
    """How an attacker behaves."""

    opening: bytes  # what it sends at once
    trickle: int = 0  # how many bytes it sends behind that, one at each tick; -1 for ever
    reads: bool = True
    sips: bool = False  # reads one byte at each tick


UPLOAD = b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"

KINDS = {
    "silent from the start": Kind(b""),
    "empty line, then silent": Kind(b"\r\n"),
    "half a head, then silent": Kind(b"GET / HTTP/1.1\r\nHost: x\r\n"),
    "trickles a head": Kind(b"GET / HTTP/1.1\r\nHost: x\r\nX: ", -1),
    "half a body, then silent": Kind(UPLOAD + b"x" * 100),
    "trickles a body, then silent": Kind(UPLOAD, 100),
    "never reads": Kind(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", reads=False),
    "silent after an answer": Kind(b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n"),
}

# The three forms of a slow client that goes on for ever.
SLOW = {
    "slow head": KINDS["trickles a head"],
    "slow body": Kind(UPLOAD, -1),
    "slow reader": Kind(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", reads=False, sips=True),
}
ALL_KINDS = KINDS | SLOW


class Attacker:
    def __init__(self, port: int, kind: str):
        self.kind = kind
        self.behaviour = ALL_KINDS[kind]
        self.left = self.behaviour.trickle
        self.received = b""
        self.is_over = False
        self.socket = socket.socket()
        if self.behaviour.sips:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.socket.send(self.behaviour.opening)

    def read(self) -> None:
        """Takes what there is; the end is the end of the attack."""
        try:
            piece = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            piece = b""  # closed while something of ours was unread
        self.received += piece
        self.is_over = not piece

    def trickle(self) -> None:
        if self.behaviour.sips and not self.is_over:
            self.sip()
        if self.left == 0 or self.is_over:
            return
        self.left -= 1
        try:
            self.socket.send(b"a")
        except OSError:
            pass  # what the server said before is still to be read

    def sip(self) -> None:
        try:
            byte = self.socket.recv(1)
        except BlockingIOError:
            return
        except OSError:
            byte = b""
        self.received += byte
        self.is_over = not byte

    def outcome(self) -> str:
        """What the server said to it by now."""
        if not self.is_over and not self.behaviour.reads:
            self._look_for_end()
        status = re.match(rb"HTTP/1\.1 (\d+)", self.received)
        end = "closed" if self.is_over else "held"
        return f"{status[1].decode()}, {end}" if status else end

    def _look_for_end(self) -> None:
        """Takes what has come, which is little for one that does not read."""
        try:
            while piece := self.socket.recv(1 << 16):
                self.received += piece[:1000 - len(self.received)]
            self.is_over = True
        except BlockingIOError:
            pass
        except OSError:
            self.is_over = True

    def read_to_end(self) -> int:
        """How many bytes there are for one who has not read before."""
        self.socket.settimeout(20)
        size = 0
        try:
            while piece := self.socket.recv(1 << 20):
                size += len(piece)
        except ConnectionError:
            pass
        return size


class Attack:
    """Attackers that keep a server busy for a scope."""

    def __init__(self, port: int, kinds: dict, tick: float = TICK):
        self.tick = tick
        self.attackers = [Attacker(port, kind) for kind, count in kinds.items() for _ in range(count)]
        self.readers = [one for one in self.attackers if one.behaviour.reads]
        self.sippers = [one for one in self.attackers if one.behaviour.sips]
        self.all_over = threading.Event()  # for those that read
        self.stops = False
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stops = True
        self.thread.join()
        for attacker in self.attackers:
            attacker.socket.close()

    def _run(self) -> None:
        poll = select.poll()
        by_number = {one.socket.fileno(): one for one in self.readers}
        for number in by_number:
            poll.register(number, select.POLLIN)
        next_tick = time.monotonic()
        while not self.stops and (by_number or self.sippers):
            for number, _ in poll.poll(max(0, next_tick - time.monotonic()) * 1000):
                by_number[number].read()
                if by_number[number].is_over:
                    poll.unregister(number)
                    del by_number[number]
            if time.monotonic() >= next_tick:
                next_tick = max(next_tick + self.tick, time.monotonic())
                for one in [*by_number.values(), *self.sippers]:
                    one.trickle()
                self.sippers = [one for one in self.sippers if not one.is_over]
            if not by_number:
                self.all_over.set()
        if not by_number:
            self.all_over.set()


def honest_times(port: int, until, target: str = "/small", patience: float = 20) -> list[float]:
    """Asks on new connections until `until()`; the seconds that each answer took.

    @param patience  seconds that each step of a request may take.

    @throws what goes wrong: an honest client is served.
    """
    times = []
    while not until():
        begin = time.monotonic()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        client.request("GET", target)
        answer = client.getresponse()
        if answer.status != 200 or answer.read() != b"small":
            raise AssertionError(f"an honest client got {answer.status}")
        client.close()
        times.append(time.monotonic() - begin)
    return times
