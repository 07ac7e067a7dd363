"""Where `socketserver http` listens, what it serves, by which engine and within which limits."""

import os
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import BANNER, HTTPTest, has_ipv6  # noqa: E402
from program import BIN_DIR, PATIENCE, Program, ask, connect, read_to_end  # noqa: E402

ENGINES = ("sync", "thread", "pool", "fork", "prefork", "fiber")


class Where(HTTPTest):
    def program(self, *arguments: object) -> Program:
        return Program("socketserver", "http", *arguments, cwd=self.root)

    def test_several_addresses(self):
        with self.program("-p", 0, "-b", "127.0.0.1", "--bind", "127.0.0.2") as tool:
            for host in ("127.0.0.1", "127.0.0.2"):
                found, port, url, _ = BANNER.fullmatch(tool.stdout.readline()).groups()
                self.assertEqual(found, host)
                self.assertEqual(self.curl(url + "hello.txt"), "hello\n")

    def test_an_interface(self):
        with self.program("-b", "lo", "0") as tool:
            hosts = {BANNER.fullmatch(tool.stdout.readline())[1]
                     for _ in range(2 if has_ipv6() else 1)}
            self.assertIn("127.0.0.1", hosts)

    def test_unix_socket(self):
        path = self.root / "web.sock"
        with self.program("-b", f"unix:{path},mode=0660", self.root) as tool:
            self.assertEqual(tool.stdout.readline(),
                             f"Serving HTTP on unix:{path} from {self.root} ...")
            self.assertEqual(path.stat().st_mode & 0o777, 0o660)
            self.assertEqual(self.curl("--unix-socket", path, "http://x/hello.txt"), "hello\n")
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
            self.assertFalse(path.exists())

    def test_abstract_unix_socket(self):
        name = f"socketserver-test-{os.getpid()}"
        with self.program("-b", f"unix:@{name}") as tool:
            tool.stdout.readline()
            self.assertEqual(self.curl("--abstract-unix-socket", name, "http://x/hello.txt"),
                             "hello\n")

    def serve_inherited(self, *binds: str, served=(3, 4), **environment: str):
        """Starts the tool with listening sockets as descriptors 3 (IPv4) and 4 (Unix), as a service
        manager does."""
        name = f"socketserver-inherited-{os.getpid()}"
        with (socket.create_server(("127.0.0.1", 0)) as listener,
              socket.socket(socket.AF_UNIX) as local):
            local.bind("\0" + name)
            local.listen()
            port = listener.getsockname()[1]
            script = 'exec 3<&"$1" 4<&"$2"; shift 2; export LISTEN_PID=$$; exec "$@"'
            descriptors = [listener.fileno(), local.fileno()]
            with subprocess.Popen(
                    ["bash", "-c", script, "bash", *map(str, descriptors),
                     str(BIN_DIR / "socketserver"), "http", *(f"--bind={bind}" for bind in binds)],
                    cwd=self.root, env=os.environ | environment, pass_fds=descriptors,
                    stdout=subprocess.PIPE, text=True) as tool:
                try:
                    said = tool.stdout.readline()
                    if 3 in served:
                        self.assertIn(f"port {port} ", said)
                        self.assertEqual(self.curl(f"http://127.0.0.1:{port}/hello.txt"), "hello\n")
                    if 4 in served:
                        self.assertEqual(self.curl("--abstract-unix-socket", name,
                                                   "http://localhost/hello.txt"), "hello\n")
                finally:
                    tool.terminate()
                    tool.wait(PATIENCE)

    def test_inherited_descriptors(self):
        self.serve_inherited("fd:3", served=[3])
        self.serve_inherited("fd:4", served=[4])
        self.serve_inherited("fd:3", "fd:4")

    def test_socket_activation(self):
        activated = {"LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:local"}
        self.serve_inherited("systemd", **activated)
        self.serve_inherited("systemd:web", served=[3], **activated)
        self.serve_inherited("systemd:local", served=[4], **activated)

    def test_both_ip_versions_have_an_address_of_their_own(self):
        if not has_ipv6():
            self.skipTest("no IPv6")
        with self.program("-p", 0, "-b", "::", "-b", "0.0.0.0") as tool:
            for host in ("[::1]", "127.0.0.1"):
                port = BANNER.fullmatch(tool.stdout.readline())[2]
                self.assertEqual(self.curl(f"http://{host}:{port}/hello.txt"), "hello\n")


class What(HTTPTest):
    def test_one_file(self):
        for name in ("hello.txt", ".secret", str(self.root / "hello.txt")):
            content = (self.root / name).read_text()
            with self.tool(name, "-p", 0) as tool:
                self.assertEqual(tool.directory, str(self.root / name))
                for path in ("/", "/" + Path(name).name, "/?x"):
                    self.assertEqual(self.get(tool, path)[1].decode(), content)
                for path in ("/data.bin", "/below/", "/below/deep.txt", "/hello.txt/", "/../x"):
                    self.assertEqual(self.status(tool, path), 404, path)

    def test_a_place_and_a_port(self):
        for arguments in (("below", "0"), ("0", "below")):
            with self.tool(*arguments) as tool:
                self.assertEqual(self.get(tool, "/deep.txt")[1], b"deep\n")

    def test_one_file_of_the_working_directory_has_a_type(self):
        self.make("page.html", "<p>page")
        with self.tool("page.html", "0") as tool:
            response, _ = self.get(tool, "/")
            self.assertEqual(response.getheader("Content-Type"), "text/html")


class Engines(HTTPTest):
    def test_every_engine(self):
        for engine in ENGINES:
            with self.subTest(engine), self.tool("0", "--engine", engine) as tool:
                self.assertEqual(self.curl(f"{tool.url}hello.txt"), "hello\n")
                digest = self.curl("-r", "0-4", f"{tool.url}hello.txt", "-w", "%{http_code}")
                self.assertEqual(digest, "hello206")
                self.assertEqual(self.get(tool, "/data.bin")[1], self.bytes)
                tool.interrupt()
                self.assertEqual(tool.wait(), 0)

    def test_workers(self):
        for engine in ("pool", "prefork", "fiber"):
            with self.subTest(engine), self.tool("0", "--engine", engine, "--workers", 2) as tool:
                self.assertEqual(self.curl(f"{tool.url}hello.txt"), "hello\n")

    def test_silent_connections_keep_nobody_waiting(self):
        for engine in ("thread", "fiber", "fork"):
            with self.subTest(engine), self.tool("0", "--engine", engine) as tool:
                with connect(tool.port), connect(tool.port):
                    self.assertEqual(self.curl(f"{tool.url}hello.txt"), "hello\n")


class Limits(HTTPTest):
    def test_header_timeout(self):
        with self.tool("0", "--timeout-header", "100ms") as tool, connect(tool.port) as client:
            client.sendall(b"GET / HTTP/1.1\r\n")
            self.assertIn(b" 408 ", read_to_end(client))

    def test_idle_timeout(self):
        with self.tool("0", "--timeout-idle=100ms") as tool:
            answer = ask(tool.port, b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(answer.endswith(b"hello\n"))

    def test_body_timeout(self):
        with self.tool("0", "--timeout-body", "100ms") as tool, connect(tool.port) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
            self.assertIn(b" 405 ", read_to_end(client))

    def test_max_header(self):
        with self.tool("0", "--max-header", "1K") as tool:
            self.assertEqual(self.status(tool, "/", headers={"X": 500 * "x"}), 200)
            self.assertEqual(self.status(tool, "/", headers={"X": 2000 * "x"}), 431)

    def test_max_body(self):
        with self.tool("0", "--max-body", "1K") as tool:
            answer = ask(tool.port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n")
            self.assertIn(b" 413 ", answer)

    def test_max_per_ip(self):
        with self.tool("0", "--max-per-ip", 1) as tool, connect(tool.port) as first:
            first.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(first.recv(65536).endswith(b"hello\n"))
            with connect(tool.port) as second:
                try:
                    self.assertEqual(read_to_end(second), b"")
                except ConnectionResetError:
                    pass

    def test_grace(self):
        with self.tool("0", "--grace", "100ms") as tool, connect(tool.port) as client:
            client.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n")
            self.assertTrue(client.recv(65536))
            start = time.monotonic()
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
            self.assertLess(time.monotonic() - start, 8)


if __name__ == "__main__":
    unittest.main()
