"""scripts/bench: what it says of the aims."""

import math
import unittest

from bench_support import WORKLOADS
from harness.aims import AIMS, Aim, Figure, aims_section
from harness.peers import PEERS

GO, POCO = PEERS["go"].name, PEERS["poco"].name


def costs(*values: float | None) -> list[dict | None]:
    return [None if value is None else {"cpu_us_per_request": value, "p99_us": 10 * value}
            for value in values]


class Values(unittest.TestCase):
    def values(self, figure: Figure, rounds: dict, peers: tuple[str, ...] = ()) -> list[float]:
        return Aim("echo", "fiber", figure, 1, peers).values(rounds)

    def test_the_floor_is_that_of_the_same_round(self):
        rounds = {"floor": costs(4, 8, 4), "socketserver, fiber": costs(4, 16, None)}
        self.assertEqual(self.values(Figure.FLOOR, rounds), [1, 2])
        self.assertEqual(self.values(Figure.P99, rounds), [1, 2])

    def test_the_cheapest_peer_of_each_round_counts(self):
        rounds = {"floor": costs(1, 1, 1), "socketserver, fiber": costs(6, 6, 6), GO: costs(3, 6, None),
                  POCO: costs(6, 2, 3)}
        self.assertEqual(self.values(Figure.PEERS, rounds, ("go", "poco")), [2, 3])

    def test_a_peer_that_took_no_part_is_not_compared_with(self):
        rounds = {"floor": costs(1), "socketserver, fiber": costs(6), POCO: costs(3)}
        self.assertEqual(self.values(Figure.PEERS, rounds, ("go", "poco")), [2])
        self.assertEqual(self.values(Figure.PEERS, rounds, ("go",)), [])

    def test_calls_are_the_inverse_of_costs(self):
        rounds = {"floor": costs(1), "socketserver, fiber": costs(2), GO: costs(20)}
        self.assertEqual(self.values(Figure.CALLS, rounds, ("go",)), [10])

    def test_bytes(self):
        rounds = {"floor": [], "socketserver, fiber": [{"bytes_per_connection": 225.5}, None]}
        self.assertEqual(self.values(Figure.BYTES, rounds), [225.5])

    def test_nobody_is_judged_who_was_not_measured(self):
        self.assertEqual(self.values(Figure.FLOOR, {"floor": costs(1)}), [])
        self.assertEqual(self.values(Figure.FLOOR, {"floor": costs(1), "socketserver, fiber": costs(None)}), [])
        self.assertEqual(aims_section({"echo": {"floor": costs(1)}}), "")

    def test_a_bound_is_met_by_what_equals_it(self):
        self.assertTrue(Aim("echo", "fiber", Figure.FLOOR, 1.05).holds([math.inf, 1.05, 1]))
        self.assertFalse(Aim("echo", "fiber", Figure.FLOOR, 1.05).holds([1.06]))
        self.assertTrue(Aim("echo", "fiber", Figure.CALLS, 10).holds([10]))
        self.assertFalse(Aim("echo", "fiber", Figure.CALLS, 10).holds([9.9]))


class Section(unittest.TestCase):
    def test_what_holds_and_what_does_not_and_why(self):
        text = aims_section({"echo": {
            "floor": costs(4, 4), "socketserver, fiber": costs(4, 4.4),
            "socketserver, thread": costs(8, 8)}})
        self.assertIn("2 of 3 hold, by the medians.", text)
        self.assertIn("| `echo` | fibers | processor time × floor | ≤ 1.05 | 1.05 (1.00–1.10) | yes |", text)
        self.assertIn("| `echo` | threads | processor time × floor | ≤ 1.4 | 2.00 (2.00–2.00) | **no** |", text)
        self.assertIn("- `echo`, threads, processor time × floor: each request wakes a thread", text)

    def test_each_aim_speaks_of_what_is_measured(self):
        for aim in AIMS:
            with self.subTest(workload=aim.workload, figure=aim.figure):
                workload = WORKLOADS[aim.workload]
                self.assertIn(aim.engine, workload.engines)
                self.assertLessEqual(set(aim.peers), set(workload.peers))
                self.assertEqual(bool(aim.peers), aim.figure in (Figure.PEERS, Figure.CALLS))


if __name__ == "__main__":
    unittest.main()
