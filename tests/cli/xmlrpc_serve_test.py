"""`socketserver xmlrpc serve`: what it serves, where, and how it ends."""

import json
import re
import signal
import socket
import sys
import tempfile
import unittest
import urllib.request
import xmlrpc.client
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import xmlrpc_suites  # noqa: E402
from program import PATIENCE, Program, run  # noqa: E402

ENGINES = ("sync", "thread", "pool", "fork", "prefork", "fiber")


@contextmanager
def serving(*arguments):
    """The server on any free port, and its URL from the banner."""
    with Program("socketserver", "xmlrpc", "serve", "-p", "0", *arguments) as server:
        banner = server.stdout.readline()
        yield server, re.fullmatch(r"Serving XML-RPC on \S+ port \d+ \((\S+)\) \.\.\.", banner)[1]


def proxy_to(url):
    return xmlrpc.client.ServerProxy(url, use_builtin_types=True, allow_none=True)


class Serve(unittest.TestCase):
    def check_fault(self, code, text, function, *arguments):
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            function(*arguments)
        self.assertEqual(caught.exception.faultCode, code)
        self.assertIn(text, caught.exception.faultString)

    def test_methods(self):
        with serving("-q") as (_, url), proxy_to(url) as proxy:
            for value in (0, "x", [1, {"a": b"\xff"}], True):
                self.assertEqual(proxy.echo(value), value)
            for name, arguments, result in (
                    ("add", (2, 3), 5), ("add", (2, 0.5), 2.5), ("pow", (2, 10), 1024),
                    ("pow", (-2, 3), -8), ("pow", (0, 0), 1), ("pow", (-1, 2**31 - 1), -1),
                    ("pow", (2, -1), 0.5), ("pow", (2.0, 3), 8.0), ("pow", (-2, -1), -0.5),
                    ("div", (5, 2), 2), ("div", (-7, 2), -4), ("div", (7, -2), -4),
                    ("div", (-8, 2), -4), ("div", (7.5, 2), 3.0), ("div", (-7.5, 2), -4.0)):
                with self.subTest(name, arguments=arguments):
                    answer = getattr(proxy, name)(*arguments)
                    self.assertEqual((answer, type(answer)), (result, type(result)))

    def test_faults(self):
        with serving("-q") as (_, url), proxy_to(url) as proxy:
            self.check_fault(7, "so <&>", proxy.fail, 7, "so <&>")
            for zero in (0, 0.0):
                self.check_fault(1, "division by zero", proxy.div, 1, zero)
            self.check_fault(1, "0 to a negative power", proxy.pow, 0, -1)
            self.check_fault(1, "fractional power", proxy.pow, -2, 0.5)
            self.check_fault(1, "64 bits", proxy.pow, 10, 19)
            self.check_fault(1, "finite", proxy.pow, 1e300, 2)
            self.check_fault(1, "exceeds XML-RPC limits", proxy.add, 2**31 - 1, 1)
            self.check_fault(1, "add() argument 1", proxy.add, "x", 1)
            self.check_fault(1, "not supported", proxy.missing)

    def test_suites_and_multicall(self):
        with serving("-q") as (_, url), proxy_to(url) as proxy:
            xmlrpc_suites.check(self, proxy, "validator1")
            xmlrpc_suites.check(self, proxy, "interopEchoTests")
            calls = xmlrpc.client.MultiCall(proxy)
            calls.add(2, 3)
            calls.pow(2, 3)
            self.assertEqual(list(calls()), [5, 8])

    def test_options_of_answers(self):
        with serving("-q", "--extensions", "--standard-faults") as (_, url), proxy_to(url) as proxy:
            self.assertIsNone(proxy.echo(None))
            self.assertEqual(proxy.pow(2, 40), 2**40)
            self.check_fault(-32601, "not supported", proxy.missing)
            self.check_fault(-32602, "argument", proxy.add, "x", 1)

    def test_engines_paths_and_our_own_client(self):
        for engine in ENGINES:
            with self.subTest(engine), serving("-q", "--engine", engine) as (server, url):
                for path in ("", "RPC2"):
                    code, out, err = run("socketserver", "xmlrpc", "call", url + path, "add", 2, 3)
                    self.assertEqual((code, out, err), (0, "5\n", ""))
                server.interrupt()
                self.assertEqual((server.wait(), server.stdout.rest()),
                                 (0, "\nStopped by Ctrl-C\n"))

    def test_list_by_our_own_client(self):
        with serving("-q") as (_, url):
            code, out, err = run("socketserver", "xmlrpc", "list", url)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("fail(int, string) -> any\n    Is answered with this fault.\n", out)
            self.assertIn("interopEchoTests.echoBase64(base64) -> base64\n", out)

    def test_page_log_and_sigterm(self):
        with serving() as (server, url):
            with urllib.request.urlopen(url, timeout=PATIENCE) as page:
                self.assertIn("interopEchoTests.echoString", page.read().decode())
            self.assertRegex(server.stderr.readline(), r'"GET / HTTP/1\.1" 200 -$')
            call = {"jsonrpc": "2.0", "method": "div", "params": [7, 2], "id": 1}
            request = urllib.request.Request(url, json.dumps(call).encode(),
                                             {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                self.assertEqual(json.load(answer)["result"], 3)
            server.interrupt(signal.SIGTERM)
            self.assertEqual((server.wait(), server.stdout.rest()), (0, "Stopped by SIGTERM\n"))

    def test_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "rpc")
            with Program("socketserver", "xmlrpc", "serve", "-q", "-b", f"unix:{path}") as server:
                self.assertEqual(server.stdout.readline(), f"Serving XML-RPC on unix:{path} ...")
                code, out, err = run("socketserver", "xmlrpc", "call", f"unix://{path}", "echo", "x")
                self.assertEqual((code, out, err), (0, '"x"\n', ""))
                server.interrupt()
                self.assertEqual(server.wait(), 0)
            self.assertFalse(path.exists())

    def test_refusals(self):
        for status, arguments, fragment in (
                (2, ("--engine", "warp"), "--engine"), (2, ("--frob",), "--frob"),
                (2, ("more",), "more"), (2, ("-p", "70000"), "port"),
                (2, ("--engine", "thread", "--workers", "2"), "--workers"),
                (2, ("-b", "unix:"), "--bind")):
            with self.subTest(arguments):
                code, out, err = run("socketserver", "xmlrpc", "serve", *arguments)
                self.assertEqual((code, out), (status, ""), err)
                self.assertIn(fragment, err)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            code, out, err = run("socketserver", "xmlrpc", "serve", "-p", port)
            self.assertEqual((code, out), (1, ""))
            self.assertIn(f"127.0.0.1:{port}", err)

    def test_help_and_manual(self):
        code, out, err = run("socketserver", "xmlrpc", "serve", "--help")
        self.assertEqual((code, err), (0, ""))
        for word in ("--port", "--bind", "--engine", "--max-body", "--extensions", "validator1.*"):
            self.assertIn(word, out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        self.assertIn('"xmlrpc serve: ', run("socketserver", "--print-manpage")[1])


if __name__ == "__main__":
    unittest.main()
