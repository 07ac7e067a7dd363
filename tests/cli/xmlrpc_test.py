"""`socketserver xmlrpc`: calls methods of a server, and lists them."""

import json
import os
import socket
import subprocess
import sys
import threading
import unittest
import xmlrpc.client
import xmlrpc.server
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import BIN_DIR, PATIENCE, run  # noqa: E402


def echo(*values):
    """Returns what it was given.

    As a list.
    """
    return list(values)


def fail():
    raise xmlrpc.client.Fault(42, "no\nway \x9b\u00dc")


class Server(xmlrpc.server.SimpleXMLRPCServer):
    """Python's, with signatures, and a log of requests."""

    def __init__(self, has_multicall=True):
        super().__init__(("127.0.0.1", 0), logRequests=False, allow_none=True)
        self.requests = []
        server = self

        class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
            def do_POST(self):
                server.requests.append(self.headers)
                super().do_POST()

        self.RequestHandlerClass = Handler
        self.register_introspection_functions()
        if has_multicall:
            self.register_multicall_functions()
        self.register_function(self.signature, "system.methodSignature")
        self.register_function(echo)
        self.register_function(fail)
        self.register_function(lambda: float("nan"), "nan")

    def signature(self, name):
        return [["array"], ["array", "int", "string"]] if name == "echo" else "not supported"


class XMLRPC(unittest.TestCase):
    def serve(self, **options):
        server = Server(**options)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        return server

    def tool(self, *arguments):
        return run("socketserver", "xmlrpc", *arguments)

    def check_refused(self, status, arguments, *fragments):
        with self.subTest(arguments):
            code, out, err = self.tool(*arguments)
            self.assertEqual((code, out), (status, ""), err)
            self.assertRegex(err, r"\Asocketserver: [^\n]+\n\Z")
            for fragment in fragments:
                self.assertIn(fragment, err)


class Call(XMLRPC):
    def test_arguments_are_JSON_or_text(self):
        self.serve()
        for arguments, result in (
                ((), []), (("5",), [5]), (('"5"',), ["5"]), (("five",), ["five"]),
                (("-5", "1.5", "true", "null"), [-5, 1.5, True, None]),
                (('{"a": [1, {}]}',), [{"a": [1, {}]}]), (("{a: 1}",), ["{a: 1}"]),
                (("",), [""]), (("\u00e4 <&>",), ["\u00e4 <&>"]),
                (("--", "--help"), ["--help"])):
            with self.subTest(arguments):
                code, out, err = self.tool("call", self.url, "echo", *arguments)
                self.assertEqual((code, err), (0, ""))
                self.assertEqual(out.count("\n"), 1)
                self.assertEqual(json.loads(out), result)

    def test_a_fault_ends_with_1(self):
        self.serve()
        self.check_refused(1, ("call", self.url, "fail"), "fault 42: no\\x0away \\x9b\u00dc\n")
        self.check_refused(1, ("call", self.url, "missing"), "fault 1: ", '"missing"')

    def test_another_status_ends_with_1(self):
        self.serve()
        self.check_refused(1, ("call", self.url + "/other", "echo"),
                           self.url[len("http://"):] + "/other answered 404 Not Found")

    def test_no_server_ends_with_1_and_names_the_address(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{unused.getsockname()[1]}"
            self.check_refused(1, ("call", f"http://{address}", "f"),
                               f"connect {address}: Connection refused")
        self.check_refused(1, ("call", "unix:///missing/socket", "f"),
                           "connect unix:/missing/socket: No such file or directory")
        self.check_refused(1, ("list", "http://nowhere.invalid"), "resolve nowhere.invalid: ")

    def test_a_server_that_never_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            self.check_refused(1, ("call", "--timeout", "50ms", f"http://{address}", "f"),
                               f"receive from {address}: ")

    def test_a_result_that_is_no_JSON(self):
        self.serve()
        self.check_refused(1, ("call", self.url, "nan"))

    def test_bad_arguments(self):
        for arguments, *fragments in (
                ((),), (("call",), "URL"), (("call", "http://h"), "METHOD"), (("list",), "URL"),
                (("frob",),), (("call", "--frob", "http://h", "f"), "--frob"),
                (("call", "ftp://h", "f"), "URL", "'ftp'"), (("call", "localhost:80", "f"), "URL"),
                (("call", "https://user:secret@h", "f"), "URL", "TLS is not built in"),
                (("call", "http://h:99999", "f"), "URL", "65535"),
                (("list", "http://"), "URL", "no host"), (("list", "http://h", "more"), "more"),
                (("call", "--timeout", "soon", "http://h", "f"), "--timeout", "soon"),
                (("call", "-H", "X", "http://h", "f"), "--header"),
                (("call", "-H", "Content-Length: 5", "http://h", "f"), "Content-Length"),
                (("call", "--encoding", "no-such", "http://h", "f"), "no-such")):
            self.check_refused(2, arguments, *fragments)

    def test_options(self):
        server = self.serve()
        url = self.url.replace("//", "//us%20er:pw@")
        code, out, err = self.tool("call", "-H", "X-A: b", "--gzip", "--encoding", "iso-8859-1", url,
                                   "echo", "\u00e4")
        self.assertEqual((code, json.loads(out), err), (0, ["\u00e4"], ""))
        headers = server.requests[-1]
        self.assertEqual((headers["X-A"], headers["Content-Encoding"]), ("b", "gzip"))
        self.assertEqual(headers["Authorization"], "Basic dXMgZXI6cHc=")
        self.assertRegex(headers["User-Agent"], r"\Asocketserver/\d")

    def test_verbose(self):
        self.serve()
        code, out, err = self.tool("call", "-v", self.url.replace("//", "//user:pw@"), "echo")
        self.assertEqual((code, out), (0, "[]\n"))
        for line in ("send: 'POST /RPC2 HTTP/1.1\\r\\n", "reply: 'HTTP/1.0 200 OK'",
                     "header: Content-type: text/xml", "body: "):
            self.assertIn(line, err)
        self.assertNotIn("dXNlcjpwdw", err)

    def test_a_full_disk_is_told(self):
        self.serve()
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([BIN_DIR / "socketserver", "xmlrpc", "call", self.url, "echo"],
                                  stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)


class List(XMLRPC):
    def test_names_signatures_and_help(self):
        for has_multicall, requests in ((True, 2), (False, 13)):
            server = self.serve(has_multicall=has_multicall)
            code, out, err = self.tool("list", self.url)
            self.assertEqual((code, err), (0, ""))
            self.assertTrue(out.startswith(
                "echo() -> array\necho(int, string) -> array\n"
                "    Returns what it was given.\n    As a list.\nfail\nnan\nsystem.listMethods\n"),
                out)
            self.assertLessEqual(len(server.requests), requests + 1)
            self.assertGreaterEqual(len(server.requests), requests)

    def test_JSON(self):
        self.serve()
        code, out, err = self.tool("list", "--json", self.url)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(json.loads(out)[0], {
            "name": "echo", "signatures": [["array"], ["array", "int", "string"]],
            "help": "Returns what it was given.\n\nAs a list."})


class Generated(unittest.TestCase):
    def test_help(self):
        for command in ("call", "list"):
            code, out, err = run("socketserver", "xmlrpc", command, "--help")
            self.assertEqual((code, err), (0, ""))
            for word in ("URL", "--timeout", "--header", "--gzip", "unix:///run/x.sock"):
                self.assertIn(word, out)
            self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_manual_and_completions_know_the_commands_below(self):
        _, page, _ = run("socketserver", "--print-manpage")
        self.assertIn('.SS "xmlrpc call: Options"', page)
        self.assertIn("xmlrpc) words='call list serve ", run("socketserver", "--completions", "bash")[1])
        self.assertIn("'1:command:(call list serve)'", run("socketserver", "--completions", "zsh")[1])
        self.assertIn("-a call -d", run("socketserver", "--completions", "fish")[1])


if __name__ == "__main__":
    unittest.main()
