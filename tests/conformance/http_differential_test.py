"""CPython's http.server and ours, side by side: the same bytes, and whatever they mean to one server
they mean to the other.

Where they differ on purpose, INTENDED says so, once for a kind of difference: in which words
docs/from-python.md announces it, and which test of ours proves what we do instead. An entry that no
longer differs is a failure too.
"""

import http.server
import os
import re
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import http_requests
import http_trees
import servers
from http_answers import Outcome, outcome

TESTS = Path(__file__).resolve().parents[1]
DOCUMENT = TESTS.parent / "docs" / "from-python.md"

TOOL = Path(os.environ["BIN_DIR"], "socketserver")

PROBE = http_requests.get("/probe")
PROBE_TOLD = b"P='/probe'"  # in the answer to it


class Intended(NamedTuple):
    """A difference on purpose, and the requests that show it."""

    announced: str  # in docs/from-python.md
    test: str  # the beginning of the name of one that proves our side
    names: list


TOLD_BOTH = [
    Intended("At\n  most one empty line is skipped before it", "HT_006_",
             ["empty line first", "only an empty line"]),
    Intended("A refused request is answered with a status line", "HT_017_",
             ["eleven digits", "version beyond all", "2.0", "9.9", "three numbers",
              "no minor number", "empty minor number", "signed version",
              "underscore in the version", "lower-case version", "superscript version",
              "no version at all", "one word", "four words, no version", "0.9 POST"]),
    Intended("Only blanks and tabs separate the words of a request line", "HT_004_",
             ["vertical tab", "form feed", "unit separator", "next line", "no-break space"]),
    Intended("100 headers are 100", "HT_031_", ["100 headers"]),
    Intended("folded headers, headers without colon, bare CR", "HT_036_",
             ["line without colon", "blank before the colon", "folded header",
              "folded first header", "bare carriage return"]),
    Intended("exactly one Host in HTTP/1.1", "HT_044_", ["no Host"]),
    Intended("A connection that ends inside the head", "HT_041_",
             ["end within the headers", "end within the line"]),
    Intended("Blanks around the value of a header", "add_line_trims", ["blanks around a value"]),
]

TOLD_11 = [
    Intended("`Connection`** is read as a list", "HT_048_", ["close in a list"]),
    Intended("what a handler leaves unread never becomes the next\n  request", "HT_055_",
             ["unread body"]),
    Intended("a missing Content-Length is added", "HT_089_", ["error 205"]),
    Intended("A method that writes without `send_response()`", "handler_may_write_everything_itself",
             ["response without head"]),
]

FILES = [
    Intended("Names that begin with a dot", "HT_140_", ["GET /", "GET /../", "GET /?x=%3Cscript%3E", "GET /.hidden"]),
    Intended("A slash may be written `%2F`", "HT_108_",
             ["GET /test%2f", "GET /test%2F", "GET /sub%2f"]),
    Intended("its title is the path without the query", "HT_141_", ["GET /sub/?a=1"]),
    Intended("Symbolic links that leave the directory", "HT_124_", ["GET /outside"]),
    Intended("A redirect** is always a path", "HT_114_", ["GET sub", "GET http://evil.example/sub"]),
    Intended("A NUL in the path", "HT_120_", ["GET /test%00"]),
    Intended("File names are bytes", "HT_121_", ["GET /bad%ff.txt"]),
    Intended("POST, PUT, PATCH and DELETE are 405", "HT_151_",
             ["PUT /new", "POST /file.txt", "DELETE /file.txt", "PATCH /file.txt"]),
    Intended("`If-Modified-Since` with a zone", "HT_155_",
             ["changed since then in +0200", "changed since then in EST"]),
    Intended("`If-None-Match`, `If-Match`", "HT_153_", ["changed since, and any tag"]),
    Intended("Byte ranges", "HT_158_", ["range"]),
]

# Behind each: which pitfall of CPython's it avoids.
CGI = [
    Intended("The head of a script's output is read", "HT_188_", ["GET /cgi-bin/status.sh"]),  # P56
    Intended("a head without any of them is 500", "no_head",
             ["GET /cgi-bin/exit.sh", "GET /cgi-bin/kill.sh"]),  # P56
    Intended("A script that cannot be run** is 500", "HT_170_",
             ["GET /cgi-bin/nothing-to-run", "GET /cgi-bin/no-interpreter"]),  # P52
    Intended("`..` above the root** is 400", "HT_192_", ["GET /../cgi-bin/env.sh"]),  # P59
    Intended("The path of a script** is decoded once", "HT_193_",
             ["GET /cgi-bin/env.sh%3fa=b", "GET /cgi-bin/%2565nv.sh"]),  # P60
    Intended("SERVER_PROTOCOL** is that of the request", "HT_174_", ["1.1"]),
    Intended("cookies are joined with `\"; \"`", "HT_178_", ["two cookies"]),  # P54
    Intended("A password with a colon", "HT_179_", ["password with a colon"]),  # P55
    Intended("HEAD** gets no body", "HT_190_", ["HEAD"]),  # P58
    Intended("POST to a file** is 405", "HT_184_", ["POST to a file"]),
]

# As above, where the server's own environment has what could be taken for a part of the request.
CGI_INHERITED = [
    Intended("The environment** has the request's variables, set anew", "HT_175_",
             ["GET /cgi-bin/env.sh"]),  # P53
]

# Headers that ours adds, and the words of the document.
ADDED = {
    "etag": "Files have an `ETag`",
    "accept-ranges": "Byte ranges",
    "cache-control": "`Cache-Control: no-cache`",
    "vary": "is sent for `a.js` to who accepts it",
    "content-security-policy": "A listing",
    "x-content-type-options": "A listing",
}


def without_added(result: Outcome) -> Outcome:
    """As CPython would have sent it."""
    answers = tuple(
        answer._replace(headers=tuple(x for x in answer.headers if x[0] not in ADDED))
        for answer in result.answers)
    return result._replace(answers=answers)


def names_of_tests() -> set[str]:
    return {name for source in TESTS.rglob("*.cpp")
            for name in re.findall(r"^TEST(?:_F)?\(\w+,\s*(\w+)\)", source.read_text(), re.MULTILINE)}


class Differential(unittest.TestCase):
    maxDiff = None

    def compare(self, ours: int, theirs: int, requests: dict, intended: list, probe: bytes,
                probe_told: bytes, at_a_time: int = 8):
        """Plays all requests to both; what differs must be intended, and what is intended, differ."""
        different = {name for kind in intended for name in kind.names}
        self.assertEqual(different - requests.keys(), set(), "names that no request has")

        def play(name):
            behind = b"" if name in http_requests.TOLD_ENDS else probe
            return [outcome(port, requests[name], behind, probe_told) for port in (ours, theirs)]

        # One after the other would be as good; several at once make sure that none sees another's.
        with ThreadPoolExecutor(at_a_time) as pool:
            results = dict(zip(requests, pool.map(play, requests)))
        for name, (our_result, reference) in results.items():
            with self.subTest(name):
                self.assertEqual(our_result.problems, ())
                our_result = without_added(our_result)
                reference = reference._replace(problems=())
                if name in different:
                    self.assertNotEqual(our_result, reference, "no difference any more")
                else:
                    self.assertEqual(our_result, reference)

    def check_told(self, protocol: str, intended: list):
        requests = http_requests.TOLD | http_requests.TOLD_ENDS
        with servers.running("oracle_base", "0", protocol) as ours:
            with servers.running_reference("http_server", "told", protocol) as theirs:
                self.compare(ours, theirs, requests, intended, PROBE, PROBE_TOLD)

    def check_scripts(self, environment: dict, requests: dict, intended: list):
        environment = environment | {"PATH": "/usr/bin:/bin"}
        with tempfile.TemporaryDirectory() as folder:
            http_trees.make_scripts(Path(folder))
            with servers.running_tool("--cgi", "-d", folder, "--protocol", "HTTP/1.0",
                                      env=environment) as ours:
                with servers.running_python("--cgi", "-d", folder, env=environment) as theirs:
                    # CPython forks beside its threads, and a child that then reports an error waits
                    # for ever now and then.
                    self.compare(ours, theirs, requests, intended, b"", b"", at_a_time=1)

    def test_requests_of_a_1_1_server(self):
        self.check_told("HTTP/1.1", TOLD_BOTH + TOLD_11)

    def test_requests_of_a_1_0_server(self):
        self.check_told("HTTP/1.0", TOLD_BOTH)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            http_trees.make_files(Path(folder))
            with servers.running("files", folder) as ours:
                with servers.running_reference(
                        "http_server", "files", "HTTP/1.1", folder) as theirs:
                    self.compare(ours, theirs, http_requests.FILES, FILES, PROBE, http_trees.PROBE)

    @unittest.skipUnless(hasattr(http.server, "CGIHTTPRequestHandler"), "this Python has no CGI")
    @unittest.skipUnless(TOOL.exists(), "the tool is not built")
    def test_scripts(self):
        self.check_scripts({}, http_requests.CGI, CGI)

    @unittest.skipUnless(hasattr(http.server, "CGIHTTPRequestHandler"), "this Python has no CGI")
    @unittest.skipUnless(TOOL.exists(), "the tool is not built")
    def test_scripts_of_a_server_with_an_environment(self):
        names = ("HTTP_COOKIE", "HTTP_REFERER", "HTTP_USER_AGENT", "CONTENT_LENGTH", "REMOTE_HOST",
                 "REMOTE_USER", "HTTP_PROXY")
        self.check_scripts(dict.fromkeys(names, "inherited"), {
            name: http_requests.CGI[name] for name in ("GET /cgi-bin/env.sh", "GET /cgi-bin/none.sh")
        }, CGI_INHERITED)

    def test_differences_are_announced_and_tested(self):
        document = DOCUMENT.read_text()
        tests = names_of_tests()
        for kind in TOLD_BOTH + TOLD_11 + FILES + CGI + CGI_INHERITED:
            with self.subTest(kind.announced):
                self.assertIn(kind.announced, document)
                self.assertTrue(any(kind.test in name for name in tests), kind.test)
        for header, announced in ADDED.items():
            with self.subTest(header):
                self.assertIn(announced, document)


if __name__ == "__main__":
    unittest.main()
