"""xmlrpc_client lists the methods of a server and calls one."""

import sys
import threading
import unittest
import xmlrpc.server
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import run  # noqa: E402


def square(x):
    """x times x."""
    return x * x


class XMLRPCClient(unittest.TestCase):
    def setUp(self):
        server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
        server.register_introspection_functions()
        server.register_multicall_functions()
        server.register_function(square)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def test_lists(self):
        code, out, err = run("xmlrpc_client", self.url)
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.startswith("square: x times x.\nsystem.listMethods: "), out)

    def test_calls(self):
        code, out, err = run("xmlrpc_client", self.url, "square", 3, 4)
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.endswith("\n9\n16\n"), out)

    def test_faults_and_other_answers(self):
        code, _, err = run("xmlrpc_client", self.url, "cube", 3)
        self.assertEqual(code, 1)
        self.assertIn("the server reports 1: ", err)
        code, _, err = run("xmlrpc_client", self.url + "/x")
        self.assertEqual((code, err), (1, self.url[7:] + "/x answered 404 Not Found\n"))


if __name__ == "__main__":
    unittest.main()
