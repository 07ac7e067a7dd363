"""Runs one of CPython's socketserver classes and writes down which hook is called when, and by whom.

    logged_server.py CLASS STORY

The counterpart of servers/logged_server.cpp, line by line: what both write is compared.
"""

import os
import socketserver
import sys
import threading

SERVING = (os.getpid(), None)  # the process and the thread that run the loop


def note(what):
    """Writes one line: who does what. One system call, so that lines of processes stay whole."""
    if os.getpid() != SERVING[0]:
        who = "child"
    elif threading.get_ident() != SERVING[1]:
        who = "thread"
    else:
        who = "serving"
    os.write(1, f"{who} {what}\n".encode())


class Logged:
    """The hooks of a server. What a request is to meet with is a word in its position's turn."""

    script = []
    served = 0

    def scene(self):
        return self.script[self.served - 1] if self.served <= len(self.script) else "echo"

    def get_request(self):
        self.served += 1
        note("get_request")
        if self.scene() == "get_request raises":
            raise OSError("get_request raises")
        return super().get_request()

    def verify_request(self, request, client_address):
        note("verify_request")
        if self.scene() == "verify_request raises":
            raise RuntimeError("verify_request raises")
        return self.scene() != "refused"

    def process_request(self, request, client_address):
        note("process_request")
        if self.scene() == "process_request raises":
            raise RuntimeError("process_request raises")
        super().process_request(request, client_address)

    def finish_request(self, request, client_address):
        note("finish_request")
        super().finish_request(request, client_address)

    def shutdown_request(self, request):
        note("shutdown_request")
        super().shutdown_request(request)

    def close_request(self, request):
        note("close_request")
        super().close_request(request)

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        note("handle_error: " + ("timed out" if isinstance(error, TimeoutError) else str(error)))
        if self.scene() == "handle_error raises":
            raise RuntimeError("handle_error raises")

    def handle_timeout(self):
        note("handle_timeout")
        super().handle_timeout()

    def server_activate(self):
        note("server_activate")
        super().server_activate()

    def server_bind(self):
        note("server_bind")
        super().server_bind()


def logged_handler(base):
    class Handler(base):
        def __init__(self, request, client_address, server):
            note("handler")
            if server.scene() == "silent client":
                self.timeout = 0.05
            super().__init__(request, client_address, server)

        def setup(self):
            note("setup")
            super().setup()
            if self.server.scene() == "setup raises":
                raise RuntimeError("setup raises")

        def handle(self):
            note("handle")
            data = self.rfile.read()
            note(f"read {len(data)}")
            scene = self.server.scene()
            if scene == "silence":
                return
            self.wfile.write(data.upper() if scene == "upper" else data)
            if scene in ("handle raises", "handle_error raises"):
                raise RuntimeError("handle raises")
            if scene == "exit":
                sys.exit(3)
            if scene == "shutdown":
                self.server.shutdown()
                note("shutdown has returned")

        def finish(self):
            note("finish")
            super().finish()
            if self.server.scene() == "finish raises":
                raise RuntimeError("finish raises")

    return Handler


def server_class(name):
    transport = next(
        t for t in ("TCP", "UDP", "UnixStream", "UnixDatagram") if name.endswith(t + "Server"))
    engine = name.removesuffix(transport + "Server")
    bases = [getattr(socketserver, transport + "Server")]
    if engine:
        bases.insert(0, getattr(socketserver, engine + "MixIn"))
    datagrams = transport in ("UDP", "UnixDatagram")
    handler = socketserver.DatagramRequestHandler if datagrams else socketserver.StreamRequestHandler
    return type(name, (Logged, *bases), {}), logged_handler(handler)


def main():
    global SERVING
    name, story, address, *script = sys.argv[1:]
    SERVING = (os.getpid(), threading.get_ident())
    server_type, handler = server_class(name)
    end_point = address if "Unix" in name else ("127.0.0.1", 0)
    server = server_type(end_point, handler)
    server.script = script
    bound = server.server_address
    os.write(1, f"port {bound if isinstance(bound, str) else bound[1]}\n".encode())
    # The end of standard input ends the loop, then the program.
    stdin = threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True)
    if story == "handle_request":
        server.timeout = 0.05
        server.handle_request()
        server.timeout = 20
        for _ in script:
            server.handle_request()
        sys.stdin.read()
    else:
        stdin.start()
        try:
            server.serve_forever(poll_interval=0.02)
            note("serve_forever has returned")
        except BaseException as error:
            note(f"serve_forever has raised {type(error).__name__}")
        stdin.join()
    server.server_close()
    note(f"closed {server.fileno()}")
    os._exit(0)


if __name__ == "__main__":
    main()
