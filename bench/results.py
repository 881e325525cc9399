"""Figures with their spread, as a table and as a picture."""

import os
import platform
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile


@dataclass
class Figure:
    """One figure, measured some times: its median, and from where to where it went."""

    values: list[float]
    unit: str = ""

    def __str__(self) -> str:
        if not self.values:
            return "not measured"
        spread = f" ({_short(min(self.values))}–{_short(max(self.values))})" if len(self.values) > 1 else ""
        return f"{_short(self.middle)}{self.unit}{spread}"

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)


@dataclass
class Row:
    """What was measured, what is wanted of it, and what else was measured beside it."""

    what: str
    wanted: str
    ours: Figure
    beside: dict[str, Figure] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        beside = "; ".join(f"{name} {figure}" for name, figure in self.beside.items())
        return f"| {self.what} | {self.wanted} | **{self.ours}** | {beside or '–'} | {self.note} |"


HEAD = "| what | wanted | smsgate | beside it, in the same run | |\n| --- | --- | --: | --- | --- |"


def ratio(one: Figure, other: Figure) -> str:
    """The one as a part of the other, run by run."""
    parts = [a / b for a, b in zip(one.values, other.values, strict=True)]
    return f"{median(parts):.0%} of the floor ({min(parts):.0%}–{max(parts):.0%})"


def machine() -> str:
    """What it ran on."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, fdatasync {_sync_ms():.2f} ms"
    )


def _sync_ms() -> float:
    """What a commit waits for: the median of a hundred, as disks of others' machines are shared too."""
    with NamedTemporaryFile(prefix="smsgate-bench-") as file:
        took = []
        for _ in range(100):
            file.write(b"\0" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return median(took)


COLOURS = ("#1f6f8b", "#b3541e", "#4a7c3a", "#6b4c9a")


def curves(title: str, sizes: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """How figures grow with the town, as SVG: each as a part of what it is in the smallest, 1 being no change."""
    left, top, width, height = 60, 50, 520, 240
    highest = max(2.0, *(value for values in lines.values() for value in values))
    across = [left + width * number / max(len(sizes) - 1, 1) for number in range(len(sizes))]

    def y(value: float) -> float:
        return top + height * (1 - value / highest)

    drawn = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 340" font-family="sans-serif" font-size="13">',
        f"<title>{title}</title>",
        '<rect width="760" height="340" fill="#fff"/>',
        f'<text x="{left}" y="26" font-size="16">{title}</text>',
    ]
    step = 0.5 if highest <= 3 else round(highest / 5)
    mark = 0.0
    while mark <= highest:
        line = "#888" if mark == 1 else "#ddd"
        drawn.append(f'<path d="M{left} {y(mark):.0f}H{left + width}" stroke="{line}"/>')
        drawn.append(f'<text x="{left - 8}" y="{y(mark) + 4:.0f}" text-anchor="end">{_short(mark)}</text>')
        mark += step
    for at, size in zip(across, sizes, strict=True):
        drawn.append(f'<text x="{at:.0f}" y="{top + height + 20}" text-anchor="middle">{size:,} people</text>')
    for number, (name, values) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{at:.0f},{y(value):.1f}" for at, value in zip(across, values, strict=True))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        drawn += [
            f'<circle cx="{at:.0f}" cy="{y(value):.1f}" r="4" fill="{colour}"/>'
            for at, value in zip(across, values, strict=True)
        ]
        drawn.append(f'<text x="{left + width + 14}" y="{top + 20 + 22 * number}" fill="{colour}">{name}</text>')
    return "\n".join([*drawn, "</svg>", ""])


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
