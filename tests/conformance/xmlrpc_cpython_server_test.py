"""Our XML-RPC client against CPython's xmlrpc.server in its modes."""

import datetime
import socketserver
import threading
import unittest
import xmlrpc.client
import xmlrpc.server

from xmlrpc_calls import Client, multicall

VALUES = (
    0, 1, -1, 2**31 - 1, -2**31, True, False, None, 0.0, -1.5, 1e300, 5e-324, float("inf"),
    "", "text", "<&>\"' ]]>", "\u00e4\u20ac\u4e2d\U0001f600", " two  blanks ", "tab\tline\n",
    b"", b"\x00\xff", bytes(range(256)) * 5,
    datetime.datetime(2005, 2, 10, 11, 41, 23), datetime.datetime(1, 1, 1),
    [], [1, "two", [3.0, [None]]], {}, {"a": 1, "": {"b": [True]}, "\u00e4 <": b"x"})


class Keeping(xmlrpc.server.SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    connections = 0

    def setup(self):
        type(self).connections += 1
        super().setup()


class Compressing(xmlrpc.server.SimpleXMLRPCRequestHandler):
    encode_threshold = 0


class Threading(socketserver.ThreadingMixIn, xmlrpc.server.SimpleXMLRPCServer):
    daemon_threads = True


class CPython(unittest.TestCase):
    def serve(self, server_class=xmlrpc.server.SimpleXMLRPCServer, **options):
        """Runs a server to the end of the test; it keeps what it was called with."""
        self.received = []

        def echo(value):
            self.received.append(value)
            return value

        def fail(code, text):
            raise xmlrpc.client.Fault(code, text)

        server = server_class(("127.0.0.1", 0), logRequests=False, allow_none=True,
                              use_builtin_types=True, **options)
        server.register_function(echo)
        server.register_function(fail)
        server.register_function(pow)
        server.register_function(lambda: 1 / 0, "broken")
        server.register_introspection_functions()
        server.register_multicall_functions()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}"

    def check_values(self, url, *words):
        with Client(url, *words) as client:
            for value in VALUES:
                with self.subTest(value=value):
                    self.assertEqual(client("echo", value), value)
                    self.assertEqual(self.received[-1], value)
                    self.assertIs(type(self.received[-1]), type(value))

    def test_every_type_there_and_back(self):
        self.check_values(self.serve())

    def test_a_kept_connection(self):
        Keeping.connections = 0
        self.check_values(self.serve(requestHandler=Keeping))
        self.assertEqual(Keeping.connections, 1)

    def test_compressed_both_ways(self):
        self.check_values(self.serve(requestHandler=Compressing), "gzip")

    def test_encodings(self):
        for encoding in ("iso-8859-15", "us-ascii", "utf-8"):
            with self.subTest(encoding):
                url = self.serve(encoding=encoding if encoding != "us-ascii" else "utf-8")
                self.check_values(url, "encoding=" + encoding)

    def test_other_servers(self):
        self.check_values(self.serve(Threading))
        self.check_values(self.serve(xmlrpc.server.DocXMLRPCServer))

    def test_large_values(self):
        url = self.serve()
        for words in ((), ("gzip",)):
            with Client(url, *words) as client:
                text = "x<\u00e4" * 1_000_000
                self.assertEqual(client("echo", text), text)
                numbers = list(range(100_000))
                self.assertEqual(client("echo", numbers), numbers)

    def test_faults(self):
        with Client(self.serve()) as client:
            for code, text in ((42, "Test Fault"), (-1, ""), (0, "<\u00e4>")):
                with self.assertRaises(xmlrpc.client.Fault) as caught:
                    client("fail", code, text)
                self.assertEqual((caught.exception.faultCode, caught.exception.faultString),
                                 (code, text))
            for call in (("broken",), ("missing",), ("echo", 1, 2)):
                with self.assertRaises(xmlrpc.client.Fault) as caught:
                    client(*call)
                self.assertEqual(caught.exception.faultCode, 1)
            self.assertEqual(client("pow", 6, 8), 1679616)

    def test_another_path_is_a_protocol_error(self):
        with Client(self.serve() + "/other") as client:
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                client("pow", 6, 8)
            self.assertRegex(caught.exception.faultString, r"\A<ProtocolError for .*: 404 Not Found>")

    def test_introspection(self):
        with Client(self.serve()) as client:
            self.assertEqual(client("system.listMethods"), sorted(
                ["broken", "echo", "fail", "pow", "system.listMethods", "system.methodHelp",
                 "system.methodSignature", "system.multicall"]))
            self.assertIn("base**exp", client("system.methodHelp", "pow"))
            self.assertEqual(client("system.methodSignature", "pow"), "signatures not supported")

    def test_multicall(self):
        results = multicall(self.serve(), ("pow", 2, 3), ("fail", 7, "no"), ("echo", [1, None]),
                            ("missing",))
        self.assertEqual(results[0], 8)
        self.assertEqual((results[1].faultCode, results[1].faultString), (7, "no"))
        self.assertEqual(results[2], [1, None])
        self.assertIsInstance(results[3], xmlrpc.client.Fault)


if __name__ == "__main__":
    unittest.main()
