"""Our XML-RPC client against supervisord, by its Unix socket."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import xmlrpc.client
from pathlib import Path

import servers
from xmlrpc_calls import Client, find_program, has_tool, multicall, run_tool

SUPERVISORD = find_program("supervisord")

CONFIG = """
[unix_http_server]
file = {folder}/supervisor.sock
username = user
password = pa:ss

[supervisord]
logfile = {folder}/log
pidfile = {folder}/pid
childlogdir = {folder}
{user}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[program:cat]
command = cat
autostart = false
startsecs = 0
"""


@unittest.skipUnless(SUPERVISORD, "supervisor is not installed")
class Supervisord(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        config = Path(self.folder, "supervisord.conf")
        config.write_text(CONFIG.format(folder=self.folder,
                                        user="user = root" if os.geteuid() == 0 else ""))
        self.process = subprocess.Popen([SUPERVISORD, "-n", "-s", "-c", config], cwd=self.folder,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end)
        path = urllib.parse.quote(f"{self.folder}/supervisor.sock", safe="")
        self.url = f"http+unix://user:pa%3Ass@{path}/RPC2"
        self.wait_until_served()

    def end(self):
        self.process.kill()
        self.process.wait()

    def wait_until_served(self):
        """Nobody says when it is ready: its socket appears, and it answers."""
        deadline = time.monotonic() + servers.PATIENCE
        while True:
            try:
                with Client(self.url) as client:
                    client("supervisor.getState")
                return
            except xmlrpc.client.Fault as fault:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    log = Path(self.folder, "log")
                    print(log.read_text() if log.exists() else "no log", file=sys.stderr)
                    raise AssertionError("supervisord does not answer") from fault
            time.sleep(0.01)

    def test_a_process_is_started_and_stopped(self):
        with Client(self.url) as client:
            self.assertEqual(client("supervisor.getState"),
                             {"statecode": 1, "statename": "RUNNING"})
            self.assertEqual(client("supervisor.startProcess", "cat"), True)
            info = client("supervisor.getProcessInfo", "cat")
            self.assertEqual((info["name"], info["statename"]), ("cat", "RUNNING"))
            self.assertEqual(client("supervisor.sendProcessStdin", "cat", "hello\n"), True)
            self.assertEqual(client("supervisor.stopProcess", "cat"), True)
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                client("supervisor.stopProcess", "cat")
            self.assertEqual(caught.exception.faultString, "NOT_RUNNING: cat")
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                client("supervisor.startProcess", "dog")
            self.assertEqual(caught.exception.faultString, "BAD_NAME: dog")
            self.assertEqual(client("supervisor.shutdown"), True)
        self.assertEqual(self.process.wait(servers.PATIENCE), 0)

    def test_multicall(self):
        calls = [{"methodName": "supervisor.getState", "params": []},
                 {"methodName": "supervisor.nosuch", "params": []},
                 {"methodName": "supervisor.getPID", "params": []}]
        with Client(self.url) as client:
            results = client("system.multicall", calls)
        self.assertEqual(results[0]["statename"], "RUNNING")
        self.assertEqual(results[1]["faultString"], "UNKNOWN_METHOD")
        self.assertEqual(results[2], self.process.pid)
        # It returns bare results, where others put each into an array of its own. MultiCall takes
        # none of them for something else; Python's does not, either.
        for result in multicall(self.url, ("supervisor.getState",), ("supervisor.getPID",)):
            self.assertIn("unexpected type in multicall result", result.faultString)

    def test_without_password(self):
        path = f"unix://{self.folder}/supervisor.sock"
        with Client(path) as client:
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                client("supervisor.getState")
            self.assertIn(": 401 ", caught.exception.faultString)

    @unittest.skipUnless(has_tool(), "the tool is not built")
    def test_by_the_tool(self):
        code, out, err = run_tool("list", self.url)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("\nsupervisor.startProcess(string, boolean) -> boolean\n", out)
        code, out, err = run_tool("call", self.url, "supervisor.getAllProcessInfo")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([process["name"] for process in json.loads(out)], ["cat"])
        code, out, err = run_tool("call", self.url, "supervisor.stopProcess", "dog")
        self.assertEqual((code, out, err), (1, "", "socketserver: fault 10: BAD_NAME: dog\n"))


if __name__ == "__main__":
    unittest.main()
