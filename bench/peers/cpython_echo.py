"""The line echo with CPython's socketserver."""

import argparse
import platform
import socketserver

SERVERS = {
    ("tcp", "thread"): socketserver.ThreadingTCPServer,
    ("tcp", "fork"): socketserver.ForkingTCPServer,
    ("udp", "sync"): socketserver.UDPServer,
}


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            self.wfile.write(line)


class EchoOnce(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())


class EchoDatagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, server_socket = self.request
        server_socket.sendto(data, self.client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--udp", action="store_true")
    parser.add_argument("--engine", choices=["sync", "thread", "fork"])
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()

    engine = options.engine or ("sync" if options.udp else "thread")
    server_class = SERVERS["udp" if options.udp else "tcp", engine]
    server_class.request_queue_size = 4096  # 5 would be a benchmark of lost connections
    server_class.daemon_threads = True
    if engine == "fork":
        server_class.max_children = 1000  # the default, 40, is fewer than the connections
    handler = EchoDatagram if options.udp else EchoOnce if options.once else Echo
    with server_class(("127.0.0.1", options.port), handler) as server:
        print("ready", server.server_address[1], "CPython", platform.python_version(), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
