"""Runs one of CPython's HTTP handlers, prints its port and ends on SIGTERM.

    http_server.py told PROTOCOL            tells what it made of a request
    http_server.py files PROTOCOL FOLDER    SimpleHTTPRequestHandler

The first is the counterpart of servers/oracle_base.cpp, method by method.
"""

import functools
import http.server
import signal
import sys


class Told(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        headers = sorted(self.headers.items()) if len(self.headers) < 8 else len(self.headers)
        told = (f"M={self.command} P={self.path!r} V={self.request_version} "
                f"CC={self.close_connection} H={headers}\n")
        self.answer(told.encode("latin-1", "replace"))

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.answer(b"BODY=" + self.rfile.read(length))

    def do_KEEP(self):
        self.send_response(204)
        self.send_header("Connection", "keep-alive")
        self.end_headers()

    def do_NORESP(self):
        pass

    def do_RAW(self):
        self.wfile.write(b"raw bytes")

    def do_RAISE(self):
        raise ValueError("boom")

    def do_ERRMSG(self):
        self.send_error(418, "short <b>&\"'", "long <i>\n&\"'")

    def __getattr__(self, name):
        """do_ERR404 and its like."""
        if name.startswith("do_ERR") and name[6:].isdigit():
            return lambda: self.send_error(int(name[6:]))
        raise AttributeError(name)

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def main():
    kind, protocol, *folder = sys.argv[1:]
    handler = {
        "told": Told,
        "files": http.server.SimpleHTTPRequestHandler,
    }[kind]
    handler.protocol_version = protocol
    if folder:
        handler = functools.partial(handler, directory=folder[0])

    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
