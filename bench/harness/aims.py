"""What the library promises of its cost, and whether a run of the benchmark bears it out."""

import math
from dataclasses import dataclass
from enum import Enum
from statistics import median

from harness.peers import PEERS
from harness.tables import Rounds, column, floor_ratios, ratios, with_range
from harness.workloads import HTTP_PEERS

ENGINES = {"fiber": "fibers", "thread": "threads", "fork": "processes",
           "sync": "one after the other"}


class Figure(Enum):
    """What is compared with the bound of an aim."""
    FLOOR = "processor time × floor"
    P99 = "p99 × floor"
    PEERS = "processor time × the cheapest of"
    CALLS = "calls per processor time ×"
    BYTES = "bytes per connection"


@dataclass(frozen=True)
class Aim:
    workload: str
    engine: str
    figure: Figure
    bound: float                 # what the median may come to at most; with CALLS at least
    peers: tuple[str, ...] = ()  # of PEERS, for the figures that compare with some
    why: str = ""                # it may not hold, as far as is known

    def quantity(self) -> str:
        names = ", ".join(PEERS[name].name for name in self.peers)
        return f"{self.figure.value} {'all' if self.peers == HTTP_PEERS else names}".strip()

    def limit(self) -> str:
        return f"{'≥' if self.figure is Figure.CALLS else '≤'} {self.bound:,g}"

    def values(self, rounds: Rounds) -> list[float]:
        """The figure of each round, with the peers that took part; empty without any."""
        ours = f"socketserver, {self.engine}"
        peers = [PEERS[name].name for name in self.peers if PEERS[name].name in rounds]
        if ours not in rounds or (self.peers and not peers):
            return []
        if self.figure is Figure.BYTES:
            found = column(rounds[ours], "bytes_per_connection")
        elif self.figure is Figure.P99:
            found = floor_ratios(rounds, ours, "p99_us")
        elif self.figure is Figure.FLOOR:
            found = floor_ratios(rounds, ours, "cpu_us_per_request")
        else:
            cost = column(rounds[ours], "cpu_us_per_request")
            theirs = [math.nan if any(map(math.isnan, costs)) else min(costs) for costs in
                      zip(*(column(rounds[peer], "cpu_us_per_request") for peer in peers))]
            found = ratios(theirs, cost) if self.figure is Figure.CALLS else ratios(cost, theirs)
        return [value for value in found if not math.isnan(value)]

    def holds(self, values: list[float]) -> bool:
        middle = median(values)
        return middle >= self.bound if self.figure is Figure.CALLS else middle <= self.bound


UNKNOWN = "it has held elsewhere; measure again where nothing else runs"
KERNEL_SHARE = ("nearly all of a request is the system's, so that the floor leaves a few hundred "
                "nanoseconds for all that it does not do: to read and check the head, call the "
                "handler, write its answer and the log, and keep the limits")
EXPAT = ("CPython reads with expat, too, which is most of what reading costs here, and the system's "
         "part of a request is the same for both")
WAKES_THREADS = "each request wakes a thread: compare with the bare loop with a thread for each"

BLOCKING_PEERS = ("poco-http", "httplib")

AIMS = (
    Aim("echo", "fiber", Figure.FLOOR, 1.05),
    Aim("echo", "fiber", Figure.P99, 1.1,
        why="the slowest hundredth is mostly what else the machine did: look at the range"),
    Aim("echo", "fiber", Figure.PEERS, 1, ("go", "poco")),
    Aim("echo", "thread", Figure.FLOOR, 1.4, why=WAKES_THREADS),
    Aim("echo", "thread", Figure.PEERS, 1, ("go", "poco"),
        why=WAKES_THREADS + ". Go's goroutines share a few threads, and POCO's threads do as these do"),
    Aim("udp", "sync", Figure.FLOOR, 1.1,
        why="the floor is two system calls; to take a packet, call the handler and keep the limits "
            "costs a tenth of them, and more where the machine is busy"),
    Aim("thread", "thread", Figure.FLOOR, 1.1),
    Aim("fork", "fork", Figure.FLOOR, 1.1,
        why="a child of the larger program touches more pages for the first time, each of which is a "
            "fault; and what a handler printed is written out at its end"),
    Aim("idle", "fiber", Figure.BYTES, 4608),
    Aim("http", "fiber", Figure.FLOOR, 1.05, why=KERNEL_SHARE),
    Aim("http", "fiber", Figure.P99, 1.1, why="a client waits for what is done for the other 63, too"),
    Aim("http", "thread", Figure.PEERS, 1, BLOCKING_PEERS),
    Aim("http-pipeline", "fiber", Figure.FLOOR, 1.2,
        why="the floor spends some 80 instructions on a request and looks at nothing but its end; "
            "to check the head alone takes more than the aim leaves"),
    Aim("http-pipeline", "thread", Figure.PEERS, 1, ("poco-http",)),
    Aim("http-close", "fiber", Figure.FLOOR, 0.95,
        why="nearly all of it is the system's, and this floor tells epoll only of connections whose "
            "request is late; the aim was set beside a loop that tells it of each, which is in the table"),
    Aim("http-close", "thread", Figure.PEERS, 1, BLOCKING_PEERS),
    Aim("static-1k", "fiber", Figure.PEERS, 1, HTTP_PEERS),
    Aim("static-1k", "thread", Figure.PEERS, 1, BLOCKING_PEERS),
    Aim("static-1m", "fiber", Figure.PEERS, 1, HTTP_PEERS),
    Aim("static-1m", "thread", Figure.PEERS, 1, BLOCKING_PEERS),
    Aim("http-idle", "fiber", Figure.BYTES, 240),
    *(Aim(name, "fiber", Figure.CALLS, 10, ("cpython-rpc",), why=EXPAT)
      for name in ("xmlrpc-add", "xmlrpc-array", "xmlrpc-multicall")),
    *(Aim(name, "fiber", Figure.CALLS, 1.5, ("xmlrpc-c",))
      for name in ("xmlrpc-add", "xmlrpc-array", "xmlrpc-multicall")),
)


def aims_section(measured: dict[str, Rounds]) -> str:
    """What became of the aims of these workloads; empty where nothing was measured of any."""
    found = [(aim, aim.values(measured[aim.workload])) for aim in AIMS if aim.workload in measured]
    judged = [(aim, values, aim.holds(values)) for aim, values in found if values]
    if not judged:
        return ""
    missed = [aim for aim, _, holds in judged if not holds]
    lines = ["### Aims", "", f"{len(judged) - len(missed)} of {len(judged)} hold, by the medians.", "",
             "| workload | served by | figure | aim | measured | holds |",
             "|---|---|---|---|---|---|"]
    lines += [f"| `{aim.workload}` | {ENGINES[aim.engine]} | {aim.quantity()} | {aim.limit()} | "
              f"{with_range(values, 0 if aim.figure is Figure.BYTES else 2)} | "
              f"{'yes' if holds else '**no**'} |" for aim, values, holds in judged]
    if missed:
        lines += ["", "Why not, as far as is known; docs/performance.md has the measurements:", ""]
        lines += [f"- `{aim.workload}`, {ENGINES[aim.engine]}, {aim.quantity()}: {aim.why or UNKNOWN}."
                  for aim in missed]
    return "\n".join(lines)
