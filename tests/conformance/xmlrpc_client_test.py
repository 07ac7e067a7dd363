"""Python's xmlrpc.client, as a client that we did not write, against our server."""

import datetime
import http.client
import json
import unittest
import xmlrpc.client

import servers


class Client(unittest.TestCase):
    mode = "plain"

    @classmethod
    def setUpClass(cls):
        server = servers.running("xmlrpc", cls.mode)
        cls.port = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)

    def proxy(self, path="/RPC2", **options):
        proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{self.port}{path}", **options)
        self.addCleanup(proxy("close"))
        return proxy


class Plain(Client):
    def test_XR_073_functions(self):
        self.assertEqual(self.proxy().add(2, 3), 5)
        self.assertEqual(self.proxy().add("a", "b"), "ab")

    def test_values_of_every_type_survive(self):
        when = xmlrpc.client.DateTime("20200102T03:04:05")
        for value in [0, -1, 2**31 - 1, -2**31, True, False, 1.5, -1e300, "", "text", " a\tb\n",
                      "<&>]]>\"'", "\u20ac \U0001f600", [], [1, [2, ["x"]]], {},
                      {"a": 1, "": {"b": []}}, xmlrpc.client.Binary(bytes(range(256))), when]:
            with self.subTest(value):
                self.assertEqual(self.proxy().one(value), value)
        self.assertEqual(self.proxy(use_builtin_types=True).when(),
                         datetime.datetime(2020, 1, 2, 3, 4, 5))

    def test_XR_079_faults(self):
        for method, code, text in [("nope", 1, 'method "nope" is not supported'),
                                   ("boom", 1, "boom <&>"), ("fault", 42, "the answer <&>"),
                                   ("none", 1, ""), ("bigint", 1, "")]:
            with self.subTest(method):
                with self.assertRaises(xmlrpc.client.Fault) as caught:
                    getattr(self.proxy(), method)()
                self.assertEqual(caught.exception.faultCode, code)
                self.assertIn(text, caught.exception.faultString)

    def test_XR_099_names_and_XR_100_encodings(self):
        proxy = self.proxy(encoding="iso-8859-15")
        self.assertEqual(getattr(proxy, "\u00e4dd")(6, 7), 13)
        self.assertEqual(proxy.one("\u20ac"), "\u20ac")

    def test_XR_101_introspection(self):
        methods = self.proxy().system.listMethods()
        self.assertEqual(methods, sorted(methods))
        self.assertIn("hello", methods)
        self.assertEqual(self.proxy().system.methodHelp("echo"), "Echo the arguments as an array.")

    def test_XR_106_multicall(self):
        calls = xmlrpc.client.MultiCall(self.proxy())
        calls.add(2, 3)
        calls.hello()
        calls.fault()
        results = calls()
        self.assertEqual([results[0], results[1]], [5, "hello"])
        with self.assertRaises(xmlrpc.client.Fault):
            results[2]

    def test_XR_131_XR_136_long_answers(self):
        self.assertEqual(len(self.proxy().big(1 << 24)), 1 << 24)

    def test_XR_152_packed_requests(self):
        class Packing(xmlrpc.client.Transport):
            encode_threshold = 0
        text = " ".join(map(str, range(20000)))
        self.assertEqual(self.proxy(transport=Packing()).one(text), text)
        with self.assertRaises(xmlrpc.client.ProtocolError) as refused:
            self.proxy(transport=Packing()).one("x" * 100000)  # 300 times its size: a bomb here
        self.assertEqual(refused.exception.errcode, 400)

    def test_json_rpc_at_the_same_address(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, servers.PATIENCE)
        self.addCleanup(connection.close)
        request = {"jsonrpc": "2.0", "method": "add", "params": [2, 3], "id": 1}
        connection.request("POST", "/", json.dumps([request, request]),
                           {"Content-Type": "application/json"})
        answer = json.load(connection.getresponse())
        self.assertEqual(answer, [{"jsonrpc": "2.0", "result": 5, "id": 1}] * 2)


class Dotted(Client):
    mode = "dotted"

    def test_XR_085_dotted_names(self):
        self.assertEqual(self.proxy().ns.f(), "nsf")


class Dispatch(Client):
    mode = "dispatch"

    def test_XR_080_dispatch(self):
        self.assertEqual(self.proxy().whatever.method("any", "args"),
                         ["whatever.method", ["any", "args"]])


class MultiPath(Client):
    mode = "multipath"

    def test_XR_139_paths(self):
        self.assertEqual(self.proxy("/a").where(), "/a")
        self.assertEqual(self.proxy("/b").where(), "/b")
        with self.assertRaises(xmlrpc.client.Fault):
            self.proxy("/c").where()


class Full(Client):
    mode = "full"

    def test_XR_133_one_connection(self):
        proxy = self.proxy(allow_none=True)
        for number in range(20):
            self.assertEqual(proxy.add(number, 1), number + 1)
        self.assertIsNone(proxy.none())

    def test_XR_104_signatures(self):
        signature = self.proxy().system.methodSignature("big")
        self.assertEqual(len(signature), 1)
        self.assertEqual(signature[0][0], "string")

    def test_standard_codes(self):
        for method, arguments, code in [("nope", (), -32601), ("one", (), -32602),
                                        ("boom", (), -32500), ("bigint", (), -32603)]:
            with self.subTest(method):
                with self.assertRaises(xmlrpc.client.Fault) as caught:
                    getattr(self.proxy(), method)(*arguments)
                self.assertEqual(caught.exception.faultCode, code)


if __name__ == "__main__":
    unittest.main()
