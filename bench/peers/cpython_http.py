""" "Hello, World!" and files with CPython's http.server: a thread for each connection."""

import argparse
import functools
import http.server
import platform


class Quiet:
    """What both handlers need: HTTP/1.1, no log, and no wait between the head and the body."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass


class Hello(Quiet, http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"Hello, World!"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Files(Quiet, http.server.SimpleHTTPRequestHandler):
    pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--directory")
    options = parser.parse_args()

    handler = functools.partial(Files, directory=options.directory) if options.directory else Hello
    http.server.ThreadingHTTPServer.request_queue_size = 4096  # 5 would lose connections
    with http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler) as server:
        print("ready", server.server_address[1], "CPython", platform.python_version(), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
