"""secret_server and secret_client against their transcript (E27)."""

from concurrent.futures import ThreadPoolExecutor
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask, run  # noqa: E402


class Secret(unittest.TestCase):
    def guess(self, server: ExampleServer, guess: object) -> str:
        status, out, err = run("secret_client", guess, server.port)
        self.assertEqual((status, err), (0, ""))
        return out

    def test_E27_transcript(self):
        for switches in ([], ["--threading"]):
            with (self.subTest(switches),
                  ExampleServer("secret_server", 0, "--secret", 7, *switches) as server):
                self.assertEqual(server.stdout.readline(), "the secret is 7")
                for guess, answer in ((3, "wrong"), (7, "right"), (7, "secret found"),
                                      (1, "secret found")):
                    self.assertEqual(self.guess(server, guess), answer + "\n")
                    self.assertEqual(server.stdout.readline(),
                                     f"127.0.0.1 guessed {guess}: {answer}")

    def test_E27_not_a_number(self):
        with ExampleServer("secret_server", 0, "--secret", 7) as server:
            for guess in ("seven", "7 7", "", "-7", "07"):
                self.assertEqual(self.guess(server, guess), "wrong\n")

    def test_E27_one_of_many_is_the_first(self):
        with (ExampleServer("secret_server", 0, "--secret", 7, "--threading") as server,
              ThreadPoolExecutor(8) as clients):
            answers = list(clients.map(lambda _: ask(server.port, b"7\n"), range(8)))
            self.assertEqual(sorted(answers), [b"right"] + [b"secret found"] * 7)

    def test_E27_processes_have_no_common_memory(self):
        with ExampleServer("secret_server", 0, "--secret", 7, "--forking") as server:
            answers = [self.guess(server, guess) for guess in (3, 7, 7, 1)]
            self.assertEqual(answers, ["wrong\n", "right\n", "right\n", "wrong\n"])

    def test_E27_a_secret_of_its_own(self):
        with ExampleServer("secret_server", 0, "--max", 3) as server:
            secret = int(server.stdout.readline().removeprefix("the secret is "))
            self.assertIn(secret, (1, 2, 3))
            self.assertEqual(self.guess(server, secret), "right\n")


if __name__ == "__main__":
    unittest.main()
