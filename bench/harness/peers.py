"""The servers that are not the library's."""

import os
import resource
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPARE_DESCRIPTORS = 100  # of a server, for what is no connection

CPYTHON = (sys.executable, str(ROOT / "bench/peers/cpython_echo.py"))
CPYTHON_HTTP = (sys.executable, str(ROOT / "bench/peers/cpython_http.py"))
CPYTHON_RPC = (sys.executable, str(ROOT / "bench/peers/cpython_rpc.py"))
BIN = "{bin}"  # in a command: where the build's programs are
WEB_SERVER = (sys.executable, str(ROOT / "bench/peers/web_server.py"))


@dataclass(frozen=True)
class Peer:
    name: str
    command: tuple[str, ...]  # the program in the build's bin/, or an absolute path
    missing: str              # what to install when there is no such program
    needs: str = ""           # a program of the system that `command` starts
    descriptors: int = 1      # that a connection takes


PEERS = {
    "bare-thread": Peer("bare loop, a thread for each", ("bench_floor", "--workload=echo-thread"), ""),
    "bare-epoll": Peer("bare loop, epoll told of each", ("bench_floor", "--workload=http-close-epoll"), ""),
    "poco": Peer("POCO `TCPServer`", ("bench_peer_poco",), "libpoco-dev"),
    "go": Peer("Go `net`", ("bench_peer_go",), "golang-go"),
    "cpython-thread": Peer("CPython `ThreadingTCPServer`", (*CPYTHON, "--engine=thread"), "python3"),
    "cpython-fork": Peer("CPython `ForkingTCPServer`", (*CPYTHON, "--engine=fork"), "python3"),
    "cpython-udp": Peer("CPython `UDPServer`", CPYTHON, "python3"),
    "nginx": Peer("nginx", (*WEB_SERVER, "nginx"), "nginx-light", needs="nginx"),
    "h2o": Peer("h2o", (*WEB_SERVER, "h2o"), "h2o", needs="h2o"),
    "lighttpd": Peer("lighttpd", (*WEB_SERVER, "lighttpd"), "lighttpd", needs="lighttpd"),
    "haproxy": Peer("haproxy, in front of the floor",
                    (*WEB_SERVER, "haproxy", "--behind", f"{BIN}/bench_floor --workload http"),
                    "haproxy", needs="haproxy", descriptors=2),
    "beast": Peer("Boost.Beast, callbacks", ("bench_peer_beast",), "libboost-dev"),
    "go-http": Peer("Go `net/http`", ("bench_peer_go_http",), "golang-go"),
    "httplib": Peer("cpp-httplib", ("bench_peer_httplib",), "libcpp-httplib-dev"),
    # It opens an epoll descriptor for each wait.
    "poco-http": Peer("POCO `HTTPServer`", ("bench_peer_poco_http",), "libpoco-dev", descriptors=2),
    "cpython-http": Peer("CPython `ThreadingHTTPServer`", CPYTHON_HTTP, "python3"),
    "cpython-rpc": Peer("CPython `SimpleXMLRPCServer`", CPYTHON_RPC, "python3"),
    "xmlrpc-c": Peer("xmlrpc-c, Abyss", ("bench_peer_xmlrpc_c",), "libxmlrpc-core-c3-dev"),
}


def is_on_path(program: str) -> bool:
    """Whether the system has it; servers are in /usr/sbin, which only root has in its path."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None


def absence(peer: Peer, bin_dir: Path, connections: int) -> str | None:
    """Why a peer cannot take part."""
    if not (bin_dir / peer.command[0]).exists():
        return f"not built ({peer.missing})"
    if peer.needs and not is_on_path(peer.needs):
        return f"not installed ({peer.missing})"
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if peer.descriptors * connections + SPARE_DESCRIPTORS > limit:
        return (f"takes {peer.descriptors} descriptors for a connection, and may have {limit} "
                "(ulimit -n)")
    return None


