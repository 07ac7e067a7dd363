"""Starts the servers of this folder for the tests of this folder."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile

PATIENCE = 20  # seconds that anything healthy stays far below

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference")


def running(name, *arguments):
    """Runs a server program for a scope and yields its port; it must end well on SIGTERM."""
    program = os.path.join(os.environ["BIN_DIR"], "conformance_" + name)
    return running_command(name, [program, *arguments])


def running_reference(name, *arguments, **options):
    """As above, a program of CPython's classes."""
    program = os.path.join(REFERENCE, name + ".py")
    return running_command(name, [sys.executable, "-S", program, *arguments], **options)


def running_python(*arguments, **options):
    """As above, CPython's own `python3 -m http.server` on any port."""
    command = [sys.executable, "-S", "-u", "-W", "ignore", "-m", "http.server", "-b", "127.0.0.1"]
    return running_command("http.server", [*command, *arguments, "0"], stop=signal.SIGINT, **options)


def running_tool(*arguments, **options):
    """As above, `socketserver http` on any port."""
    command = [os.path.join(os.environ["BIN_DIR"], "socketserver"), "http", "-b", "127.0.0.1", "0"]
    return running_command("socketserver http", [*command, *arguments], **options)


@contextlib.contextmanager
def running_command(name, command, stop=signal.SIGTERM, **options):
    """As above, any command whose first line is its port, or says "port 8000"."""
    # A file, not a pipe: nobody reads it meanwhile, and the servers must not wait for that.
    with tempfile.TemporaryFile("w+") as errors:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, **options)
        try:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError(f"{name} did not start")
            yield int(re.search(r"^(?:.* port )?(\d+)\b", line)[1])
            server.send_signal(stop)
            server.communicate(timeout=PATIENCE)
            if server.returncode != 0:
                raise RuntimeError(f"{name} ended with {server.returncode}")
        except BaseException:
            server.kill()
            server.communicate()
            errors.seek(0)
            print(errors.read(), file=sys.stderr)
            raise


def ask(port, method, target, body=None, headers=None, **options):
    """One request on a connection of its own: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, target, body, headers or {}, **options)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()
