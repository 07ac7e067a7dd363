"""`socketserver echo` and its like: every service over every transport, by every engine."""

import contextlib
import itertools
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import PATIENCE, Program, connect, read_to_end, wait_until  # noqa: E402

ENGINES = ("sync", "thread", "pool", "fork", "prefork", "fiber")
TRANSPORTS = ("tcp", "udp", "unix", "unix-dgram")
PACKETS = ("udp", "unix-dgram")
BANNER = re.compile(r"Serving (\w+) on (tcp|udp|unix|unix-dgram) (\S+)(?: port (\d+))? "
                    r"\((\w+)\) \.\.\.")
STOPPED = "\nStopped by Ctrl-C\n"

PRINTABLE = bytes(range(32, 127))
LINES = b"".join((PRINTABLE * 2)[i:i + 72] + b"\r\n" for i in range(95))
DAYTIME = re.compile(rb"[A-Z][a-z]+day, [A-Z][a-z]+ \d\d, \d{4} \d\d:\d\d:\d\d-[A-Z]+\r\n")


class Tool(Program):
    """A service on any free port or on a given socket; the words of its announcement."""

    def __init__(self, service: str, *arguments: object):
        super().__init__("socketserver", service, *arguments)
        try:
            self.banner = self.stdout.readline()
            words = BANNER.fullmatch(self.banner).groups()
            self.service, self.transport, self.place, self.port, self.engine = words
        except BaseException as failure:
            self.__exit__(type(failure))
            raise

    def address(self):
        if self.port is not None:
            return self.place, int(self.port)
        return self.place.replace("@", "\0", 1) if self.place[0] == "@" else self.place

    def client(self) -> socket.socket:
        """A socket of the right kind, connected."""
        family = socket.AF_INET if self.port is not None else socket.AF_UNIX
        kind = socket.SOCK_DGRAM if self.transport in PACKETS else socket.SOCK_STREAM
        client = socket.socket(family, kind)
        client.settimeout(PATIENCE)
        if self.transport == "unix-dgram":
            client.bind("")  # the system chooses a name, to which the answer can go
        client.connect(self.address())
        return client


class ServicesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def tool(self, service: str, transport: str = "tcp", *arguments: object) -> Tool:
        switches = {"tcp": [], "udp": ["--udp"], "unix": ["--unix", self.folder / "socket"],
                    "unix-dgram": ["--unix", self.folder / "socket", "--udp"]}
        return Tool(service, *switches[transport], *arguments)

    def check_end(self, tool: Tool, log: str = ""):
        tool.interrupt()
        self.assertEqual((tool.stdout.rest(), tool.stderr.rest()), (STOPPED, log))
        self.assertEqual(tool.wait(), 0)


class Matrix(ServicesTest):
    """Each service has one question and a check of the answer, for connections and for packets."""

    def check_echo(self, client, packets: bool):
        for size in (1, 100, 8000) if packets else (1, 100, 300_000):
            sent = bytes(i % 251 for i in range(size))
            # Beside the reading: no socket need hold it all.
            with ThreadPoolExecutor(1) as other:
                sending = other.submit(client.sendall, sent)
                self.assertEqual(receive(client, size), sent)
                sending.result()
        if packets:
            client.send(b"")
            self.assertEqual(client.recv(100), b"")
            return
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(client.recv(100), b"")

    def check_discard(self, client, packets: bool):
        client.sendall(b"x" * 8000)
        if packets:
            client.settimeout(0.05)
            self.assertRaises(TimeoutError, client.recv, 100)
            return
        client.sendall(b"x" * 1_000_000)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(client.recv(100), b"")

    def check_daytime(self, client, packets: bool):
        self.assertRegex(self.answer(client, packets), DAYTIME)

    def check_time(self, client, packets: bool):
        seconds, = struct.unpack(">I", self.answer(client, packets))
        self.assertAlmostEqual((seconds - 2_208_988_800) % 2**32, time.time() % 2**32, delta=5)

    def check_chargen(self, client, packets: bool):
        if packets:
            for _ in range(20):
                client.send(b"ignored")
                answer = client.recv(1000)
                self.assertLessEqual(len(answer), 512)
                self.assertTrue(LINES.startswith(answer))
        else:
            client.sendall(b"ignored")
            self.assertEqual(receive(client, 3 * len(LINES)), 3 * LINES)

    def answer(self, client, packets: bool) -> bytes:
        if not packets:
            return read_to_end(client)  # the server speaks first, and ends
        client.send(b"")
        return client.recv(1000)

    def check(self, service: str):
        ask = getattr(self, f"check_{service}")
        for transport, engine in itertools.product(TRANSPORTS, ENGINES):
            with (self.subTest(transport=transport, engine=engine),
                  self.tool(service, transport, "--engine", engine) as tool):
                self.assertEqual((tool.service, tool.transport, tool.engine),
                                 (service, transport, engine))
                for _ in range(2):
                    with tool.client() as client:
                        ask(client, packets=transport in PACKETS)
                self.check_end(tool)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_echo(self):
        self.check("echo")

    def test_discard(self):
        self.check("discard")

    def test_daytime(self):
        self.check("daytime")

    def test_time(self):
        self.check("time")

    def test_chargen(self):
        self.check("chargen")


def receive(client: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, unless the peer ends first."""
    data = b""
    while len(data) < size and (piece := client.recv(65536)):
        data += piece
    return data[:size]


class Where(ServicesTest):
    def test_loopback_unless_told_otherwise(self):
        with self.tool("echo") as tool:
            self.assertEqual((tool.place, tool.engine), ("127.0.0.1", "fiber"))

    def test_several_addresses(self):
        for transport in ("tcp", "udp"):
            with self.tool("time", transport, "-b", "127.0.0.1", "--bind", "127.0.0.2") as tool:
                other = BANNER.fullmatch(tool.stdout.readline()).groups()
                self.assertEqual((tool.place, other[2]), ("127.0.0.1", "127.0.0.2"))
                for address in (tool.address(), (other[2], int(other[3]))):
                    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
                    with socket.socket(type=kind) as client:
                        client.settimeout(PATIENCE)
                        client.connect(address)
                        if transport == "udp":
                            client.send(b"")
                        self.assertEqual(len(receive(client, 4)), 4)

    def test_a_port_of_ones_own(self):
        with self.tool("echo") as tool:
            port = tool.port
        for arguments in (("-p", port), (port,), (port, "--port", port)):
            with self.tool("echo", "tcp", *arguments) as tool:
                self.assertEqual(tool.port, port)

    def test_abstract_name(self):
        for packets in ([], ["--udp"]):
            name = f"@socketserver-test-{self.folder.name}"
            with Tool("echo", "--unix", name, *packets) as tool, tool.client() as client:
                self.assertEqual(tool.place, name)
                client.sendall(b"hello")
                self.assertEqual(client.recv(100), b"hello")

    def test_socket_of_a_server_that_died(self):
        with self.tool("echo", "unix") as tool:
            tool.process.kill()
            tool.wait()
        self.assertTrue((self.folder / "socket").exists())
        with self.tool("echo", "unix") as tool, tool.client() as client:
            client.sendall(b"hello")
            self.assertEqual(client.recv(100), b"hello")

    def test_large_packets(self):
        with self.tool("echo", "udp") as tool, tool.client() as client:
            packet = bytes(i % 251 for i in range(65_507))
            client.send(packet)
            self.assertEqual(client.recv(70_000), packet)


class Bounds(ServicesTest):
    def test_idle_connections_are_closed(self):
        with contextlib.ExitStack() as stack:
            start = time.monotonic()
            tools = [stack.enter_context(
                self.tool(service, "tcp", "--timeout", span, "--engine", engine))
                for service, span in (("echo", "1"), ("discard", "1000ms")) for engine in ENGINES]
            clients = [stack.enter_context(tool.client()) for tool in tools]
            for tool, client in zip(tools, clients):
                with self.subTest(tool.banner):
                    self.assertEqual(client.recv(100), b"")
                    self.assertGreaterEqual(time.monotonic() - start, 0.9)

    def test_one_client_at_a_time_for_each_address(self):
        with (self.tool("echo", "tcp", "--max-per-ip", 1, "--engine", "thread") as tool,
              tool.client() as first):
            first.sendall(b"a")
            self.assertEqual(first.recv(1), b"a")
            with tool.client() as second:
                self.assertEqual(second.recv(1), b"")
            first.sendall(b"b")
            self.assertEqual(first.recv(1), b"b")

    def test_connections_over_the_limit_wait(self):
        for engine in ("thread", "pool", "fork", "fiber"):
            with (self.subTest(engine),
                  self.tool("echo", "tcp", "--max-connections", 1, "--engine", engine) as tool,
                  tool.client() as first, tool.client() as second):
                first.sendall(b"a")
                self.assertEqual(first.recv(1), b"a")
                second.sendall(b"b")
                second.settimeout(0.05)
                self.assertRaises(TimeoutError, second.recv, 1)
                first.close()
                second.settimeout(PATIENCE)
                self.assertEqual(second.recv(1), b"b")

    def test_each_worker_of_prefork_has_one_client(self):
        with contextlib.ExitStack() as stack:
            tool = stack.enter_context(
                self.tool("echo", "tcp", "--engine", "prefork", "--workers", 2))
            clients = [stack.enter_context(tool.client()) for _ in range(3)]
            for client in clients:
                client.sendall(b"a")

            def served(seconds: float) -> list[socket.socket]:
                return select.select(clients, [], [], seconds)[0]

            wait_until(lambda: len(served(0)) >= 2, "two clients to be served")
            self.assertEqual(len(served(0.05)), 2)
            served(0)[0].close()
            clients = [client for client in clients if client.fileno() >= 0]
            wait_until(lambda: len(served(0)) == 2, "the third to have its turn")

    def test_clients_that_wait_hold_no_worker_of_a_pool(self):
        with contextlib.ExitStack() as stack:
            tool = stack.enter_context(self.tool("echo", "tcp", "--engine", "pool", "--workers", 1))
            for client in [stack.enter_context(tool.client()) for _ in range(3)]:
                client.sendall(b"a")
                self.assertEqual(client.recv(1), b"a")

    def test_services_are_not_answered(self):
        """Or two could be made to answer each other for ever."""
        with self.tool("echo", "udp") as tool, socket.socket(type=socket.SOCK_DGRAM) as service:
            try:
                service.bind(("127.0.0.1", 1023))
            except OSError:
                self.skipTest("port 1023 is not ours")
            service.sendto(b"forged", tool.address())
            with tool.client() as client:
                client.send(b"hello")
                self.assertEqual(client.recv(100), b"hello")
            service.settimeout(0.05)
            self.assertRaises(TimeoutError, service.recv, 100)


class Stopping(ServicesTest):
    def test_signals(self):
        for engine, (number, farewell) in itertools.product(
                ENGINES, ((signal.SIGINT, STOPPED), (signal.SIGTERM, "Stopped by SIGTERM\n"))):
            with self.subTest(engine=engine, number=number), self.tool(
                    "echo", "tcp", "--engine", engine) as tool:
                tool.interrupt(number)
                self.assertEqual((tool.stdout.rest(), tool.stderr.rest()), (farewell, ""))
                self.assertEqual(tool.wait(), 0)

    def test_connected_clients_do_not_delay_the_end(self):
        for service, engine in itertools.product(("echo", "discard"), ENGINES):
            with (self.subTest(service=service, engine=engine),
                  self.tool(service, "tcp", "--engine", engine) as tool, tool.client() as client):
                client.sendall(b"a")
                if service == "echo":
                    self.assertEqual(client.recv(1), b"a")
                else:
                    wait_until(lambda: is_read_out(tool), "the server to read it")
                start = time.monotonic()
                self.check_end(tool)
                self.assertLess(time.monotonic() - start, 5)
                self.assertEqual(client.recv(1), b"")

    def test_chargen_ends_although_its_client_goes_on(self):
        for engine in ENGINES:
            with (self.subTest(engine),
                  self.tool("chargen", "tcp", "--engine", engine) as tool, tool.client() as client):
                self.assertTrue(client.recv(100))
                tool.interrupt()
                start = time.monotonic()
                read_to_end(client)
                self.assertEqual((tool.stdout.rest(), tool.stderr.rest()), (STOPPED, ""))
                self.assertEqual(tool.wait(), 0)
                self.assertLess(time.monotonic() - start, 5)

    def test_a_second_signal_forces(self):
        for engine in ENGINES:
            with (self.subTest(engine),
                  self.tool("chargen", "tcp", "--engine", engine) as tool, tool.client() as client):
                wait_until(lambda: is_stuck(client), "the client's queue to be full")
                tool.interrupt()
                start = time.monotonic()
                self.assertIsNone(tool.process.poll())
                tool.interrupt()
                self.assertEqual(tool.stdout.rest(), STOPPED)
                self.assertEqual(tool.wait(), 0)
                self.assertLess(time.monotonic() - start, 5)


def queued(port: int, column: int) -> list[int]:
    """Bytes in the send (0) or receive (1) queues of the connections from or to a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [int(row[4].split(":")[column], 16) for row in rows
            if int(row[1].split(":")[1], 16) == port and row[3] == "01"]


def is_read_out(tool: Tool) -> bool:
    return queued(int(tool.port), 1) == [0]


def is_stuck(client: socket.socket) -> bool:
    """Whether nothing more gets through to a client that does not read."""
    def unsent() -> list[int]:
        return queued(client.getpeername()[1], 0) + queued(client.getsockname()[1], 1)

    before = unsent()
    time.sleep(0.05)
    return before[0] > 0 and unsent() == before


class Clients(ServicesTest):
    """The clients that people have."""

    def run_client(self, *command: object, sent: bytes = b"") -> bytes:
        return subprocess.run([str(word) for word in command], input=sent, timeout=PATIENCE,
                              check=True, capture_output=True).stdout

    @unittest.skipUnless(shutil.which("nc"), "no nc")
    def test_nc(self):
        with self.tool("echo") as tool:
            self.assertEqual(self.run_client("nc", "-N", *tool.address(), sent=b"hello"), b"hello")
        with self.tool("daytime") as tool:
            self.assertRegex(self.run_client("nc", *tool.address()), DAYTIME)
        with self.tool("echo", "unix") as tool:
            self.assertEqual(self.run_client("nc", "-N", "-U", tool.place, sent=b"hello"),
                             b"hello")
        with self.tool("echo", "udp") as tool:
            # It ends a second after the last packet.
            self.assertEqual(self.run_client("nc", "-u", "-w", 1, *tool.address(), sent=b"hello"),
                             b"hello")

    @unittest.skipUnless(shutil.which("socat"), "no socat")
    def test_socat(self):
        name = self.folder / "client"
        for transport, address in (("tcp", "TCP:{}:{}"), ("udp", "UDP:{}:{}"), ("unix", "UNIX:{}"),
                                   ("unix-dgram", f"UNIX-SENDTO:{{}},bind={name}")):
            with self.subTest(transport), self.tool("echo", transport) as tool:
                place = (tool.place, tool.port) if tool.port else (tool.place,)
                answer = self.run_client("socat", "-t", "1", "-", address.format(*place),
                                         sent=b"hello")
                self.assertEqual(answer, b"hello")

    @unittest.skipUnless(shutil.which("rdate"), "no rdate")
    def test_rdate(self):
        for switches, transport in (([], "tcp"), (["-u"], "udp")):
            with self.subTest(transport), self.tool("time", transport) as tool:
                said = self.run_client("rdate", "-p", *switches, "-o", tool.port, tool.place)
                self.assertIn(time.strftime("%Y").encode(), said)


if __name__ == "__main__":
    unittest.main()
