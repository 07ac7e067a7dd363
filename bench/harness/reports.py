"""A report: the Markdown of every workload, and a chart beside each table."""

from pathlib import Path
from statistics import median

from harness import charts
from harness.tables import Rounds, column, floor_ratios, table, versions
from harness.workloads import Kind, Workload

# Of each kind of workload, what its chart shows: a key of the results, its unit, by the floor's.
CHARTED = {Kind.REQUESTS: ("cpu_us_per_request", "processor time per request, × floor", True),
           Kind.MEMORY: ("bytes_per_connection", "bytes per connection", False),
           Kind.START: ("ready_ms", "ms to the first answer", False)}


def chart(workload: Workload, rounds: Rounds) -> str | None:
    """None when nothing was measured."""
    key, unit, by_floor = CHARTED[workload.kind]
    bars = []
    for name, results in rounds.items():
        values = floor_ratios(rounds, name, key) if by_floor else column(results, key)
        values = [value for value in values if value == value]  # without NaN
        if values:
            bars.append(charts.Bar(name.replace("`", ""), min(values), median(values), max(values),
                                   name.startswith("socketserver")))
    return charts.bars(workload.title.replace("`", ""), unit, bars) if bars else None


class Report:
    """Prints what it is told, and with a folder writes it to report.md there, with the charts."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "report.md").write_text("")

    def say(self, text: str) -> None:
        print(text, flush=True)
        self.write(text)

    def write(self, text: str) -> None:
        if self.folder:
            with (self.folder / "report.md").open("a") as file:
                file.write(text + "\n")

    def add(self, name: str, workload: Workload, rounds: Rounds, missing: list[str]) -> None:
        """The section of a workload."""
        self.say(f"\n### {name}\n\n{workload.title}.\n")
        self.say("\n".join(table(workload, rounds)))
        if known := versions(rounds):
            self.say(f"\nVersions: {', '.join(sorted(known))}.")
        if missing:
            self.say(f"\nLeft out: {'; '.join(missing)}.")
        if self.folder and (picture := chart(workload, rounds)):
            (self.folder / f"{name}.svg").write_text(picture)
            self.write(f"\n![{workload.title}]({name}.svg)")
