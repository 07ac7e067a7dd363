"""The program that docs/xmlrpc.md quotes does what it says."""

import json
import sys
import unittest
import urllib.request
import xmlrpc.client
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer  # noqa: E402


class XmlRpcGuide(unittest.TestCase):
    def test_rpc_stock(self):
        with ExampleServer("rpc_stock", 0) as server:
            address = f"http://127.0.0.1:{server.port}"
            with xmlrpc.client.ServerProxy(address) as proxy:
                self.assertEqual(proxy.add("nut", 3), 3)
                self.assertEqual(proxy.add("nut", 4), 7)
                self.assertEqual(proxy.list(), {"nut": 7})
                self.assertEqual(proxy.system.methodSignature("price"), [["double", "int", "double"]])
                with self.assertRaises(xmlrpc.client.Fault) as caught:
                    proxy.price(-1, 2.5)
                self.assertEqual(caught.exception.faultCode, 10)
            call = {"jsonrpc": "2.0", "method": "price", "params": {"each": 2.5, "count": 2}, "id": 1}
            request = urllib.request.Request(address, json.dumps(call).encode(),
                                             {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.assertEqual(json.load(answer)["result"], 5.0)
            with urllib.request.urlopen(address, timeout=20) as page:
                self.assertIn("<title>Stock</title>", page.read().decode())


if __name__ == "__main__":
    unittest.main()
