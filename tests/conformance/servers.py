"""Starts the servers of this folder for the tests of this folder."""

import contextlib
import os
import signal
import subprocess
import sys

PATIENCE = 20  # seconds that anything healthy stays far below


@contextlib.contextmanager
def running(name, *arguments):
    """Runs a server program for a scope and yields its port; it must end well on SIGTERM."""
    program = os.path.join(os.environ["BIN_DIR"], "conformance_" + name)
    server = subprocess.Popen(
        [program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = server.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start: {server.communicate()[1]}")
        yield int(line)
        server.send_signal(signal.SIGTERM)
        errors = server.communicate(timeout=PATIENCE)[1]
        if server.returncode != 0:
            raise RuntimeError(f"{name} ended with {server.returncode}: {errors}")
    except BaseException:
        server.kill()
        print(server.communicate()[1], file=sys.stderr)
        raise
