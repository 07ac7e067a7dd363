"""web_guess against its transcript (E28)."""

from concurrent.futures import ThreadPoolExecutor
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask  # noqa: E402


class WebGuess(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(ExampleServer("web_guess", 0, "--secret", "python"))

    def get(self, target: str) -> tuple[str, str]:
        """Asks for a page; its status line and its text."""
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        head, _, page = ask(self.server.port, request.encode()).partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        self.assertTrue(any(field.startswith("Content-Type: text/html") for field in fields))
        return status, page.decode()

    def check(self, target: str, text: str):
        status, page = self.get(target)
        self.assertEqual(status, "HTTP/1.1 200 OK")
        self.assertIn(f"<p>{text}</p>", page)

    def test_E28_transcript(self):
        for guess, answer in (("perl", "wrong"), ("python", "right"), ("python", "secret found"),
                              ("perl", "secret found")):
            self.check("/" + guess, f"{guess}: {answer}")
        self.assertIn('"GET /perl HTTP/1.1" 200 -', self.server.stderr.readline())

    def test_E28_the_game_is_explained(self):
        status, page = self.get("/")
        self.assertEqual(status, "HTTP/1.1 200 OK")
        self.assertIn("Guess my word", page)

    def test_E28_icons_are_no_guesses(self):
        with ExampleServer("web_guess", 0, "--secret", "favicon.ico") as self.server:
            self.assertEqual(self.get("/favicon.ico")[0], "HTTP/1.1 404 Not Found")
            self.check("/perl", "perl: wrong")

    def test_E28_guesses_are_decoded_and_without_query(self):
        self.check("/perl?python", "perl: wrong")
        self.check("/python/", "python/: wrong")
        self.check("/%70yth%6fn?x=1", "python: right")

    def test_E28_guesses_are_escaped(self):
        self.check("/%3Cscript%3E&", "&lt;script&gt;&amp;: wrong")

    def test_E28_one_of_many_is_the_first(self):
        with ThreadPoolExecutor(8) as clients:
            pages = list(clients.map(lambda _: self.get("/python")[1], range(8)))
        self.assertEqual(sum("python: right" in page for page in pages), 1)
        self.assertEqual(sum("python: secret found" in page for page in pages), 7)

    def test_E28_a_secret_of_its_own(self):
        with ExampleServer("web_guess", 0) as self.server:
            self.check("/no%20such%20word", "no such word: wrong")


if __name__ == "__main__":
    unittest.main()
