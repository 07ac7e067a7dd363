"""What is sent to two servers to compare their answers. Each request has a name for failures and for
the lists of intended differences."""

CRLF = b"\r\n"


def request(line: str, *headers: str, body: bytes = b"", host: bool = True) -> bytes:
    """One request; with a Host header when it is one of HTTP/1.1 and `host` does not say no."""
    fields = ["Host: x"] if host and line.endswith("HTTP/1.1") else []
    lines = [line, *fields, *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def get(target: str, *headers: str) -> bytes:
    return request(f"GET {target} HTTP/1.1", *headers)


NEXT = get("/next")

# For a handler that tells what it made of the request.
TOLD = {
    # Request lines.
    "1.0": request("GET / HTTP/1.0"),
    "1.1": get("/"),
    "1.2": request("GET / HTTP/1.2", "Host: x"),
    "1.10": request("GET / HTTP/1.10", "Host: x"),
    "01.01": request("GET / HTTP/01.01", "Host: x"),
    "ten digits": request("GET / HTTP/1.1234567890", "Host: x"),
    "eleven digits": request("GET / HTTP/1.12345678901", "Host: x"),
    "version beyond all": request("GET / HTTP/909876543210.0"),
    "2.0": request("GET / HTTP/2.0"),
    "9.9": request("GET / HTTP/9.9"),
    "three numbers": request("GET / HTTP/9.9.9"),
    "no minor number": request("GET / HTTP/1"),
    "empty minor number": request("GET / HTTP/1."),
    "signed version": request("GET / HTTP/+1.1"),
    "underscore in the version": request("GET / HTTP/1_0.1"),
    "lower-case version": request("GET / http/1.1"),
    "superscript version": request("GET / HTTP/1.\xb2"),
    "no version at all": request("GET / FUBAR"),
    "one word": request("GET"),
    "four words": request("GET / x HTTP/1.1"),
    "four words, no version": request("GET / x FOO/1.1"),
    "line feeds alone": b"GET / HTTP/1.1\nHost: x\n\n",
    "two carriage returns": b"GET / HTTP/1.1\r\r\nHost: x\r\n\r\n",
    "empty line first": CRLF + get("/"),
    "only an empty line": CRLF,
    "only blanks": b"   \r\n",
    "many blanks": b"GET    /   HTTP/1.1  \r\nHost: x\r\n\r\n",
    "tabs": b"GET\t/\tHTTP/1.1\r\nHost: x\r\n\r\n",
    "vertical tab": b"GET /a\x0bHTTP/1.1\r\nHost: x\r\n\r\n",
    "form feed": b"GET /a\x0cHTTP/1.1\r\nHost: x\r\n\r\n",
    "unit separator": b"GET /a\x1fHTTP/1.1\r\nHost: x\r\n\r\n",
    "next line": b"GET /a\x85HTTP/1.1\r\nHost: x\r\n\r\n",
    "no-break space": b"GET /a\xa0HTTP/1.1\r\nHost: x\r\n\r\n",
    # Targets.
    "two slashes": get("//evil.example/x"),
    "three slashes": get("///a//b"),
    "absolute form": get("http://h/p?q"),
    "asterisk": request("OPTIONS * HTTP/1.1"),
    "authority form": request("CONNECT h:80 HTTP/1.1"),
    "NUL": b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes": b"GET /\xe9\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "quotes": get("/'\"\\"),
    "query and fragment": get("/a?b=c#d"),
    "longest line": b"GET /" + b"a" * 65520 + b" HTTP/1.0\r\n\r\n",
    "line too long": b"GET /" + b"a" * 65521 + b" HTTP/1.0\r\n\r\n",
    # HTTP/0.9.
    "0.9": b"GET /\r\n\r\n",
    "0.9 without an empty line": b"GET /\r\n",
    "0.9 POST": b"POST /\r\n\r\n",
    "0.9 by name": b"GET / HTTP/0.9\r\n\r\n",
    # Methods.
    "HEAD": request("HEAD / HTTP/1.1"),
    "unknown method": request("FOO / HTTP/1.1"),
    "lower-case method": request("get / HTTP/1.1"),
    "attribute as method": request("__class__ / HTTP/1.1"),
    "markup as method": request('<script>alert("hello")</script> / HTTP/1.1'),
    "quote in the method": request("F'O / HTTP/1.1"),
    "bytes in the method": request("F\xe9 / HTTP/1.1"),
    "control character in the method": request("F\x01 / HTTP/1.1"),
    # Headers.
    "99 headers": request("GET / HTTP/1.0", *["X: y"] * 99),
    "100 headers": request("GET / HTTP/1.0", *["X: y"] * 100),
    "101 headers": request("GET / HTTP/1.0", *["X: y"] * 101),
    "longest header": request("GET / HTTP/1.0", "X: " + "r" * 65531),
    "header too long": request("GET / HTTP/1.0", "X: " + "r" * 65532),
    "repeated header": request("GET / HTTP/1.0", "X: 1", "x: 2"),
    "empty header": request("GET / HTTP/1.0", "X:"),
    "blanks around a value": request("GET / HTTP/1.0", "X: \t a b \t"),
    "colon in a value": request("GET / HTTP/1.0", "X: a:b"),
    "bytes in a header": request("GET / HTTP/1.0", "X: \xc4rger"),
    "line without colon": request("GET / HTTP/1.0", "X y", "A: b"),
    "blank before the colon": request("GET / HTTP/1.0", "X : y", "A: b"),
    "folded header": request("GET / HTTP/1.0", "X: a", "  b", "A: b"),
    "folded first header": request("GET / HTTP/1.0", " X: a", "A: b"),
    "bare carriage return": request("GET / HTTP/1.0", "X: a\rY: b", "A: c"),
    "no Host": request("GET / HTTP/1.1", host=False),
    # Connections.
    "close": get("/", "Connection: close"),
    "close, other case": get("/", "connection: CLOSE"),
    "close in a list": get("/", "Connection: close, TE"),
    "keep-alive of 1.0": request("GET / HTTP/1.0", "Connection: keep-alive"),
    "two requests": get("/a") + get("/b"),
    "unread body": request("GET / HTTP/1.1", "Content-Length: 5", body=b"hello"),
    "kept open by the handler": request("KEEP / HTTP/1.0"),
    "no response": request("NORESP / HTTP/1.1"),
    "response without head": request("RAW / HTTP/1.1"),
    "method that throws": request("RAISE / HTTP/1.1"),
    # Bodies.
    "body": request("POST / HTTP/1.1", "Content-Length: 5", body=b"hello"),
    "empty body": request("POST / HTTP/1.1", "Content-Length: 0"),
    "no length": request("POST / HTTP/1.1"),
    "go-ahead": request("POST / HTTP/1.1", "Expect: 100-continue", "Content-Length: 2", body=b"hi"),
    "go-ahead, other case": get("/", "Expect: 100-CONTINUE"),
    "go-ahead of 1.0": request("GET / HTTP/1.0", "Expect: 100-continue"),
    "other expectation": get("/", "Expect: spam"),
    # Errors.
    "error 404": request("ERR404 / HTTP/1.1"),
    "error 204": request("ERR204 / HTTP/1.1"),
    "error 205": request("ERR205 / HTTP/1.1"),
    "error 304": request("ERR304 / HTTP/1.1"),
    "error 999": request("ERR999 / HTTP/1.1"),
    "error with texts": request("ERRMSG / HTTP/1.1"),
}

# What ends before the request has: nothing can follow.
TOLD_ENDS = {
    "end within the headers": b"GET / HTTP/1.0\r\nX: y\r\n",
    "end within the line": b"GET / HTTP/1.0",
    "nothing": b"",
}

# For a handler of files; `tree` below is what it serves.
FILES = {
    f"GET {target}": get(target) for target in [
        "/", "/test", "/test/", "/test%2f", "/test%2F", "/test%20", "/test%00", "/te%73t", "/test?x=1",
        "/test#frag", "/test?a=b#c", "/sub", "/sub/", "/sub%2f", "/sub?x=1", "/sub?", "/sub#f",
        "/sub?a#b", "/sub;p", "/sub/?a=1", "/idx", "/idx/", "/idxdir/", "/nope", "/nope/", "/..", "/../",
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/sub/../test",
        "/sub/%2e%2e/test", "/sub%2f%2e%2e%2ftest", "/./test", "//test", "///sub", "test", "sub",
        "http://evil.example/sub", "/evil.example/..%2f..%2fsub", "/%0d%0aX:%20y/../sub", "/test\\..",
        "/%ff", "/bad%ff.txt", "/%C3%B1and%C3%BA.txt", "/we%20ird%20%26%20%3Cb%3E",
        "/we%20ird%20%26%20%3Cb%3E/", "/qa%3f/", "/qa%3F", "/%3Cb%3E/", "/?x=%3Cscript%3E", "/link.txt",
        "/linkdir", "/linkdir/", "/outside", "/dangling", "/.hidden", "/file.txt", "/a.tar.gz", "/b.Z",
        "/c.gz", "/d.bz2", "/e.xz", "/f.html", "/g.HTML", "/h.py", "/i.unknown", "/j.svgz", "/k.js",
        "/l.json", "/m.wasm", "/n.tgz", "/o.css", "/p.png", "/q.txt.", "/empty",
    ]
} | {
    f"{method} {target}": request(f"{method} {target} HTTP/1.1") for method, target in [
        ("HEAD", "/"), ("HEAD", "/file.txt"), ("HEAD", "/sub"), ("HEAD", "/nope"), ("PUT", "/new"),
        ("POST", "/file.txt"), ("DELETE", "/file.txt"), ("PATCH", "/file.txt"), ("OPTIONS", "/"),
        ("TRACE", "/"), ("FOO", "/"),
    ]
} | {
    f"changed since {name}": get("/file.txt", f"If-Modified-Since: {date}") for name, date in {
        "then": "Thu, 02 Jan 2020 03:04:05 GMT", "before": "Thu, 02 Jan 2020 03:04:04 GMT",
        "after": "Fri, 03 Jan 2020 03:04:05 GMT", "then in RFC 850": "Thursday, 02-Jan-20 03:04:05 GMT",
        "then as asctime": "Thu Jan  2 03:04:05 2020", "then in -0000": "Thu, 02 Jan 2020 03:04:05 -0000",
        "then in +0000": "Thu, 02 Jan 2020 03:04:05 +0000", "then in UTC": "Thu, 02 Jan 2020 03:04:05 UTC",
        "then in Z": "Thu, 02 Jan 2020 03:04:05 Z", "then in no zone": "Thu, 02 Jan 2020 03:04:05",
        "then without weekday": "02 Jan 2020 03:04:05 GMT", "junk": "yesterday", "nothing": "",
        "then in +0200": "Thu, 02 Jan 2020 05:04:05 +0200", "then in EST": "Wed, 01 Jan 2020 22:04:05 EST",
        "day 42": "Thu, 42 Jan 2020 03:04:05 GMT", "year 99999": "Thu, 02 Jan 99999 03:04:05 GMT",
    }.items()
} | {
    "changed since, HEAD": request("HEAD /file.txt HTTP/1.1",
                                   "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT"),
    "changed since, and any tag": get("/file.txt", "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT",
                                      "If-None-Match: *"),
    "changed since, and another tag": get("/file.txt", 'If-None-Match: "x"',
                                          "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT"),
    "another tag": get("/file.txt", 'If-None-Match: "x"'),
    "range": get("/file.txt", "Range: bytes=1-2"),
    "0.9": b"GET /file.txt\r\n",
    "1.0": request("GET /file.txt HTTP/1.0"),
}

# For CGI scripts; http_trees has them.
CGI = {
    f"GET {target}": request(f"GET {target} HTTP/1.0") for target in [
        "/cgi-bin/env.sh", "/cgi-bin/env.sh?a=b", "/cgi-bin/env.sh?one+two", "/cgi-bin/env.sh?a=b?c=d",
        "/cgi-bin/env.sh?", "/cgi-bin/env.sh?one%20two", "/cgi-bin/env.sh?k=aa%2F%2Fbb&//q",
        "/cgi-bin/env.sh/more/path%20x?q=1", "/cgi-bin/env.sh/more/", "/cgi-bin/env.sh/",
        "/cgi-bin/below/env.sh", "/cgi-bin%2fenv.sh", "cgi-bin/env.sh", "/htbin/env.sh",
        "/sub/cgi-bin/env.txt", "/CGI-BIN/env.sh", "/cgi-bin", "/cgi-bin?a=b", "/cgi-bin/",
        "/cgi-bin/below", "/cgi-bin/below/", "/cgi-bin/none.sh", "/cgi-bin/none.sh/more?a=b",
        "/cgi-bin/noexec.sh", "/cgi-bin/exit.sh", "/cgi-bin/kill.sh", "/cgi-bin/errors.sh",
        "/cgi-bin/status.sh", "/cgi-bin/nothing-to-run", "/cgi-bin/no-interpreter", "/plain.txt",
        "/x/../cgi-bin/env.sh", "/cgi-bin/../plain.txt", "/../cgi-bin/env.sh",
        "///////plain.txt/../cgi-bin/none.sh", "/cgi-bin/./env.sh", "/cgi-bin//env.sh",
        "/cgi-bin/..%2fplain.txt", "/cgi-bin/env.sh%3fa=b", "/cgi-bin/%65nv.sh", "/cgi-bin/%2565nv.sh",
    ]
} | {
    "HEAD": request("HEAD /cgi-bin/env.sh HTTP/1.0"),
    "HEAD of none": request("HEAD /cgi-bin/none.sh HTTP/1.0"),
    "body": request("POST /cgi-bin/up.sh HTTP/1.0", "Content-Length: 5",
                    "Content-Type: application/x-www-form-urlencoded", body=b"hello"),
    "more than the body": request("POST /cgi-bin/up.sh HTTP/1.0", "Content-Length: 5",
                                  body=b"helloEXTRA"),
    "variables of a body": request("POST /cgi-bin/env.sh?a=b HTTP/1.0", "Content-Length: 5",
                                   "Content-Type: text/x", body=b"hello"),
    "no length": request("POST /cgi-bin/env.sh HTTP/1.0"),
    "POST to a file": request("POST /plain.txt HTTP/1.0", "Content-Length: 0"),
    "PUT": request("PUT /cgi-bin/env.sh HTTP/1.0"),
    "fields": request("GET /cgi-bin/env.sh HTTP/1.0", "User-Agent: UA", "Referer: R", "Cookie: a=1",
                      "Accept: text/html", "ACCEPT: text/plain", "X-Custom: zz",
                      "Authorization: Basic dXNlcjpwYXNz", "Proxy: http://evil.example",
                      "Content-Type: text/x", "Host: h"),
    "two cookies": request("GET /cgi-bin/env.sh HTTP/1.0", "Cookie: a=1", "Cookie: b=2"),
    "password with a colon": request("GET /cgi-bin/env.sh HTTP/1.0",
                                     "Authorization: Basic dXNlcjpwYTpzcw=="),
    "broken base64": request("GET /cgi-bin/env.sh HTTP/1.0", "Authorization: Basic !!!"),
    "digest": request("GET /cgi-bin/env.sh HTTP/1.0", "Authorization: Digest abc"),
    "digest of three words": request("GET /cgi-bin/env.sh HTTP/1.0",
                                     "Authorization: Digest a=b, c=d"),
    "1.1": get("/cgi-bin/env.sh"),
}
