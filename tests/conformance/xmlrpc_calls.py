"""Has our XML-RPC client make calls for the tests of this folder."""

import os
import shutil
import subprocess
import xmlrpc.client
from pathlib import Path

import servers

CLIENT = Path(os.environ["BIN_DIR"], "conformance_xmlrpc_client")
TOOL = Path(os.environ["BIN_DIR"], "socketserver")


class Client:
    """Our client at a server, for a scope; called like a method of Python's."""

    def __init__(self, url: str, *words: str):
        self.process = subprocess.Popen([CLIENT, url, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def send(self, method: str, *params: object) -> None:
        document = xmlrpc.client.dumps(params, method, allow_none=True).encode()
        self.process.stdin.write(b"%d\n%b" % (len(document), document))
        self.process.stdin.flush()

    def receive(self):
        """The result of the next call; a Fault is raised."""
        document = self.process.stdout.read(int(self.process.stdout.readline()))
        return xmlrpc.client.loads(document, use_builtin_types=True)[0][0]

    def __call__(self, method: str, *params: object):
        self.send(method, *params)
        return self.receive()


def multicall(url: str, *calls: tuple) -> list:
    """The results of calls made in one request; faults stand for themselves."""
    results = []
    with Client(url, "multicall") as client:
        for call in calls:
            client.send(*call)
        client.process.stdin.close()
        for _ in calls:
            try:
                results.append(client.receive())
            except xmlrpc.client.Fault as fault:
                results.append(fault)
        client.process.stdin = None
    return results


def run_tool(*arguments: str) -> tuple[int, str, str]:
    """Runs `socketserver xmlrpc`: exit status, standard output and standard error."""
    done = subprocess.run([TOOL, "xmlrpc", *arguments], capture_output=True, text=True,
                          timeout=servers.PATIENCE)
    return done.returncode, done.stdout, done.stderr


def has_tool() -> bool:
    return TOOL.exists()


def find_program(name: str) -> str | None:
    """A program also of /usr/sbin and its like, which not everybody has in the path."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin")
