"""Sends raw bytes to an HTTP server and takes apart what comes back, so that two servers' answers can
be compared: as what they mean, not as the words of their pages."""

import html
import re
import socket
from typing import NamedTuple

PATIENCE = 20

STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3}) ([^\r\n]*)\r\n")
WITHOUT_BODY = {100, 204, 304}

# Differ from server to server, or are checked elsewhere: `is_open` is what Connection comes to.
VOLATILE = {"date", "server", "connection", "content-length"}


class Answer(NamedTuple):
    version: str
    status: int
    reason: str
    headers: tuple  # of (name in lower case, value), sorted
    has_length: bool
    body: object


class Outcome(NamedTuple):
    """What a connection came to."""

    answers: tuple
    is_open: bool  # another request on it was answered
    problems: tuple  # what is wrong with an answer by itself


def talk(port: int, data: bytes) -> bytes:
    """Sends `data` and ends the stream; everything that comes until the server has closed."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all of it was sent
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            pass  # closed with input unread
    return received


def outcome(port: int, data: bytes, probe: bytes, probe_body: bytes) -> Outcome:
    """Sends a request, and `probe` behind it: its answer has `probe_body` in its body, and says that
    the connection was still open and the first request had ended where it should."""
    wire = talk(port, data + probe)
    methods = re.findall(rb"(?:\A|(?<=\r\n\r\n))([A-Z]+) ", data)
    answers, problems, is_open = [], [], False
    while wire:
        method = methods[len(answers)] if len(answers) < len(methods) else b"GET"
        answer, body, wire, found = take_answer(wire, method)
        problems += found
        if isinstance(body, bytes) and probe_body and probe_body in body:
            is_open = True
            break
        if answer.status == 100 and methods:
            methods.insert(len(answers), b"")  # the final answer is still to come
        answers.append(answer)
    if wire:
        problems.append(f"more after the last answer: {wire[:80]!r}")
    return Outcome(tuple(answers), is_open, tuple(problems))


def take_answer(wire: bytes, method: bytes):
    """The first answer of `wire`, its body as sent, what follows, and the list of what is wrong."""
    status_line = STATUS_LINE.match(wire)
    if not status_line:
        # Without a head: up to the next answer that has one.
        following = STATUS_LINE.search(wire)
        body, rest = (wire[:following.start()], wire[following.start():]) if following else (wire, b"")
        return Answer("", 0, "", (), False, reduced_body(body, "", 0)), body, rest, []
    version, status, reason = status_line[1].decode(), int(status_line[2]), status_line[3]
    # What CGI scripts write, CPython passes on as it is.
    head, rest = (re.split(rb"\r?\n\r?\n", wire, maxsplit=1) + [b""])[:2]
    fields = []
    for line in re.split(rb"\r?\n", head)[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        fields.append((name.lower(), value.strip()))
    headers = dict(fields)
    problems = head_problems(status, headers)
    if not wire.startswith(head + b"\r\n\r\n") or re.search(rb"(?<!\r)\n", head):
        problems.append("lines that do not end in CRLF")

    if method == b"HEAD" or status in WITHOUT_BODY:
        body = b""
    elif headers.get("transfer-encoding") == "chunked":
        body, rest, well = dechunked(rest)
        problems += [] if well else ["broken chunks"]
    elif "content-length" in headers:
        length = int(headers["content-length"])
        body, rest = rest[:length], rest[length:]
        if len(body) < length:
            problems.append("a body shorter than its length")
    else:
        following = re.search(rb"HTTP/\d\.\d \d{3} ", rest) if status == 205 else None
        cut = following.start() if following else len(rest)
        body, rest = rest[:cut], rest[cut:]

    kept = tuple(sorted(
        (name, value) for name, value in fields
        if name not in VOLATILE and not (status >= 400 and name == "content-type")))
    answer = Answer(version, status, reduced_reason(reason.decode("latin-1")), kept,
                    "content-length" in headers,
                    reduced_body(body, headers.get("content-type", ""), status))
    return answer, body, rest, problems


def head_problems(status: int, headers: dict) -> list:
    """What no answer may be, whatever the other server does."""
    if status < 200:
        return []
    problems = []
    if not re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers.get("date", "")):
        problems.append("no proper Date")
    if "server" not in headers:
        problems.append("no Server")
    if "transfer-encoding" in headers and "content-length" in headers:
        problems.append("two framings")
    return problems


def dechunked(data: bytes):
    """The body, what follows, and whether the framing was right."""
    body = b""
    while line := re.match(rb"([0-9a-fA-F]+)\r\n", data):
        size = int(line[1], 16)
        data = data[line.end():]
        if size == 0:
            return body, data[2:], data.startswith(b"\r\n")
        body += data[:size]
        if data[size:size + 2] != b"\r\n":
            break
        data = data[size + 2:]
    return body, b"", False


def reduced_reason(reason: str) -> str:
    """Quotes of the request are written differently in Python and in C++; Python 3.13 took over the
    phrases of RFC 9110."""
    reason = re.sub(r"'[^']*'|\"[^\"]*\"", "<quoted>", reason)
    return {
        "Request-URI Too Long": "URI Too Long",
        "Request Entity Too Large": "Content Too Large",
        "Requested Range Not Satisfiable": "Range Not Satisfiable",
    }.get(reason, reason)


def reduced_body(body: bytes, content_type: str, status: int):
    """Pages that each server words for itself become what they say."""
    text = body.decode("latin-1")
    if status >= 400 or (not status and "rror" in text):
        # One of another status would be a mistake in either.
        codes = set(re.findall(r"\b[1-9]\d\d\b", html.unescape(text)))
        return "error page" if not text or str(status or 400) in codes else text
    if "Directory listing for" in text:
        title = re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)[1]
        return title, tuple(sorted(re.findall(r'<a href="([^"]*)">(.*?)</a>', text)))
    if "GATEWAY_INTERFACE=" in text:
        return reduced_environment(text)
    return text


# Variables of a CGI script that mean the same to both servers, also that they are not set, and what
# the script says of its arguments and its user.
SAME_VARIABLES = (
    "GATEWAY_INTERFACE", "SERVER_PROTOCOL", "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO",
    "PATH_TRANSLATED", "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "AUTH_TYPE", "REMOTE_USER",
    "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_ACCEPT", "HTTP_REFERER", "HTTP_USER_AGENT", "HTTP_COOKIE",
    "HTTP_PROXY", "HTTP_AUTHORIZATION", "ARGUMENTS", "UID")

# Those that each server has a value of its own for.
OWN_VARIABLES = ("SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE", "PATH")


def reduced_environment(text: str):
    """What a script says that shows its environment. Of what else CPython hands down of its own
    environment, and ours adds of the request, the other has nothing; that, the working directory, and
    that CPython keeps the groups of root, is in docs/from-python.md."""
    variables = dict(line.split("=", 1) for line in text.splitlines())
    said = {name: variables.get(name) for name in SAME_VARIABLES}
    if not variables["PATH_INFO"]:
        del said["PATH_TRANSLATED"]  # RFC 3875 §4.1.6: unset; CPython names the root
    said |= {name: bool(variables.get(name)) for name in OWN_VARIABLES}
    return tuple(sorted(said.items()))
