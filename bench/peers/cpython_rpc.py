"""`add` and `echo` with CPython's xmlrpc.server: a thread for each connection."""

import argparse
import platform
import socketserver
import xmlrpc.server


class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"  # its HTTP/1.0 would take a connection for each call


class Server(socketserver.ThreadingMixIn, xmlrpc.server.SimpleXMLRPCServer):
    daemon_threads = True
    request_queue_size = 4096  # 5 would lose connections


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()

    with Server(("127.0.0.1", options.port), Handler, logRequests=False) as server:
        server.register_multicall_functions()
        server.register_function(lambda a, b: a + b, "add")
        server.register_function(lambda goods: goods, "echo")
        print("ready", server.server_address[1], "CPython", platform.python_version(), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
