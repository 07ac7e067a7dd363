"""Runs CPython's XML-RPC server, prints its port and ends on SIGTERM.

    xmlrpc_server.py MODE    plain, dotted, dispatch, http11, multipath, doc or none

The counterpart of servers/xmlrpc.cpp, function by function.
"""

import datetime
import signal
import socketserver
import sys
import xmlrpc.client
import xmlrpc.server


def add(x, y):
    return x + y


def echo(*arguments):
    """Echo the arguments as an array."""
    return list(arguments)


def one(a):
    return a


def boom():
    raise ValueError("boom <&>")


def fault():
    raise xmlrpc.client.Fault(42, "the answer <&>")


def none():
    return None


def bigint():
    return 2**31


def when():
    return datetime.datetime(2020, 1, 2, 3, 4, 5)


def blob():
    return b"\x00\x01\xff"


def big(n):
    return "x" * n


def leave():
    raise SystemExit(3)


class Instance:
    pub = 5

    def hello(self):
        """say hello"""
        return "hello"

    def _priv(self):
        return "private"

    class ns:
        @staticmethod
        def f():
            return "nsf"

        class _hid:
            @staticmethod
            def g():
                return "hidden"


class Dispatch:
    def _dispatch(self, method, params):
        return [method, list(params)]


def threading(base):
    return type("Threading", (socketserver.ThreadingMixIn, base), {"daemon_threads": True})


def make_server(mode):
    class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
        protocol_version = "HTTP/1.1" if mode == "http11" else "HTTP/1.0"

    address = ("127.0.0.1", 0)
    if mode == "multipath":
        Handler.rpc_paths = ()
        server = threading(xmlrpc.server.MultiPathXMLRPCServer)(
            address, Handler, logRequests=False)
        for path in ("/a", "/b"):
            dispatcher = server.add_dispatcher(path, xmlrpc.server.SimpleXMLRPCDispatcher())
            dispatcher.register_function(lambda path=path: path, "where")
            dispatcher.register_introspection_functions()
        return server
    if mode == "doc":
        server = threading(xmlrpc.server.DocXMLRPCServer)(address, logRequests=False)
    else:
        server = threading(xmlrpc.server.SimpleXMLRPCServer)(
            address, Handler, logRequests=False, allow_none=mode == "none")
    server.register_introspection_functions()
    server.register_multicall_functions()
    for function in (add, echo, one, boom, fault, none, bigint, when, blob, big):
        server.register_function(function)
    server.register_function(leave, "exit")
    server.funcs["nothing"] = None
    server.register_function(echo, "a.b.c")
    server.register_function(add, "\u00e4dd")
    if mode == "dispatch":
        server.register_instance(Dispatch())
    else:
        server.register_instance(Instance(), allow_dotted_names=mode == "dotted")
    return server


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with make_server(sys.argv[1]) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
