"""XML-RPC clients of other languages against our server: Perl's, Ruby's, xmlrpc-c's.

Each client reads calls with its own parser, makes them, and writes the results with its own writer.
"""

import os
import shutil
import subprocess
import sys
import unittest
import xmlrpc.client
from pathlib import Path

import servers

sys.path.insert(0, str(Path(__file__).parent.parent))
from xmlrpc_suites import INTEROP, VALIDATOR1  # noqa: E402

BIN_DIR = Path(os.environ["BIN_DIR"])
TOOL = BIN_DIR / "socketserver"
PEERS = Path(__file__).parent / "peers"
C_CLIENT = BIN_DIR / "conformance_xmlrpc_c_client"


def works(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(
        command, capture_output=True, timeout=servers.PATIENCE).returncode == 0


def serving():
    """Yields the port of `socketserver xmlrpc serve`."""
    return servers.running_command(
        "socketserver xmlrpc serve", [TOOL, "xmlrpc", "serve", "-q", "-p", "0"])


def document(name, arguments) -> str:
    return xmlrpc.client.dumps(tuple(arguments), name).replace("\n", "")


def answers(command, calls) -> list:
    """What the client says that each call has come to; a fault is a Fault."""
    text = "".join(document(*call) + "\n" for call in calls)
    done = subprocess.run([str(word) for word in command], input=text.encode(),
                          capture_output=True, timeout=servers.PATIENCE)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    results = []
    for line in done.stdout.decode().splitlines():
        try:
            results.append(xmlrpc.client.loads(line, use_builtin_types=True)[0][0])
        except xmlrpc.client.Fault as fault:
            results.append(fault)
    return results


@unittest.skipUnless(TOOL.exists(), "the tool is not built")
class Clients(unittest.TestCase):
    def check(self, *command):
        suite = [(f"{prefix}.{name}", arguments, result)
                 for prefix, rows in (("validator1", VALIDATOR1), ("interopEchoTests", INTEROP))
                 for name, arguments, result in rows]
        calls = [(name, arguments) for name, arguments, _ in suite]
        multicall = [{"methodName": "add", "params": [2, 3]},
                     {"methodName": "fail", "params": [7, "no"]}]
        calls += [("interopEchoTests.whichToolkit", ()), ("fail", (42, "so <&>")),
                  ("system.multicall", (multicall,)), ("system.methodSignature", ("fail",))]
        with serving() as port:
            results = answers((*command, f"http://127.0.0.1:{port}/RPC2"), calls)
        self.assertEqual(len(results), len(calls))
        for (name, _, expected), result in zip(suite, results):
            with self.subTest(name):
                self.assertEqual((result, type(result)), (expected, type(expected)))
        toolkit, fault, several, signature = results[len(suite):]
        self.assertEqual(toolkit["toolkitName"], "socketserver")
        self.assertEqual(fault.faultCode, 42)
        self.assertTrue(fault.faultString.endswith("so <&>"), fault)  # xmlrpc-c's puts words before
        self.assertEqual(several, [[5], {"faultCode": 7, "faultString": "no"}])
        self.assertEqual(signature, [["any", "int", "string"]])

    @unittest.skipUnless(works("perl", "-MRPC::XML::Client", "-e1"),
                         "librpc-xml-perl is not installed")
    def test_perl(self):
        self.check("perl", PEERS / "xmlrpc_client.pl")

    @unittest.skipUnless(works("ruby", "-rxmlrpc/client", "-e1"), "ruby-xmlrpc is not installed")
    def test_ruby(self):
        self.check("ruby", PEERS / "xmlrpc_client.rb")

    @unittest.skipUnless(C_CLIENT.exists(), "libxmlrpc-core-c3-dev is not installed")
    def test_xmlrpc_c(self):
        self.check(C_CLIENT)

    @unittest.skipUnless(shutil.which("xml-rpc-api2cpp"), "xmlrpc-api-utils is not installed")
    def test_a_class_is_generated_from_the_signatures(self):
        # The other suite has a method of any value, a type that this program does not know.
        with serving() as port:
            done = subprocess.run(
                ["xml-rpc-api2cpp", f"http://127.0.0.1:{port}/RPC2", "validator1", "Proxy"],
                capture_output=True, text=True, timeout=servers.PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        for name, *_ in VALIDATOR1:
            self.assertIn(f" {name} (", done.stdout)


if __name__ == "__main__":
    unittest.main()
