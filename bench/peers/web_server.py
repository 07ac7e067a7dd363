"""nginx, h2o, lighttpd or haproxy as a benchmark wants it: one worker, no access log, no limit that
decides.

Answers "Hello, World!" at /, or serves the files of --directory; haproxy, which has neither, passes
on what the server --behind it answers. Which port is free is found out
before the server starts, for none of them says which one it took.
"""

import argparse
import contextlib
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE = 15  # seconds
GREETING = "Hello, World!"
BACKLOG = 4096
HOUR = 3600
MOST_DESCRIPTORS = 65536  # they have tables as long as the limit
IS_ROOT = os.geteuid() == 0  # then a worker would be somebody else, who may not read the files

# nginx answers out of its configuration; the others cannot, and send a file.
NGINX = """
{user}
worker_processes 1;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections {descriptors}; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout {hour};
  keepalive_requests 4000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog={backlog};
    {what}
  }}
}}
"""
NGINX_GREETING = 'location / {{ default_type text/plain; return 200 "{greeting}"; }}'
NGINX_FILES = "root {directory};"

H2O = """
{user}
num-threads: 1
max-connections: {descriptors}
http1-request-timeout: {hour}
error-log: /dev/null
file.mime.settypes: {{ text/plain: [.txt] }}
listen: {{ host: 127.0.0.1, port: {port} }}
hosts:
  default:
    paths:
      /: {{ {what} }}
"""
H2O_GREETING = "file.file: {folder}/hello.txt"
H2O_FILES = "file.dir: {directory}"

LIGHTTPD = """
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{directory}"
index-file.names = ("hello.txt")
mimetype.assign = (".txt" => "text/plain", "" => "application/octet-stream")
server.listen-backlog = {backlog}
server.max-fds = {descriptors}
server.max-connections = {half}
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = {hour}
server.network-backend = "sendfile"
"""

HAPROXY = """
global
  nbthread 1
  maxconn {third}
defaults
  mode http
  timeout connect {hour}s
  timeout client {hour}s
  timeout server {hour}s
frontend clients
  bind 127.0.0.1:{port} backlog {backlog}
  default_backend servers
backend servers
  http-reuse always
  server only 127.0.0.1:{behind}
"""


def nginx(folder: Path, directory: str | None, facts: dict) -> tuple[str, list[str]]:
    """The configuration, and what starts the server with it; likewise the others."""
    user = "user root;" if IS_ROOT else ""
    what = (NGINX_FILES if directory else NGINX_GREETING).format(**facts)
    config = NGINX.format(user=user, what=what, **facts)
    return config, ["-p", str(folder), "-e", "stderr", "-c", str(folder / "config"),
                    "-g", "daemon off;"]


def h2o(folder: Path, directory: str | None, facts: dict) -> tuple[str, list[str]]:
    user = "user: root" if IS_ROOT else ""
    what = (H2O_FILES if directory else H2O_GREETING).format(**facts)
    return H2O.format(user=user, what=what, **facts), ["-c", str(folder / "config")]


def lighttpd(folder: Path, directory: str | None, facts: dict) -> tuple[str, list[str]]:
    return (LIGHTTPD.format(**facts | {"directory": directory or folder}),
            ["-D", "-f", str(folder / "config")])


def haproxy(folder: Path, _directory: str | None, facts: dict) -> tuple[str, list[str]]:
    return HAPROXY.format(**facts), ["-f", str(folder / "config")]


SERVERS = {"nginx": nginx, "h2o": h2o, "lighttpd": lighttpd, "haproxy": haproxy}


def find_program(name: str) -> str:
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    return shutil.which(name, path=path) or sys.exit(f"{name} is not installed")


def version(program: str) -> str:
    run = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", run.stdout + run.stderr)
    return found[0] if found else ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def is_ready(server: subprocess.Popen, port: int) -> bool:
    """Whether the server takes connections; waits until it does, has ended or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return True
        except ConnectionRefusedError:
            time.sleep(0.01)
    return False


@contextlib.contextmanager
def behind(command: str | None):
    """The port of the server that `command` starts, for as long as it is needed."""
    if command is None:
        yield None
        return
    with subprocess.Popen(shlex.split(command), stdout=subprocess.PIPE, text=True) as server:
        try:
            yield int(server.stdout.readline().split()[1])
        finally:
            server.terminate()


def leave(*_) -> None:
    """On the first SIGTERM: through all that cleans up, which another one does not disturb."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", choices=SERVERS)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--directory")
    parser.add_argument("--behind", metavar="COMMAND", help="what starts it; prints \"ready PORT\", then serves")
    options = parser.parse_args()

    program = find_program(options.server)
    signal.signal(signal.SIGTERM, leave)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, behind(options.behind) as other:
        folder = Path(name)
        port = options.port or free_port()
        descriptors = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], MOST_DESCRIPTORS)
        facts = {"port": port, "behind": other, "folder": folder, "directory": options.directory,
                 "greeting": GREETING, "backlog": BACKLOG, "hour": HOUR,
                 "descriptors": descriptors, "half": descriptors // 2,
                 "third": descriptors // 3}
        config, arguments = SERVERS[options.server](folder, options.directory, facts)
        (folder / "hello.txt").write_text(GREETING)
        (folder / "config").write_text(config)
        with open(folder / "log", "wb") as log:
            server = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=log,
                                      stderr=log)
        try:
            if not is_ready(server, port):
                sys.exit((folder / "log").read_text() or f"{options.server} does not answer")
            print("ready", port, options.server, version(program), flush=True)
            sys.exit(server.wait())
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
