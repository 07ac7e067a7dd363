"""Charts as SVG that stand alone: no fonts, scripts or styles from elsewhere, light and dark."""

from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH = 720
LABELS = 220   # what names take, left of the bars
VALUES = 60    # and values, right of them
ROW = 24
HEAD = 44
PLOT = 110     # height of one line plot
MARGIN = 64    # left of a line plot, for its scale

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.small { font-size: 11px; fill: #59636e }
.ours { fill: #0969da } .other { fill: #9aa4af } .range { stroke: #1f2328 }
.line { fill: none; stroke: #0969da; stroke-width: 1.5 } .grid { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 } .ours { fill: #4493f8 } .other { fill: #656c76 }
  .range { stroke: #f0f6fc } .line { stroke: #4493f8 } .grid { stroke: #3d444d }
}
"""


@dataclass(frozen=True)
class Bar:
    label: str
    low: float
    middle: float
    high: float
    is_ours: bool


@dataclass(frozen=True)
class Line:
    """A quantity over time, as (seconds, value)."""
    title: str
    points: list[tuple[float, float]]


def document(height: int, body: list[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}">\n<style>{STYLE}</style>\n'
            + "\n".join(body) + "\n</svg>\n")


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def bars(title: str, unit: str, rows: list[Bar]) -> str:
    """A bar from 0 to each median, with a line from the smallest to the largest figure."""
    scale = (WIDTH - LABELS - VALUES) / max(row.high for row in rows)
    body = [text(0, 16, title, "title"), text(0, 33, unit, "small")]
    for number, row in enumerate(rows):
        top = HEAD + number * ROW
        middle = top + ROW / 2
        color = "ours" if row.is_ours else "other"
        body += [
            text(LABELS - 8, middle + 4, row.label, anchor="end"),
            f'<rect class="{color}" x="{LABELS}" y="{top + 4}" height="{ROW - 8}" '
            f'width="{row.middle * scale:.1f}"/>',
            f'<line class="range" x1="{LABELS + row.low * scale:.1f}" y1="{middle}" '
            f'x2="{LABELS + row.high * scale:.1f}" y2="{middle}"/>',
            text(LABELS + row.high * scale + 6, middle + 4, f"{row.middle:,.3g}"
                 if row.middle < 1000 else f"{row.middle:,.0f}")]
    return document(HEAD + ROW * len(rows) + 8, body)


def round_up(value: float) -> float:
    """The next number of one digit and zeros: where a scale may end."""
    if value <= 0:
        return 1
    power = 10 ** (ceil(log10(value)) - 1)
    return ceil(value / power) * power


def lines(title: str, plots: list[Line]) -> str:
    """Plots over the same time, one above the other, each from 0."""
    body = [text(0, 16, title, "title")]
    end = max(seconds for plot in plots for seconds, _ in plot.points)
    wide = (WIDTH - MARGIN - 12) / end
    for number, plot in enumerate(plots):
        top = HEAD + number * (PLOT + 36)
        bottom = top + PLOT
        most = round_up(max(value for _, value in plot.points))
        places = " ".join(f"{MARGIN + seconds * wide:.1f},{bottom - value / most * PLOT:.1f}"
                          for seconds, value in plot.points)
        body += [text(MARGIN, top - 6, plot.title, "small")]
        for value, y in ((most, top), (0, bottom)):
            body += [f'<line class="grid" x1="{MARGIN}" y1="{y}" x2="{WIDTH - 12}" y2="{y}"/>',
                     text(MARGIN - 6, y + 4, f"{value:,.0f}", "small", "end")]
        body += [f'<polyline class="line" points="{places}"/>']
    last = HEAD + len(plots) * (PLOT + 36) - 14
    body += [text(WIDTH - 12, last, f"{end:,.0f} s", "small", "end")]
    return document(last + 12, body)
