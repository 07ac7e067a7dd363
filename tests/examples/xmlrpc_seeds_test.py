"""The XML-RPC examples: their transcripts, and the suites that two of them serve."""

import signal
import sys
import unittest
import xmlrpc.client
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import xmlrpc_suites  # noqa: E402
from program import ExampleServer, run  # noqa: E402


class XMLRPCExamples(unittest.TestCase):
    def test_E03_an_object_with_dispatch(self):
        with ExampleServer("xmlrpc_dispatch", 0) as server:
            code, out, err = run("xmlrpc_dispatch_client", f"http://127.0.0.1:{server.port}")
            self.assertEqual((code, out, err), (0, "['whatever.method', ['any', 'args']]\n", ""))
            self.assertEqual(server.stdout.readline(),
                             "_dispatch ('whatever.method', ('any', 'args'))")
            self.assertRegex(server.stderr.readline(), r'"POST /RPC2 HTTP/1\.1" 200 -$')

    def test_E04_ways_to_register(self):
        code, out, err = run("xmlrpc_usage")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"\A1 a\.b\.c -> 7\n2 add -> 5\n3 second instance wins -> 'two'\n"
                              r"4 ns\.f -> 'nested'\n5 fault 1: \S.*boom\n\Z")

    def test_suites(self):
        for program, prefix in (("xmlrpc_validator1", "validator1"),
                                ("xmlrpc_interop_echo", "interopEchoTests")):
            with ExampleServer(program, 0) as server:
                with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.port}",
                                               use_builtin_types=True) as proxy:
                    xmlrpc_suites.check(self, proxy, prefix)
                server.interrupt(signal.SIGINT)
                self.assertEqual(server.wait(), 0)


if __name__ == "__main__":
    unittest.main()
