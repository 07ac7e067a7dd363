"""Two thousand clients at once that are slow for ever, with heads, bodies or answers, and honest ones
beside them, each of which is served."""

import itertools
import multiprocessing
import resource
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import attackers  # noqa: E402
from program import FULL_SIZE, PATIENCE, Program  # noqa: E402

ATTACKERS = 2000 if FULL_SIZE else 200
HONEST = 100
TICK = 0.5  # seconds between two bytes of an attacker
TICKS = 3
SERVER_PATIENCE_MS = 120_000  # nobody is sent away meanwhile


def raise_descriptors(needed: int) -> bool:
    """Whether this process, and those that it starts, may have so many descriptors each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    return needed <= hard


def attack(port: int, kind: str, pipe, other_end) -> None:
    """The attackers' process: says when all are there, attacks until told to stop, says how many the
    server holds by then."""
    other_end.close()
    with attackers.Attack(port, {kind: ATTACKERS}, TICK) as siege:
        pipe.send("all are there")
        pipe.recv()
        siege.stops = True
        siege.thread.join()
        pipe.send(sum(not one.is_over for one in siege.attackers))


class Slowloris(unittest.TestCase):
    def setUp(self):
        if not raise_descriptors(ATTACKERS + 500):
            self.skipTest(f"a process may not have the descriptors for {ATTACKERS} connections")
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "small").write_bytes(b"small")
        with (self.folder / "large").open("wb") as large:
            large.truncate(attackers.LARGE)

    def ask_honestly(self, port: int) -> list[float]:
        """Asks at least so often, and while each attacker goes on a few times."""
        asked = itertools.count()
        end = time.monotonic() + TICKS * TICK
        return attackers.honest_times(
            port, lambda: next(asked) >= HONEST and time.monotonic() > end, patience=PATIENCE)

    def besiege(self, engine: str, kind: str):
        with Program("conformance_besieged", engine, self.folder, SERVER_PATIENCE_MS) as server:
            port = int(server.stdout.readline())
            here, there = multiprocessing.Pipe()
            other = multiprocessing.Process(target=attack, args=(port, kind, there, here))
            other.start()
            there.close()
            try:
                self.assertTrue(here.poll(PATIENCE), "the attackers do not get in")
                here.recv()
                self.ask_honestly(port)
                here.send("stop")
                self.assertTrue(here.poll(PATIENCE), "the attackers do not answer")
                self.assertEqual(here.recv(), ATTACKERS)
            finally:
                here.close()
                other.terminate()
                other.join()
            server.interrupt()
            self.assertEqual(server.wait(), 0)

    def test_heads_to_fibers(self):
        self.besiege("Fiber", "slow head")

    def test_bodies_to_fibers(self):
        self.besiege("Fiber", "slow body")

    def test_answers_of_fibers(self):
        self.besiege("Fiber", "slow reader")

    def test_heads_to_a_pool(self):
        self.besiege("Pool", "slow head")

    def test_bodies_to_a_pool(self):
        self.besiege("Pool", "slow body")

    def test_answers_of_a_pool(self):
        self.besiege("Pool", "slow reader")


if __name__ == "__main__":
    unittest.main()
