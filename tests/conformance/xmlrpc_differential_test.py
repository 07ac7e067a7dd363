"""CPython's xmlrpc.server and ours, side by side: the same bytes, and whatever they mean to one server
they mean to the other.

Where they differ on purpose, INTENDED says so: in which words docs/from-python.md announces it, and
which test of ours proves what we do instead. An entry that differs in no mode is a failure too.
"""

import gzip
import unittest
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import servers
import xmlrpc_requests
from http_answers import take_answer, talk

TESTS = Path(__file__).resolve().parents[1]
DOCUMENT = TESTS.parent / "docs" / "from-python.md"


class Intended(NamedTuple):
    """A difference on purpose, the requests that show it, and the pitfall of the original."""

    announced: str  # in docs/from-python.md
    test: str  # the beginning of the name of one that proves our side
    names: list


# Only the text of the fault differs.
WORDS = Intended(
    "The text of a fault", "XR_092_",
    ["call add['a', 1]", "call add[1]", "call none[]", "call bigint[]", "call boom[]",
     "call exit[]", "call pub[]", "multicall without params", "multicall of a number", "length 0",
     "length too short", "empty", "no XML", "cut off", "no int", "i8", "nil"])

INTENDED = [
    Intended("An object that has a name is not called", "XR_088_", ["call ns[]"]),
    Intended("A result that cannot be sent** is a fault in its place", "XR_110_",  # P94
             ["multicall of a result that cannot be sent"]),
    Intended("A request without `Content-Length`", "XR_117_", ["no length"]),  # P80
    Intended("`Content-Length` that is no number", "XR_118_",  # P80, P81, P40
             ["length abc", "length -1", "length with plus", "no number", "two lengths"]),
    Intended("Messages in chunks", "XR_135_", ["chunked"]),  # P41
    Intended("A response or a fault that is sent as a request", "XR_095_",  # P79
             ["a response", "a fault"]),
    Intended("`Content-Type: application/json`", "XR_123_json", ["type of JSON"]),
    Intended("gzip data that is cut off", "XR_128_", ["gzip cut off"]),  # P83
    Intended("`Accept-Encoding` is read without regard to case", "XR_131_",  # P84, P85
             ["accept GZIP", "accept gzip;q=.."]),
    Intended("The documentation page", "XR_162_", ["GET", "GET /"]),
]

MODES = ["plain", "dotted", "dispatch", "http11", "multipath", "doc", "none"]


def meaning(body: bytes):
    """A fault by its contents; other answers as they are."""
    try:
        xmlrpc.client.loads(body)
    except xmlrpc.client.Fault as fault:
        return fault.faultCode, fault.faultString
    except Exception:  # no XML
        pass
    return body


def without_words(found: list) -> list:
    """The answers with the codes of their faults alone."""
    return [(*head, body[0] if isinstance(body, tuple) else body) for *head, body in found]


def answers(port: int, request: bytes) -> list:
    wire = talk(port, request)
    found = []
    while wire:
        answer, body, wire, _ = take_answer(wire, request.split()[0])
        fields = dict(answer.headers)
        if fields.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        found.append((answer.status, answer.reason if answer.status != 100 else "", fields,
                      meaning(body) if answer.status == 200 else None))
    return found


def names_of_tests() -> str:
    folder = TESTS / "unit" / "xmlrpc"
    return "".join(source.read_text() for source in folder.glob("*_test.cpp"))


class Differential(unittest.TestCase):
    maxDiff = None

    def test_every_mode(self):
        intended = {name for kind in INTENDED for name in kind.names}
        self.assertEqual(intended - xmlrpc_requests.REQUESTS.keys(), set())
        seen = set()
        for mode in MODES:
            with servers.running("xmlrpc", mode) as ours:
                with servers.running_reference("xmlrpc_server", mode) as theirs:
                    def play(name):
                        request = xmlrpc_requests.REQUESTS[name]
                        return name, answers(ours, request), answers(theirs, request)

                    with ThreadPoolExecutor(4) as pool:
                        results = list(pool.map(play, xmlrpc_requests.REQUESTS))
            for name, our_answers, their_answers in results:
                if our_answers != their_answers:
                    if name in intended:
                        seen.add(name)
                        continue
                    if name in WORDS.names:
                        seen.add(name)
                        our_answers, their_answers = map(without_words, (our_answers, their_answers))
                with self.subTest(f"{mode}: {name}"):
                    self.assertEqual(our_answers, their_answers)
        self.assertEqual(intended | set(WORDS.names), seen, "no difference any more")

    def test_differences_are_announced_and_tested(self):
        document = " ".join(DOCUMENT.read_text().split())
        tests = names_of_tests()
        for kind in [WORDS, *INTENDED]:
            with self.subTest(kind.announced):
                self.assertIn(kind.announced, document)
                self.assertIn(kind.test, tests)


if __name__ == "__main__":
    unittest.main()
