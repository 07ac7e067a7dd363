"""Our XML-RPC client against a server by xmlrpc-c."""

import datetime
import os
import unittest
import xmlrpc.client
from pathlib import Path

import servers
from xmlrpc_calls import Client, has_tool, multicall, run_tool

SERVER = Path(os.environ["BIN_DIR"], "conformance_xmlrpc_c_server")

VALUES = (0, -2**31, 2**31 - 1, True, False, None, 1.5, "", "<&> \u00e4\u20ac", b"", b"\x00\xff",
          datetime.datetime(2005, 2, 10, 11, 41, 23), [1, ["two"]], {"a": 1, "b": {"c": []}})


@unittest.skipUnless(SERVER.exists(), "libxmlrpc-core-c3-dev is not installed")
class XMLRPCC(unittest.TestCase):
    def setUp(self):
        port = self.enterContext(servers.running("xmlrpc_c_server"))
        self.url = f"http://127.0.0.1:{port}"

    def test_every_type_there_and_back(self):
        with Client(self.url) as client:
            for value in VALUES:
                with self.subTest(value=value):
                    self.assertEqual(client("echo", value), [value])
            self.assertEqual(client("echo", *VALUES), list(VALUES))

    def test_large_values(self):
        with Client(self.url) as client:
            text = "x<" * 100_000
            self.assertEqual(client("echo", text), [text])

    def test_faults(self):
        with Client(self.url) as client:
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                client("fail")
            self.assertEqual((caught.exception.faultCode, caught.exception.faultString),
                             (42, "as asked"))
            with self.assertRaises(xmlrpc.client.Fault):
                client("missing")
            self.assertEqual(client("sum", 2, 3), 5)

    def test_multicall(self):
        results = multicall(self.url, ("sum", 2, 3), ("fail",), ("echo", "x"))
        self.assertEqual((results[0], results[2]), (5, ["x"]))
        self.assertEqual(results[1].faultCode, 42)

    @unittest.skipUnless(has_tool(), "the tool is not built")
    def test_introspection_by_the_tool(self):
        code, out, err = run_tool("list", self.url)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("sum(int, int) -> int\n    Adds.\n", out)
        self.assertIn("echo\n    Returns its parameters.\n", out)


if __name__ == "__main__":
    unittest.main()
