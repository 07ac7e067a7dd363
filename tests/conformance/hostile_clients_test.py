"""Two hundred clients that hold their connections for nothing: each is sent away as docs/security.md
says, and meanwhile whoever asks for something is served."""

import re
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import attackers  # noqa: E402
from program import Program, wait_until  # noqa: E402

EACH = 25
PATIENCE_MS = 1000


def open_sockets(pid: int) -> int:
    """How many sockets a process holds, those that it listens on included."""
    count = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += str(entry.readlink()).startswith("socket:")
        except FileNotFoundError:
            pass  # closed meanwhile
    return count


class HostileClients(unittest.TestCase):
    def besiege(self, engine: str, kinds=attackers.KINDS, each=EACH, min_rate=0):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "small").write_bytes(b"small")
            with Path(folder, "large").open("wb") as large:
                large.truncate(attackers.LARGE)
            with Program("conformance_besieged", engine, folder, PATIENCE_MS, min_rate) as server:
                port = int(server.stdout.readline())
                before = open_sockets(server.process.pid)
                with attackers.Attack(port, dict.fromkeys(kinds, each)) as attack:
                    times = attackers.honest_times(port, attack.all_over.is_set)
                    wait_until(lambda: open_sockets(server.process.pid) == before,
                               "the server to be rid of all its clients")
                    self.check(attack, kinds, each)
                self.assertGreater(len(times), 10)
                server.interrupt()
                self.assertEqual(server.wait(), 0)

    def check(self, attack: attackers.Attack, kinds, each: int):
        outcomes = {kind: Counter() for kind in kinds}
        for one in attack.attackers:
            if one.behaviour.reads:
                statuses = re.findall(rb"^HTTP/1.1 (\d+)", one.received, re.MULTILINE)
                outcomes[one.kind][b" ".join(statuses).decode() or "nothing"] += 1
            elif one.behaviour.sips:
                # The server is rid of it, and the kernel cannot hold what it has not read.
                outcomes[one.kind]["cut short"] += 1
            else:
                size = one.read_to_end()
                outcomes[one.kind]["whole" if size > attackers.LARGE else "cut short"] += 1
        expected = {
            "silent from the start": "nothing",
            "empty line, then silent": "nothing",
            "half a head, then silent": "408",
            "trickles a head": "408",
            "half a body, then silent": "408",
            "trickles a body, then silent": "408",
            "never reads": "cut short",
            "silent after an answer": "200",
            "slow head": "408",
            "slow body": "408",
            "slow reader": "cut short",
        }
        self.assertEqual(outcomes, {kind: Counter({expected[kind]: each}) for kind in kinds})

    def test_threads(self):
        self.besiege("Threading")

    def test_fibers(self):
        self.besiege("Fiber")

    def test_pool(self):
        self.besiege("Pool", each=5)

    def test_slow_for_ever(self):
        for engine in ("Threading", "Pool", "Fiber"):
            with self.subTest(engine):
                self.besiege(engine, attackers.SLOW, each=4, min_rate=100_000)


if __name__ == "__main__":
    unittest.main()
