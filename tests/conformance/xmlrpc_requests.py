"""What the XML-RPC servers of both sides are asked: names, and the bytes of the requests."""

import gzip
import xmlrpc.client


def post(body, *headers, path="/RPC2", version="HTTP/1.0", length=True, method="POST"):
    """The bytes of a request; `length` is a text, True for the right one, or None for none."""
    lines = [f"{method} {path} {version}", *headers]
    if version == "HTTP/1.1":
        lines.append("Host: x")
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length is True else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def call(method, *arguments, **options):
    return xmlrpc.client.dumps(arguments, method, **options).encode()


def multicall(*calls):
    return post(call("system.multicall", list(calls)))


def entry(method, *params):
    return {"methodName": method, "params": list(params)}


OK = call("add", 1, 2)
PACKED = gzip.compress(OK, mtime=0)
ONE = "<methodCall><methodName>one</methodName><params><param><value>%s</value></param></params></methodCall>"

CALLS = [
    ("add", 2, 3), ("add", "a", 1), ("add", 1), ("echo",), ("echo", 1, "a", [], {}), ("one", 1.5),
    ("one", "<&>"), ("one", {"a": [1, True]}), ("boom",), ("fault",), ("none",), ("bigint",),
    ("when",), ("blob",), ("exit",), ("nothing",), ("nope",), ("hello",), ("pub",), ("_priv",),
    ("__class__",), ("ns",), ("ns.f",), ("ns._hid.g",), ("hello.__func__",), ("a.b.c", 7),
    ("\u00e4dd", 1, 2), ("b..c",), ("b.",), ("system.listMethods",),
    ("system.methodHelp", "echo"), ("system.methodHelp", "add"), ("system.methodHelp", "hello"),
    ("system.methodHelp", "nope"), ("system.methodSignature", "add"), ("where",)]

REQUESTS = {f"call {name}{list(arguments)}": post(call(name, *arguments))
            for name, *arguments in CALLS}

REQUESTS |= {
    "no name": post(b"<methodCall><methodName></methodName><params/></methodCall>"),
    "multicall": multicall(entry("add", 2, 3), entry("hello")),
    "multicall of faults": multicall(entry("fault"), entry("nope")),
    "multicall in multicall": multicall(entry("system.multicall", [entry("add", 1, 1)])),
    "multicall of nothing": multicall(),
    "multicall without params": multicall({"methodName": "add"}),
    "multicall of a result that cannot be sent": multicall(entry("add", 1, 1), entry("none")),
    "multicall of a number": post(call("system.multicall", [1])),

    "path /": post(OK, path="/"), "path /x": post(OK, path="/x"),
    "path with a query": post(OK, path="/RPC2?x=1"), "path /RPC2/": post(OK, path="/RPC2/"),
    "path //RPC2": post(OK, path="//RPC2"), "path /pydoc.css": post(OK, path="/pydoc.css"),
    "path /a": post(call("where"), path="/a"), "path /b": post(call("where"), path="/b"),
    "path /c": post(call("where"), path="/c"),
    "GET": post(b"", method="GET", length=None), "PUT": post(OK, method="PUT"),
    "GET /": post(b"", method="GET", length=None, path="/"),
    "GET /x.css": post(b"", method="GET", length=None, path="/x.css"),

    "no length": post(OK, length=None), "length abc": post(OK, length="abc"),
    "length -1": post(OK, length="-1"), "length 0": post(OK, length="0"),
    "length too short": post(OK, length="10"), "length too long": post(OK, length="100000"),
    "length with plus": post(OK, length="+%d" % len(OK)), "no number": post(OK, length=""),
    "two lengths": post(OK, "Content-Length: 0"),
    "chunked": post(b"%x\r\n%s\r\n0\r\n\r\n" % (len(OK), OK), "Transfer-Encoding: chunked",
                    length=None, version="HTTP/1.1"),

    "empty": post(b""), "no XML": post(b"hello"), "cut off": post(OK[:-5]),
    "a response": post(xmlrpc.client.dumps((1,), methodresponse=True).encode()),
    "a fault": post(xmlrpc.client.dumps(xmlrpc.client.Fault(7, "x")).encode()),
    "no params": post(b"<methodCall><methodName>echo</methodName></methodCall>"),
    "no int": post((ONE % "<int>x</int>").encode()),
    "i8": post((ONE % "<i8>5000000000</i8>").encode()),
    "nil": post((ONE % "<nil/>").encode()),
    "untyped": post((ONE % " text ").encode()),
    "type of JSON": post(OK, "Content-Type: application/json"),
    "type of text": post(OK, "Content-Type: text/plain"),
    "Latin-1": post(xmlrpc.client.dumps(("\u20ac", "\xe9"), "echo", encoding="iso-8859-1").encode(
        "iso-8859-1", "xmlcharrefreplace")),

    "gzip": post(PACKED, "Content-Encoding: gzip"), "GZIP": post(PACKED, "Content-Encoding: GZIP"),
    "no gzip": post(OK, "Content-Encoding: gzip"),
    "gzip cut off": post(PACKED[:-4], "Content-Encoding: gzip"),
    "x-gzip": post(PACKED, "Content-Encoding: x-gzip"),
    "identity": post(OK, "Content-Encoding: identity"),
    "deflate": post(OK, "Content-Encoding: deflate"),
    "gzip twice": post(PACKED, "Content-Encoding: gzip, gzip"),
    "gzip bomb": post(gzip.compress(b" " * ((20 << 20) + 1), mtime=0), "Content-Encoding: gzip"),
    "keep-alive": post(OK, version="HTTP/1.1") + post(call("add", 3, 4), version="HTTP/1.1"),
    "expect": post(OK, "Expect: 100-continue", version="HTTP/1.1"),
}

for size in (1000, 1184, 1270, 5000):
    REQUESTS[f"{size} bytes, packed"] = post(call("big", size), "Accept-Encoding: gzip")
for field in ("gzip;q=0", "deflate, gzip ; q = 0.5", "*", "GZIP", "gzip;q=..", "identity"):
    REQUESTS[f"accept {field}"] = post(call("big", 5000), f"Accept-Encoding: {field}")
