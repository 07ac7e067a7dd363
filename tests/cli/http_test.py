"""`socketserver http` at work: what it announces, serves and logs, and how it ends."""

import re
import signal
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from http_support import HTTPTest, Tool, has_ipv6  # noqa: E402
from program import ask, connect, wait_until  # noqa: E402

STOPPED = "\nStopped by Ctrl-C\n"


def unread_bytes(port: int, peer_port: int) -> int:
    """What the kernel has for the server at `port` from the client at `peer_port`, unread."""
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            words = line.split()
            if [int(words[i].split(":")[1], 16) for i in (1, 2)] == [port, peer_port]:
                return int(words[4].split(":")[1], 16)
    raise AssertionError(f"no connection from {peer_port} to {port}")


class Announcement(HTTPTest):
    def test_HT_199_all_interfaces(self):
        with self.tool("-p", 0) as tool:
            self.assertEqual(tool.host, "::" if has_ipv6() else "0.0.0.0")
            self.assertEqual(tool.url, f"http://localhost:{tool.port}/")
            self.assertEqual(tool.directory, str(self.root))

    def test_HT_207_both_ip_versions(self):
        with self.tool("-p", 0) as tool:
            for host in ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",):
                self.assertEqual(self.get(tool, "/hello.txt", host)[1], b"hello\n")
                self.assertTrue(tool.stderr.readline().startswith(f"{host} - - ["))

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    def test_HT_200_ipv6_in_brackets(self):
        for address in ("::1", "[::1]"):
            with self.tool("-b", address, "-p", 0) as tool:
                self.assertEqual((tool.host, tool.url), ("::1", f"http://[::1]:{tool.port}/"))
                self.assertEqual(self.get(tool, "/hello.txt", "::1")[1], b"hello\n")

    def test_one_address(self):
        for name in ("127.0.0.1", "localhost"):
            with self.tool("--bind", name, "-p", 0) as tool:
                self.assertEqual((tool.host, tool.url),
                                 ("127.0.0.1", f"http://127.0.0.1:{tool.port}/"))

    def test_arguments_in_any_order(self):
        below = str(self.root / "below")
        for arguments in (["0", "-d", "below"], ["-d", "below", "0"], ["below", "--port", "0"],
                          ["--port=0", "below"], ["-p0", "-dbelow"], ["-p", "0", below],
                          ["0", "-p", "0", "-d", "below", "--directory", "below"]):
            with self.subTest(arguments), self.tool(*arguments) as tool:
                self.assertEqual(tool.directory, below)
                self.assertEqual(self.get(tool, "/deep.txt")[1], b"deep\n")


class Serving(HTTPTest):
    def test_file(self):
        with self.tool("0") as tool:
            response, body = self.get(tool, "/data.bin")
            self.assertEqual((response.status, response.version), (200, 11))
            self.assertEqual(response.getheader("Content-Type"), "application/octet-stream")
            self.assertEqual(response.getheader("Content-Length"), str(len(self.bytes)))
            self.assertEqual(body, self.bytes)

    def test_head(self):
        with self.tool("0") as tool:
            response, body = self.get(tool, "/data.bin", method="HEAD")
            self.assertEqual((response.status, body), (200, b""))
            self.assertEqual(response.getheader("Content-Length"), str(len(self.bytes)))

    def test_listing(self):
        with self.tool("0") as tool:
            response, body = self.get(tool, "/")
            self.assertEqual(response.status, 200)
            self.assertEqual(re.findall(rb'href="([^"]*)"', body),
                             [b"below/", b"data.bin", b"hello.txt"])
            response, _ = self.get(tool, "/below")
            self.assertEqual((response.status, response.getheader("Location")), (301, "/below/"))
            self.assertIn(b'href="deep.txt"', self.get(tool, "/below/")[1])

    def test_refusals(self):
        with self.tool("0") as tool:
            for path in ("/missing", "/.secret", "/below/../../etc/passwd", "/hello.txt/"):
                with self.subTest(path):
                    response, body = self.get(tool, path)
                    self.assertIn(response.status, (400, 404))
                    self.assertNotIn(str(self.root).encode(), body)
            response, _ = self.get(tool, "/hello.txt", method="POST")
            self.assertEqual((response.status, response.getheader("Allow")), (405, "GET, HEAD"))

    def test_HT_204_keep_alive_by_default(self):
        request = b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        for arguments in ([], ["--protocol", "HTTP/1.1"]):
            with self.tool("0", *arguments) as tool:
                answers = ask(tool.port, request + request[:-2] + b"Connection: close\r\n\r\n")
                self.assertEqual(answers.count(b"HTTP/1.1 200 OK\r\n"), 2)

    def test_HT_204_one_answer_under_http10(self):
        request = b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        with self.tool("0", "--protocol", "HTTP/1.0") as tool:
            answer = ask(tool.port, request)
            self.assertTrue(answer.startswith(b"HTTP/1.0 200 OK\r\n"), answer)
            self.assertTrue(answer.endswith(b"\r\n\r\nhello\n"), answer)


class Stopping(HTTPTest):
    def test_HT_201_signals(self):
        for number, farewell in ((signal.SIGINT, STOPPED),
                                 (signal.SIGTERM, "Stopped by SIGTERM\n")):
            with self.tool("0") as tool:
                tool.interrupt(number)
                self.assertEqual((tool.stdout.rest(), tool.stderr.rest()), (farewell, ""))
                self.assertEqual(tool.wait(), 0)

    def test_idle_connections_do_not_delay_the_end(self):
        with self.tool("0") as tool, connect(tool.port) as fresh, connect(tool.port) as used:
            used.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(used.recv(65536))
            start = time.monotonic()
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual((fresh.recv(1), used.recv(1)), (b"", b""))

    def begin_request(self, tool: Tool, connection: socket.socket) -> None:
        """Leaves a connection with half a request that the server has seen."""
        connection.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(connection.recv(65536).endswith(b"hello\n"))
        connection.sendall(b"GET /hello.txt HTTP/1.1\r\n")
        port = connection.getsockname()[1]
        wait_until(lambda: unread_bytes(tool.port, port) == 0, "the server to read the half")

    def test_a_request_under_way_is_answered(self):
        with self.tool("0") as tool, connect(tool.port) as client:
            self.begin_request(tool, client)
            tool.interrupt()
            client.sendall(b"Host: x\r\n\r\n")
            answer = client.recv(65536)
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer)
            self.assertIn(b"Connection: close\r\n", answer)
            self.assertEqual(tool.wait(), 0)
            self.assertEqual(tool.stdout.rest(), STOPPED)

    def test_a_second_ctrl_c_cuts_it_short(self):
        with self.tool("0") as tool, connect(tool.port) as client:
            self.begin_request(tool, client)
            tool.interrupt()
            self.assertIsNone(tool.process.poll())
            start = time.monotonic()
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual(tool.stdout.rest(), STOPPED)


if __name__ == "__main__":
    unittest.main()
