"""Starts the servers of this folder for the tests of this folder."""

import contextlib
import os
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


@contextlib.contextmanager
def running_command(name, command, **options):
    """As above, any command whose first line is its port."""
    # A file, not a pipe: nobody reads it meanwhile, and the servers must not wait for that.
    with tempfile.TemporaryFile("w+") as errors:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, **options)
        try:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError(f"{name} did not start")
            yield int(line)
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=PATIENCE)
            if server.returncode != 0:
                raise RuntimeError(f"{name} ended with {server.returncode}")
        except BaseException:
            server.kill()
            server.communicate()
            errors.seek(0)
            print(errors.read(), file=sys.stderr)
            raise
