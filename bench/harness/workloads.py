"""What is measured: the jobs, and who does each."""

import random
import xmlrpc.client
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a workload finds out."""
    REQUESTS = auto()  # what a request costs and how long it takes
    MEMORY = auto()    # what a silent connection weighs
    START = auto()     # how soon a server is ready, and how large it is


@dataclass(frozen=True)
class Workload:
    """One job, and who does it. A server gets the flags and says "ready PORT" on a line.

    In flags, FILES stands for the folder with what FILES_SERVED lists.
    """
    title: str
    load: str                          # what bench_load does
    floor: str                         # what bench_floor does
    engines: tuple[str, ...] = ()      # of the library; those that `program` does not list are left out
    peers: tuple[str, ...] = ()        # of PEERS
    program: str = "bench_echo"        # the library's server
    transport: str = "tcp"             # of `program`
    flags: tuple[str, ...] = ()        # for `program` and for peers
    floor_flags: tuple[str, ...] = ()  # for bench_floor
    load_flags: tuple[str, ...] = ()   # for bench_load
    connections: int | None = None     # instead of --connections
    kind: Kind = Kind.REQUESTS
    rpc: str = ""                      # whose call and answer in FILES_SERVED are compared once
    rivals: tuple[str, ...] = ()       # of PEERS: how many times their requests per CPU-second


GREETING = b"Hello, World!"
FILES_SERVED = {"hello.txt": GREETING, "1k.bin": bytes(range(256)) * 4,
                "1m.bin": random.Random(1).randbytes(1 << 20)}
FILES = "{files}"

# XML-RPC: what is sent, what must come back (the floor sends it as it is), and what every answer
# holds so many times, whoever wrote it.
GOODS = [{"name": "nut & bolt", "count": number, "price": 2.25, "new": True}
         for number in range(310)]  # 100 KiB
CALLS = [{"methodName": "add", "params": [2, 3]}] * 1000


def rpc_files(name: str, method: str, argument: tuple, result) -> dict[str, bytes]:
    """The call and the answer, by the names of their files; Python's codec writes both."""
    return {f"{name}-call.xml": xmlrpc.client.dumps(argument, method).encode(),
            f"{name}-answer.xml": xmlrpc.client.dumps((result,), methodresponse=True).encode()}


FILES_SERVED |= rpc_files("add", "add", (2, 3), 5)
FILES_SERVED |= rpc_files("array", "echo", (GOODS,), GOODS)
FILES_SERVED |= rpc_files("multicall", "system.multicall", (CALLS,), [[5]] * len(CALLS))
IS_GREETING = ("--body-file", f"{FILES}/hello.txt")
HTTP_PEERS = ("nginx", "h2o", "lighttpd", "beast", "go-http", "httplib", "poco-http", "cpython-http")
RPC_PEERS = ("cpython-rpc", "xmlrpc-c")
WITHOUT_HTTPLIB = tuple(name for name in HTTP_PEERS if name != "httplib")


def static(title: str, name: str, connections: int | None = None) -> Workload:
    """GET of one file."""
    return Workload(
        title=title, load="http", floor="static", engines=("thread", "pool", "fiber"),
        peers=HTTP_PEERS, program="bench_static", flags=("--directory", FILES),
        floor_flags=("--file", f"{FILES}/{name}"),
        load_flags=("--target", f"/{name}", "--body-file", f"{FILES}/{name}"),
        connections=connections)


def rpc(title: str, name: str, part: str, parts: int, connections: int | None = None) -> Workload:
    """An XML-RPC call that is posted over and over; every answer holds `part` so many times."""
    return Workload(
        title=title, load="http", floor="post", engines=("thread", "fiber"),
        peers=RPC_PEERS, program="bench_rpc", floor_flags=("--file", f"{FILES}/{name}-answer.xml"),
        load_flags=("--target", "/RPC2", "--post-file", f"{FILES}/{name}-call.xml",
                    "--body-part", part, "--body-parts", str(parts)),
        connections=connections, rpc=name, rivals=RPC_PEERS)


# With standing connections only engines count that serve all of them at a time.
WORKLOADS = {
    "echo": Workload(
        title="A line of 64 bytes there and back, on 64 standing TCP connections",
        load="echo", floor="echo", engines=("thread", "fork", "fiber"),
        peers=("bare-thread", "poco", "go", "cpython-thread")),
    "udp": Workload(
        title="A datagram of 64 bytes there and back, 64 clients",
        load="udp", floor="udp", engines=("sync", "thread", "pool", "fork", "fiber"),
        peers=("go", "cpython-udp"), transport="udp", flags=("--udp",)),
    "thread": Workload(
        title="Connect, one line there and back, close; the floor starts a thread for each",
        load="connect", floor="thread", engines=("sync", "thread", "pool", "fiber"),
        peers=("poco", "go", "cpython-thread"), flags=("--once",)),
    "fork": Workload(
        title="Connect, one line there and back, close; the floor starts a process for each",
        load="connect", floor="fork", engines=("fork", "prefork"),
        peers=("cpython-fork",), flags=("--once",)),
    "idle": Workload(
        title="Connections that are silent after one line",
        load="idle", floor="echo", engines=("thread", "fiber"),
        peers=("poco", "go", "cpython-thread"), kind=Kind.MEMORY),
    "http": Workload(
        title="GET on 64 keep-alive connections",
        load="http", floor="http", engines=("thread", "fiber"),
        peers=(*HTTP_PEERS, "haproxy"), program="bench_hello", load_flags=IS_GREETING),
    "http-pipeline": Workload(
        title="The same, 16 requests sent together",
        load="http", floor="http", engines=("thread", "fiber"),
        peers=WITHOUT_HTTPLIB,  # which loses requests
        program="bench_hello", load_flags=("--pipeline", "16", *IS_GREETING)),
    "http-close": Workload(
        title="Connect, one GET with `Connection: close`, close; 64 at a time",
        load="http-close", floor="http-close", engines=("thread", "pool", "fiber"),
        peers=("bare-epoll", *HTTP_PEERS), program="bench_hello", load_flags=IS_GREETING),
    "static-1k": static("GET of a file of 1 KiB on 64 keep-alive connections", "1k.bin"),
    "static-1m": static("GET of a file of 1 MiB on 8 keep-alive connections", "1m.bin", 8),
    "http-idle": Workload(
        title="Keep-alive connections that are silent after one GET",
        load="http-idle", floor="http", engines=("thread", "fiber"),
        peers=WITHOUT_HTTPLIB,  # which looks after each idle connection a hundred times a second
        program="bench_hello", load_flags=IS_GREETING, kind=Kind.MEMORY),
    "http-start": Workload(
        title="From the start of the program to its first answer to a GET, and what it takes then",
        load="", floor="http", engines=("thread", "fiber"),
        peers=("beast", "go-http", "httplib", "poco-http", "cpython-http"),  # started by no wrapper
        program="bench_hello", kind=Kind.START),
    "xmlrpc-add": rpc("`add(2, 3)` by XML-RPC on 64 keep-alive connections", "add", ">5<", 1),
    "xmlrpc-array": rpc(
        f"100 KB of XML-RPC, an array of {len(GOODS)} structs, there and back on 8 keep-alive "
        "connections", "array", "<string>nut &amp; bolt</string>", len(GOODS), 8),
    "xmlrpc-multicall": rpc(
        f"`system.multicall` with {len(CALLS):,} calls of `add(2, 3)` on 8 keep-alive connections; "
        "a request is all of them", "multicall", ">5<", len(CALLS), 8),
}

