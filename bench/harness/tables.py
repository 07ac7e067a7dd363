"""The figures of rounds as Markdown."""

import math
from statistics import median

from harness.peers import PEERS
from harness.runs import FLOOR
from harness.workloads import Kind, Workload

Rounds = dict[str, list[dict | None]]  # by contender, a result for each round; None where it failed


def ratios(values: list[float], floor: list[float]) -> list[float]:
    """Each round's value by the floor's of the same round, where both were measured."""
    return [value / base for value, base in zip(values, floor)
            if not math.isnan(value) and not math.isnan(base) and base > 0]


def column(results: list[dict | None], key: str) -> list[float]:
    """One figure of every round; NaN where there is none."""
    return [math.nan if result is None or result[key] is None else result[key]
            for result in results]


def floor_ratios(rounds: Rounds, name: str, key: str) -> list[float]:
    """A contender's figure by the floor's, round by round."""
    return ratios(column(rounds[name], key), column(rounds[FLOOR], key))


def with_range(values: list[float], digits: int) -> str:
    """ "median (smallest–largest)"; a dash when nothing was measured."""
    good = [value for value in values if not math.isnan(value)]
    if not good:
        return "–"
    middle, low, high = (f"{value:,.{digits}f}" for value in (median(good), min(good), max(good)))
    return middle if len(good) == 1 else f"{middle} ({low}–{high})"


def typical(values: list[float], digits: int) -> str:
    """The median; a dash when nothing was measured."""
    good = [value for value in values if not math.isnan(value)]
    return f"{median(good):,.{digits}f}" if good else "–"


def request_table(workload: Workload, rounds: Rounds) -> tuple[list[str], list[list[str]]]:
    rivals = [PEERS[name] for name in workload.rivals if PEERS[name].name in rounds]
    header = ["server", "CPU µs per request", "× floor", "requests/s", "p50 µs", "p99 µs",
              "p99.9 µs", "p99 × floor", *(f"per CPU-s × {peer.name}" for peer in rivals)]
    rows = []
    for name, results in rounds.items():
        cpu, p99 = column(results, "cpu_us_per_request"), column(results, "p99_us")
        rows.append([
            name,
            with_range(cpu, 2),
            typical(floor_ratios(rounds, name, "cpu_us_per_request"), 2),
            typical(column(results, "requests_per_second"), 0),
            typical(column(results, "p50_us"), 0),
            typical(p99, 0),
            typical(column(results, "p999_us"), 0),
            typical(floor_ratios(rounds, name, "p99_us"), 2),
            *(with_range(ratios(column(rounds[rival.name], "cpu_us_per_request"), cpu), 2)
              for rival in rivals),
        ])
    return header, rows


def memory_table(_: Workload, rounds: Rounds) -> tuple[list[str], list[list[str]]]:
    return (["server", "bytes per connection"],
            [[name, with_range(column(results, "bytes_per_connection"), 0)]
             for name, results in rounds.items()])


def start_table(_: Workload, rounds: Rounds) -> tuple[list[str], list[list[str]]]:
    return (["server", "ms to the first answer", "CPU ms", "resident KiB", "program KiB, stripped"],
            [[name, with_range(column(results, "ready_ms"), 1),
              with_range(column(results, "cpu_ms"), 1),
              typical([size / 1024 for size in column(results, "resident_bytes")], 0),
              typical([size / 1024 for size in column(results, "program_bytes")], 0)]
             for name, results in rounds.items()])


TABLES = {Kind.REQUESTS: request_table, Kind.MEMORY: memory_table, Kind.START: start_table}


def table(workload: Workload, rounds: Rounds) -> list[str]:
    """The lines of the Markdown table for what each contender did in each round."""
    header, rows = TABLES[workload.kind](workload, rounds)
    alignment = ["---"] + ["---:"] * (len(header) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (header, alignment, *rows)]


def versions(rounds: Rounds) -> set[str]:
    return {result["version"] for results in rounds.values() for result in results
            if result and result["version"]}
