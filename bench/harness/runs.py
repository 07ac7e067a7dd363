"""Servers under load: one run, and rounds of them."""

import http.client
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.parsers.expat import ExpatError

from harness.peers import BIN, PEERS, absence
from harness.workloads import FILES, Kind, Workload

PATIENCE = 20  # seconds; a server is ready, and a client done after its time, long before
MEMORY_ROUNDS = 2
FLOOR = "floor"


@dataclass(frozen=True)
class Contender:
    name: str
    command: tuple[str, ...]


def in_folder(flags: tuple[str, ...], files: Path) -> tuple[str, ...]:
    """Flags with the folder in place of FILES."""
    return tuple(flag.replace(FILES, str(files)) for flag in flags)


def contenders(workload: Workload, bin_dir: Path, files: Path,
               connections: int) -> tuple[list[Contender], list[str]]:
    """Who can take part, the floor first; and a line for each who cannot."""
    server = bin_dir / workload.program
    flags = in_folder(workload.flags, files)
    floor = (str(bin_dir / "bench_floor"), "--workload", workload.floor,
             *in_folder(workload.floor_flags, files))
    listed = subprocess.run([server, "--list"], capture_output=True, text=True,
                            check=True).stdout.splitlines() if server.exists() else []
    found = [Contender(FLOOR, floor)]
    missing = []
    for engine in workload.engines:
        if f"{workload.transport} {engine}" in listed:
            command = (str(server), "--engine", engine, *flags)
            found.append(Contender(f"socketserver, {engine}", command))
        else:
            missing.append(f"socketserver, {engine}: not in {workload.program}")
    for peer in (PEERS[name] for name in workload.peers):
        if reason := absence(peer, bin_dir, connections):
            missing.append(f"{peer.name}: {reason}")
        else:
            program = str(bin_dir / peer.command[0])
            arguments = (word.replace(BIN, str(bin_dir)) for word in peer.command[1:])
            found.append(Contender(peer.name, (program, *arguments, *flags)))
    return found, missing


class Failure(Exception):
    """A server or client that did not do its job."""


def cores() -> tuple[int, int]:
    """The server's core and the client's; the same one on a machine that has no second."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[min(1, len(usable) - 1)]


def read_ready_line(process: subprocess.Popen, name: str) -> list[str]:
    """The words after "ready"."""
    if not select.select([process.stdout], [], [], PATIENCE)[0]:
        raise Failure(f"{name} was not ready in {PATIENCE} s")
    words = process.stdout.readline().split()
    if len(words) < 2 or words[0] != "ready":
        raise Failure(f"{name} did not start")
    return words[1:]


@contextmanager
def running(contender: Contender):
    """A server for the length of the block; gives its process, its port and its version."""
    server_core, _ = cores()
    process = subprocess.Popen(
        contender.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: os.sched_setaffinity(0, {server_core}))
    try:
        port, *version = read_ready_line(process, contender.name)
        yield process, int(port), " ".join(version)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"bench: {contender.name} ignored SIGTERM", file=sys.stderr)
        try:
            os.killpg(process.pid, signal.SIGKILL)  # with children that it left behind
        except ProcessLookupError:
            pass
        process.wait()
        process.stdout.close()


def connections_of(workload: Workload, options) -> int:
    if workload.kind is Kind.MEMORY:
        return options.idle_connections
    return workload.connections or options.connections


def check_result(contender: Contender, name: str, port: int, files: Path) -> None:
    """Makes the call once: every server writes its own XML, so what that means is compared."""
    call, answer = ((files / f"{name}-{part}.xml").read_bytes() for part in ("call", "answer"))
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as server:
            server.request("POST", "/RPC2", call, {"Content-Type": "text/xml"})
            result = xmlrpc.client.loads(server.getresponse().read())
    except (http.client.HTTPException, xmlrpc.client.Error, ExpatError) as error:
        raise Failure(f"{contender.name}: no result: {error}") from error
    if result != xmlrpc.client.loads(answer):
        raise Failure(f"{contender.name}: another result than expected")


def processor_seconds(pid: int) -> float:
    """What the threads of a process have had so far."""
    return sum(int(path.read_text().split()[0])
               for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def resident_bytes(pid: int) -> int:
    """Its proportional share of resident pages."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def program_bytes(program: str) -> int | None:
    """The size of a program without its symbols; None for what is no program of its own."""
    if Path(program).name.startswith("python"):
        return None
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, program], check=True)
        return os.stat(copy.name).st_size


def measure_start(contender: Contender) -> dict:
    """From the start of the program to its first answer."""
    started = time.monotonic()
    with running(contender) as (process, port, version):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as server:
            server.request("GET", "/")
            server.getresponse().read()
        return {"ready_ms": 1000 * (time.monotonic() - started),
                "cpu_ms": 1000 * processor_seconds(process.pid),
                "resident_bytes": resident_bytes(process.pid),
                "program_bytes": program_bytes(contender.command[0]), "version": version}


def measure(contender: Contender, workload: Workload, files: Path, options) -> dict:
    """One server in one round: what was found out, with the server's version."""
    if workload.kind is Kind.START:
        return measure_start(contender)
    _, client_core = cores()
    with running(contender) as (process, port, version):
        if workload.rpc:
            check_result(contender, workload.rpc, port, files)
        load = subprocess.run(
            [options.bin / "bench_load", "--workload", workload.load, "--port", str(port),
             "--pid", str(process.pid), "--connections",
             str(connections_of(workload, options)),
             "--seconds", str(options.seconds), "--warmup", str(options.warmup),
             *in_folder(workload.load_flags, files)],
            capture_output=True, text=True, timeout=options.seconds + 60 + PATIENCE, check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, {client_core}))
        if load.returncode != 0:
            raise Failure(f"{contender.name}: {load.stderr.strip()}")
        return json.loads(load.stdout) | {"version": version}


def run_rounds(workload: Workload, taking_part: list[Contender], files: Path, options,
               failures: list[str]) -> dict[str, list[dict | None]]:
    """By contender, one result for each round; None where it failed."""
    rounds: dict[str, list[dict | None]] = {contender.name: [] for contender in taking_part}
    # Memory varies little, and ten thousand connections take their time.
    number_of_rounds = (min(options.rounds, MEMORY_ROUNDS) if workload.kind is Kind.MEMORY
                        else options.rounds)
    for number in range(number_of_rounds):
        for contender in taking_part:
            if sys.stderr.isatty():
                print(f"\r\033[Kround {number + 1}: {contender.name}", end="", file=sys.stderr)
            try:
                result = measure(contender, workload, files, options)
            except (Failure, OSError, subprocess.TimeoutExpired) as failure:
                failures.append(str(failure))
                result = None
            rounds[contender.name].append(result)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return rounds
